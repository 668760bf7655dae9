import * as z from 'zod';
import { onColdStart } from './assembly/cold-start.ts';
import { partsFor } from './assembly/parts.ts';
import { admitTo, allow } from './http/caller.ts';
import { httpChain } from './http/chain.ts';
import type { RouteContract } from './http/contract.ts';
import { createCursors, type Cursors } from './http/cursor.ts';
import { parseInput } from './http/input.ts';
import { limitUpTo } from './http/limit.ts';
import { FURTHEST_ZONE_MS, periodOf, periodQuery } from './http/period-query.ts';
import { cancelledOrdersBody, connectionCancelledOrdersBody, type CancelledOrdersBody } from './http/reply-bodies.ts';
import type { ApiReply, ApiRequest } from './http/request.ts';
import { readPage } from './listing/cancelled-orders.ts';
import { placeSchema } from './listing/entry.ts';
import type { ListingNeeds } from './listing/open-sources.ts';
import { CANCELLED_ORDER_TYPES } from './providers/cancelled-order.ts';
import type { Connections } from './providers/connections.ts';
import type { InvocationLogger } from './runtime/logger.ts';

export interface ListCancelledOrdersNeeds {
  readonly connections: Pick<Connections, 'names' | 'get'>;
  readonly listing: ListingNeeds;
  readonly cursors: Cursors;
  readonly log: InvocationLogger;
}

/** How long providers are waited for. The reply has to get out within the 30 s of an HTTP API. */
const LONGEST_WAIT_MS = 15_000;
/** Kept back for the ledger and the reply. */
const RESERVE_MS = 4_000;

const pathSchema = z.object({ connection: z.optional(z.string()) });
const querySchema = z.strictObject({
  type: z.optional(z.enum(CANCELLED_ORDER_TYPES)),
  include: z.optional(z.literal('customer', { error: 'can only be customer' })),
  ...periodQuery,
  limit: limitUpTo(100).default(50),
  cursor: z.optional(z.string()),
});
/** Where a list goes on: its period too, because one that ends `now` must not move from page to page. */
const cursorSchema = z.object({ from: z.string(), to: z.string(), after: placeSchema });

/** The cancelled orders of one connection, or of all that the caller may see, by time of order, newest first. */
export async function listCancelledOrders(
  request: ApiRequest,
  needs: ListCancelledOrdersNeeds,
): Promise<ApiReply<CancelledOrdersBody>> {
  const { connection } = parseInput(pathSchema, request.params, 'path');
  const { caller } = request;
  if (connection !== undefined) {
    admitTo(connection, caller);
    needs.connections.get(connection);
  }
  const { limit, cursor, ...filters } = parseInput(querySchema, request.query, 'query');
  if (filters.include !== undefined) allow('personal-data', caller);
  const mine = needs.connections.names().filter((name) => caller.connections?.includes(name) ?? true);
  const connections = connection === undefined ? mine : [connection];

  const list = { request, filters, connections };
  const place = cursor === undefined ? null : await needs.cursors.open(cursor, list, cursorSchema);
  const period = place ?? asMeant(filters, periodOf(filters, needs.listing.clock.now() + FURTHEST_ZONE_MS));
  const { from, to } = period;
  const types = filters.type === undefined ? CANCELLED_ORDER_TYPES : [filters.type];
  const endsAt = needs.listing.clock.now() + Math.min(LONGEST_WAIT_MS, request.remainingMs() - RESERVE_MS);
  const page = await readPage(
    { connections, types, from, to, includeCustomer: filters.include === 'customer' },
    { after: place?.after ?? null, limit },
    needs.listing,
    () => endsAt - needs.listing.clock.now(),
  );
  const nextCursor = page.next && (await needs.cursors.seal({ from, to, after: page.next }, list));
  const source =
    connection === undefined ? { sources: { ...page.sources } } : { source: page.sources[connection] ?? null };
  return { status: 200, body: { orders: page.orders, nextCursor, ...source, incomplete: [...page.incomplete] } };
}

/** A bare date stays one: which span of time it is depends on the connection. */
function asMeant(
  { from, to }: { from?: string | undefined; to?: string | undefined },
  period: { from: string; to: string },
) {
  return { from: from ?? period.from, to: to ?? period.to };
}

export function contract(route: string): RouteContract {
  const ofOne = route.includes('{connection}');
  return {
    tag: 'Cancelled orders',
    summary: ofOne ? 'List the cancelled orders of a connection' : 'List the cancelled orders of all connections',
    ...(ofOne && { operationId: 'list-cancelled-orders-of-connection' }),
    description:
      'By time of order, newest first; the last 30 days where nothing is said. A bare date counts in the time zone of each connection. ' +
      'Where a provider has no list, the ledger’s is told. `include=customer` shows personal data, to a token with the scope `personal-data`.',
    ...(ofOne && { path: z.object({ connection: z.string() }) }),
    query: querySchema,
    replies: {
      200: {
        description: 'A page. What could not be read is named beside what could.',
        body: ofOne ? connectionCancelledOrdersBody : cancelledOrdersBody,
      },
    },
    problems: ofOne ? ['unknown-connection'] : [],
  };
}

export function newHandler(needs: ListCancelledOrdersNeeds) {
  return httpChain({ access: 'read', log: needs.log, handle: (request) => listCancelledOrders(request, needs) });
}

export const handler = onColdStart(() => {
  const { connections, listing, keys, log } = partsFor('list-cancelled-orders');
  const cursors = createCursors(keys());
  return newHandler({ connections: connections(), listing: listing(), cursors, log: log() });
});
