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

/** How long the list waits for providers. The reply must be sent within the 30 s of an HTTP API. */
const LONGEST_WAIT_MS = 15_000;
/** Time kept back for the ledger and the reply. */
const RESERVE_MS = 4_000;

const pathSchema = z.object({ connection: z.optional(z.string()) });
const querySchema = z.strictObject({
  type: z.optional(z.enum(CANCELLED_ORDER_TYPES)),
  include: z.optional(z.literal('customer', { error: 'can only be customer' })),
  ...periodQuery,
  limit: limitUpTo(100).default(50),
  cursor: z.optional(z.string()),
});
/** The place where a list continues, with its period: a period that ends now must not move from page to page. */
const cursorSchema = z.object({ from: z.string(), to: z.string(), after: placeSchema });

/** Lists the cancelled orders of one connection, or of all that the caller may see, by time of order, newest first. */
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

/** Keeps a bare date as it is: the span of time that it means depends on the connection. */
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
      'By time of order, newest first. Without `from` and `to`: the last 30 days. A bare date counts in the time zone of each connection. ' +
      'If a provider has no list, the ledger’s is shown. `include=customer` shows personal data to a token with the scope `personal-data`.',
    ...(ofOne && { path: z.object({ connection: z.string() }) }),
    query: querySchema,
    replies: {
      200: {
        description: 'A page of orders. `incomplete` names the connections that could not be read in full.',
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
