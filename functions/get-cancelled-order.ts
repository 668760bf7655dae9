import * as z from 'zod';
import { onColdStart } from './assembly/cold-start.ts';
import { partsFor } from './assembly/parts.ts';
import { orderPath } from './http/ask-input.ts';
import { admitTo, allow } from './http/caller.ts';
import { httpChain } from './http/chain.ts';
import type { RouteContract } from './http/contract.ts';
import { etagOf } from './http/etag.ts';
import { parseInput } from './http/input.ts';
import { listedOrThrow } from './http/listed-order.ts';
import type { ApiReply, ApiRequest } from './http/request.ts';
import type { OperationNeeds, ReadNeeds } from './operations/needs.ts';
import { readOrder } from './operations/read-back.ts';
import type { Ledger } from './operations/ledger/ledger.ts';
import { orderAsShown } from './operations/rules/struck-order.ts';
import { cancelledOrderSchema, type CancelledOrder } from './providers/cancelled-order.ts';
import type { Connections } from './providers/connections.ts';
import type { InvocationLogger } from './runtime/logger.ts';

export interface GetCancelledOrderNeeds {
  readonly connections: Pick<Connections, 'checkOrderId'>;
  readonly reading: ReadNeeds & Pick<OperationNeeds, 'redact'> & { readonly ledger: Pick<Ledger, 'cancelTimes'> };
  readonly log: InvocationLogger;
}

const querySchema = z.strictObject({
  include: z.optional(z.literal('customer', { error: 'can only be customer' })),
});

/** Returns one cancelled order as its provider shows it now. The `ETag` names the version; a delete requires it. */
export async function getCancelledOrder(
  request: ApiRequest,
  needs: GetCancelledOrderNeeds,
): Promise<ApiReply<CancelledOrder>> {
  const { connection, orderId } = parseInput(orderPath, request.params, 'path');
  admitTo(connection, request.caller);
  needs.connections.checkOrderId(connection, orderId);
  const { include } = parseInput(querySchema, request.query, 'query');
  if (include !== undefined) allow('personal-data', request.caller);

  const { seen } = await readOrder({ connection, orderId }, needs.reading, request.remainingMs);
  const listed = listedOrThrow(seen, 'get');
  const { order, version } = listed;
  const times = order.cancelledAt === null ? await needs.reading.ledger.cancelTimes(connection, [orderId]) : null;
  const cancelledAt = order.cancelledAt ?? times?.get(orderId) ?? null;
  return {
    status: 200,
    headers: { etag: etagOf(version) },
    body: { ...orderAsShown(listed, include !== undefined, needs.reading.redact), cancelledAt },
  };
}

export function contract(): RouteContract {
  return {
    tag: 'Cancelled orders',
    summary: 'Show a cancelled order as its provider shows it now',
    description:
      'The order may be of any of the three types. `include=customer` shows personal data to a token with the scope `personal-data`.',
    path: orderPath,
    query: querySchema,
    replies: {
      200: {
        description: 'The order.',
        headers: z.object({
          etag: z.string().meta({ description: 'Strong (RFC 9110). A delete requires it as `If-Match`.' }),
        }),
        body: cancelledOrderSchema,
      },
    },
    problems: [
      'unknown-connection',
      'connection-turned-away',
      'cancelled-order-not-found',
      'provider-failed',
      'provider-unavailable',
      'temporarily-unavailable',
    ],
  };
}

export function newHandler(needs: GetCancelledOrderNeeds) {
  return httpChain({ access: 'read', log: needs.log, handle: (request) => getCancelledOrder(request, needs) });
}

export const handler = onColdStart(() => {
  const { connections, listing, log } = partsFor('get-cancelled-order');
  return newHandler({ connections: connections(), reading: listing(), log: log() });
});
