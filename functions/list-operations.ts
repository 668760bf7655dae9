import * as z from 'zod';
import { onColdStart } from './assembly/cold-start.ts';
import { partsFor } from './assembly/parts.ts';
import { httpChain } from './http/chain.ts';
import type { RouteContract } from './http/contract.ts';
import { createCursors, invalidCursor, type Cursors } from './http/cursor.ts';
import { parseInput } from './http/input.ts';
import { limitUpTo } from './http/limit.ts';
import { connectionsToRead, operationQuery, operationsQuery, periodOfOperations } from './http/operation-query.ts';
import { operationsBody, type OperationsBody } from './http/reply-bodies.ts';
import type { ApiReply, ApiRequest } from './http/request.ts';
import { operationsPlaceSchema, PlaceNotOfList, readOperations } from './listing/operations.ts';
import { unreadableIn } from './operations/ledger/errors.ts';
import type { Ledger } from './operations/ledger/ledger.ts';
import { viewOf } from './operations/rules/view-of.ts';
import type { Connections } from './providers/connections.ts';
import type { Clock } from './runtime/clock.ts';
import type { InvocationLogger } from './runtime/logger.ts';

export interface ListOperationsNeeds {
  readonly connections: Pick<Connections, 'get' | 'names'>;
  readonly ledger: Pick<Ledger, 'list' | 'listOpen' | 'listOfOrderId'>;
  readonly cursors: Cursors;
  readonly clock: Clock;
  readonly log: InvocationLogger;
}

const querySchema = z.strictObject({
  ...operationQuery,
  limit: limitUpTo(100).default(50),
  cursor: z.optional(z.string()),
});

/** The place where a list continues, with its period: a period that ends now must not move from page to page. */
const placeSchema = z.object({
  from: z.optional(z.iso.datetime()),
  to: z.optional(z.iso.datetime()),
  after: operationsPlaceSchema,
});

/** Lists operations of the connections that the caller may see, newest first. */
export async function listOperations(
  request: ApiRequest,
  needs: ListOperationsNeeds,
): Promise<ApiReply<OperationsBody>> {
  const { limit, cursor, ...query } = parseInput(querySchema, request.query, 'query');
  const connections = connectionsToRead(query, request.caller, needs.connections);
  if (connections?.length === 0) return { status: 200, body: { operations: [], unreadable: 0, nextCursor: null } };

  const list = { request, filters: query, connections };
  const place = cursor === undefined ? null : await needs.cursors.open(cursor, list, placeSchema);
  const { from, to } = place ?? periodOfOperations(query, needs.clock.now());
  const wanted = operationsQuery(query, connections, { from, to });
  const names = () => needs.connections.names();
  const page = await readOperations(
    wanted,
    { limit, after: place?.after ?? null },
    { ledger: needs.ledger, names },
  ).catch((error: unknown) => {
    throw error instanceof PlaceNotOfList ? invalidCursor() : error;
  });
  const next = page.nextCursor && { from, to, after: page.nextCursor };
  const nextCursor = next && (await needs.cursors.seal(next, list));
  if (page.unreadable.length > 0) needs.log.error('OPERATIONS_UNREADABLE', unreadableIn(page.unreadable));
  const { length: unreadable } = page.unreadable;
  return { status: 200, body: { operations: page.operations.map(viewOf), unreadable, nextCursor } };
}

export function contract(): RouteContract {
  return {
    tag: 'Operations',
    summary: 'The ledger, newest first',
    description:
      'Operations of every connection that the token may use. Without `from` and `to`: the last 30 days or, with `orderId` or only open ' +
      'outcomes, any age. A page may have fewer rows than `limit` and still have a `nextCursor`.',
    query: querySchema,
    replies: { 200: { description: 'A page of operations.', body: operationsBody } },
    problems: ['unknown-connection'],
  };
}

export function newHandler(needs: ListOperationsNeeds) {
  return httpChain({ access: 'read', log: needs.log, handle: (request) => listOperations(request, needs) });
}

export const handler = onColdStart(() => {
  const { connections, ledger, keys, clock, log } = partsFor('list-operations');
  const cursors = createCursors(keys());
  return newHandler({ connections: connections(), ledger: ledger(), cursors, clock, log: log() });
});
