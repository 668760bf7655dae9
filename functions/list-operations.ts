import * as z from 'zod';
import { onColdStart } from './assembly/cold-start.ts';
import { partsFor } from './assembly/parts.ts';
import { admitTo } from './http/caller.ts';
import { httpChain } from './http/chain.ts';
import type { RouteContract } from './http/contract.ts';
import { createCursors, invalidCursor, type Cursors } from './http/cursor.ts';
import { parseInput } from './http/input.ts';
import { limitUpTo } from './http/limit.ts';
import { periodOf, periodQuery } from './http/period-query.ts';
import { operationsBody, type OperationsBody } from './http/reply-bodies.ts';
import type { ApiReply, ApiRequest } from './http/request.ts';
import { unreadableIn } from './operations/ledger/errors.ts';
import type { Ledger } from './operations/ledger/ledger.ts';
import { listCursorSchema, type ListQuery } from './operations/ledger/by-day.ts';
import { OUTCOMES } from './operations/rules/operation.ts';
import { viewOf } from './operations/rules/view-of.ts';
import type { Connections } from './providers/connections.ts';
import type { Clock } from './runtime/clock.ts';
import type { InvocationLogger } from './runtime/logger.ts';

export interface ListOperationsNeeds {
  readonly connections: Pick<Connections, 'get'>;
  readonly ledger: Pick<Ledger, 'list'>;
  readonly cursors: Cursors;
  readonly clock: Clock;
  readonly log: InvocationLogger;
}

const querySchema = z.strictObject({
  outcome: z.optional(z.enum(OUTCOMES)),
  connection: z.optional(z.string()),
  ...periodQuery,
  limit: limitUpTo(100).default(50),
  cursor: z.optional(z.string()),
});

/** Where a list goes on: its period too, because one that ends `now` must not move from page to page. */
const placeSchema = z.object({ from: z.iso.datetime(), to: z.iso.datetime(), after: listCursorSchema });

/** The ledger by time of request, newest first. */
export async function listOperations(
  request: ApiRequest,
  needs: ListOperationsNeeds,
): Promise<ApiReply<OperationsBody>> {
  const { limit, cursor, ...filters } = parseInput(querySchema, request.query, 'query');
  const { caller } = request;
  if (filters.connection !== undefined) {
    admitTo(filters.connection, caller);
    needs.connections.get(filters.connection);
  }
  const connections = filters.connection === undefined ? caller.connections : [filters.connection];
  if (connections?.length === 0) return { status: 200, body: { operations: [], unreadable: 0, nextCursor: null } };

  const list = { request, filters, connections };
  const place = cursor === undefined ? null : await needs.cursors.open(cursor, list, placeSchema);
  const { from, to } = place ?? periodOf(filters, needs.clock.now());
  const page = await pageOf(needs.ledger, {
    from,
    to,
    limit,
    ...(filters.outcome && { outcome: filters.outcome }),
    ...(connections && { connections }),
    ...(place && { cursor: place.after }),
  });
  const next = page.nextCursor && { from, to, after: page.nextCursor };
  const nextCursor = next && (await needs.cursors.seal(next, list));
  if (page.unreadable.length > 0) needs.log.error('OPERATIONS_UNREADABLE', unreadableIn(page.unreadable));
  const { length: unreadable } = page.unreadable;
  return { status: 200, body: { operations: page.operations.map(viewOf), unreadable, nextCursor } };
}

/** DynamoDB itself refuses to go on from a place that is not of its index, as after a restored table. */
async function pageOf(ledger: ListOperationsNeeds['ledger'], query: ListQuery) {
  try {
    return await ledger.list(query);
  } catch (error) {
    const isRefused = error instanceof Error && error.name === 'ValidationException';
    throw query.cursor !== undefined && isRefused ? invalidCursor() : error;
  }
}

export function contract(): RouteContract {
  return {
    tag: 'Operations',
    summary: 'The ledger, newest first',
    description:
      'The last 30 days where nothing is said. A page may hold fewer rows than `limit` and still have a `nextCursor`.',
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
