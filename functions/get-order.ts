import * as z from 'zod';
import { onColdStart } from './assembly/cold-start.ts';
import { partsFor } from './assembly/parts.ts';
import { admitTo } from './http/caller.ts';
import { httpChain } from './http/chain.ts';
import type { RouteContract } from './http/contract.ts';
import { OperationNotFound } from './http/errors.ts';
import { parseInput } from './http/input.ts';
import { orderBody, type OrderBody } from './http/reply-bodies.ts';
import type { ApiReply, ApiRequest } from './http/request.ts';
import type { Ledger } from './operations/ledger/ledger.ts';
import { viewOf } from './operations/rules/view-of.ts';
import type { Connections } from './providers/connections.ts';
import type { InvocationLogger } from './runtime/logger.ts';

export interface GetOrderNeeds {
  readonly connections: Pick<Connections, 'checkOrderId'>;
  readonly ledger: Pick<Ledger, 'find'>;
  readonly log: InvocationLogger;
}

const pathSchema = z.object({ connection: z.string(), orderId: z.string() });

/** Returns the order's current operation and its earlier ones, as the ledger has them. Makes no call to the provider. */
export async function getOrder(request: ApiRequest, needs: GetOrderNeeds): Promise<ApiReply<OrderBody>> {
  const { connection, orderId } = parseInput(pathSchema, request.params, 'path');
  admitTo(connection, request.caller);
  needs.connections.checkOrderId(connection, orderId);

  const order = await needs.ledger.find(connection, orderId);
  if (order === null) throw new OperationNotFound('The ledger has no operation of this order.');

  const leftOut = order.current.number - 1 - order.previous.length;
  return {
    status: 200,
    body: {
      connection,
      orderId,
      operation: viewOf(order.current),
      previous: order.previous.map(viewOf),
      ...(leftOut > 0 && { previousLeftOut: leftOut }),
    },
  };
}

export function contract(): RouteContract {
  return {
    tag: 'Orders',
    summary: "An order's operations",
    description: 'The operations as the ledger has them. No call is made to the provider.',
    path: pathSchema,
    replies: { 200: { description: 'The current operation, and the earlier ones.', body: orderBody } },
    problems: ['unknown-connection', 'operation-not-found', 'operation-unreadable'],
  };
}

export function newHandler(needs: GetOrderNeeds) {
  return httpChain({ access: 'read', log: needs.log, handle: (request) => getOrder(request, needs) });
}

export const handler = onColdStart(() => {
  const { connections, ledger, log } = partsFor('get-order');
  return newHandler({ connections: connections(), ledger: ledger(), log: log() });
});
