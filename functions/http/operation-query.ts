import * as z from 'zod';
import type { OperationsQuery } from '../listing/operations.ts';
import { CANCEL_REASONS, OPERATION_KINDS, OUTCOMES, TRIGGERS, type Outcome } from '../operations/rules/operation.ts';
import { admitTo, type Caller } from './caller.ts';
import { periodOf, periodQuery } from './period-query.ts';

/** The outcomes of operations that are not final. */
const OPEN: readonly Outcome[] = ['pending', 'unknown', 'needs_attention'];
const WORDS = [...OUTCOMES, 'open'] as const;

/** API Gateway joins a field that is repeated in a query with commas. */
const outcome = z
  .string()
  .refine((text) => text.split(',').every(isWord), { error: `must be one or more of ${WORDS.join(', ')}` })
  .transform((text) => {
    const words = text.split(',').filter(isWord);
    const outcomes = [...new Set(words.flatMap((word) => (word === 'open' ? OPEN : [word])))];
    return { outcomes, isOpen: outcomes.every((one) => OPEN.includes(one)) };
  });

function isWord(text: string): text is (typeof WORDS)[number] {
  return WORDS.some((word) => word === text);
}

/** The query fields that say which operations are meant. */
export const operationQuery = {
  orderId: z.optional(
    z.string().min(1).max(200).meta({ description: "The provider's id of the order, at whichever connection." }),
  ),
  outcome: z.optional(
    outcome.meta({
      description: 'One or more of them: repeat the field, or put commas between. `open`: all that are not final.',
      override: { type: 'array', items: { type: 'string', enum: [...WORDS] } },
    }),
  ),
  kind: z.optional(z.enum(OPERATION_KINDS)),
  reason: z.optional(z.enum(CANCEL_REASONS)),
  actor: z.optional(z.string().meta({ description: 'Exactly as the operation shows it.' })),
  trigger: z.optional(z.enum(TRIGGERS)),
  connection: z.optional(z.string()),
  ...periodQuery,
};
export type OperationQuery = {
  -readonly [Field in keyof typeof operationQuery]?: z.output<(typeof operationQuery)[Field]>;
};

/** The query as the list of operations takes it. `connections`: those that the caller may see; null: all. */
export function operationsQuery(
  { orderId, outcome: wanted, kind, reason, actor, trigger }: OperationQuery,
  connections: readonly string[] | null,
  { from, to }: { from?: string | undefined; to?: string | undefined },
): OperationsQuery {
  return {
    filters: { outcomes: wanted?.outcomes, kind, reason, actor, trigger },
    orderId,
    isOpenOnly: wanted?.isOpen === true,
    connections,
    from,
    to,
  };
}

/**
 * The query's period, in RFC 3339 UTC: an order's operations and open ones are of any age if the query names no end. Throws
 * `InvalidInput` as `periodOf`.
 */
export function periodOfOperations(query: OperationQuery, now: number): { from?: string; to?: string } {
  const isOfAnyAge = query.orderId !== undefined || query.outcome?.isOpen === true;
  return isOfAnyAge && query.from === undefined && query.to === undefined ? {} : periodOf(query, now);
}

/**
 * Returns the connections that a list reads: the one that the query names, otherwise those of the caller; null: all. Throws `AccessDenied`
 * or what `declared` throws for a connection that is not declared.
 */
export function connectionsToRead(
  { connection }: OperationQuery,
  caller: Caller,
  declared: { get: (name: string) => unknown },
): readonly string[] | null {
  if (connection === undefined) return caller.connections;
  admitTo(connection, caller);
  declared.get(connection);
  return [connection];
}
