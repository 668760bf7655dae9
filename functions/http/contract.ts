import type * as z from 'zod';
import type { ProblemSlug } from './problem-types.ts';

/**
 * What a route takes and answers, in the same schemas that its function parses with and that its replies' types are inferred from.
 * The OpenAPI document is made from these contracts and from the table in `infra/functions.ts`, which has the path and the scope. A
 * function exports its contract beside its handler; the bundle leaves it out.
 */
export interface RouteContract {
  readonly tag: Tag;
  /** One line for the table of contents. */
  readonly summary: string;
  /** Tells apart the routes of a function that has several. Default: the function's name. */
  readonly operationId?: string;
  /** Markdown. */
  readonly description?: string;
  readonly path?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly headers?: z.ZodObject;
  readonly body?: z.ZodType;
  /** By status. */
  readonly replies: Readonly<Record<number, ReplyContract>>;
  /**
   * The problems that this function itself answers with. The chain's own (no token, no scope, a body that is not JSON, invalid
   * input, an internal error) are added to every route that can meet them.
   */
  readonly problems: readonly ProblemSlug[] | typeof OWN_ERRORS;
}

/** The route speaks a provider's dialect: `replies` lists all its replies, errors included. */
export const OWN_ERRORS = 'own errors';

/** How the document groups routes. */
export const TAGS = {
  Orders: 'Cancel an order, and see what became of it.',
  'Cancelled orders': 'List cancelled orders, make one active again, delete one for good.',
  Operations: 'The operations in the ledger: each is one ask to change one order.',
  Webhooks: 'Requests from other systems. They prove their sender with a secret and carry no access token.',
  Setup: 'Connections and providers.',
  'Drop-in':
    'The providers’ own endpoints, in their own dialect. Behind them are the same operations and the same ledger.',
  Events: 'The events that Countermand publishes to its event bus.',
  Service: 'About the API itself.',
} as const;
export type Tag = keyof typeof TAGS;

export interface ReplyContract {
  readonly description: string;
  readonly headers?: z.ZodObject;
  /** Default: `application/json`. */
  readonly mediaType?: string;
  /** null: the body is empty. */
  readonly body: z.ZodType | null;
}
