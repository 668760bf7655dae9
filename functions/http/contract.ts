import type * as z from 'zod';
import type { ProblemSlug } from './problem-types.ts';

/**
 * What a route takes and answers, in the very schemas that its function parses with and that its replies' types are inferred
 * from. The OpenAPI document is made of these and of the table in `infra/functions.ts`, which has the path and the scope.
 * A function exports its contract beside its handler; the bundle leaves it out.
 */
export interface RouteContract {
  readonly tag: Tag;
  /** One line, as in a table of contents. */
  readonly summary: string;
  /** Tells apart the routes of a function that has several. The function's name where it is left out. */
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
   * The problems that this function itself answers with. Those that the chain answers with (no token, no scope, a body that is
   * no JSON, invalid input, something broken) are added for every route that can meet them.
   */
  readonly problems: readonly ProblemSlug[] | typeof OWN_ERRORS;
}

/** The route speaks a provider's dialect: its `replies` are all that there are, errors too. */
export const OWN_ERRORS = 'own errors';

/** How the document groups routes. */
export const TAGS = {
  Orders: 'Cancel an order, and see what became of it.',
  'Cancelled orders': 'List what is cancelled, make it active again, delete it for good.',
  Operations: 'What was asked, as the ledger has it.',
  Webhooks: 'What other systems send. They prove themselves by a secret, and carry no access token.',
  Setup: 'Connections and providers.',
  'Drop-in': 'The providers’ own endpoints, in their own dialect, with all of the above behind them.',
  Events: 'What the event bus tells, for those who listen to it.',
  Service: 'About the API itself.',
} as const;
export type Tag = keyof typeof TAGS;

export interface ReplyContract {
  readonly description: string;
  readonly headers?: z.ZodObject;
  /** The media types that the body may have, if not `application/json`. */
  readonly mediaTypes?: readonly string[];
  /** null: empty. */
  readonly body: z.ZodType | null;
}
