import * as z from 'zod';
import { onColdStart } from './assembly/cold-start.ts';
import { partsFor } from './assembly/parts.ts';
import { changeNgorderOrder, type ChangeNgorderOrderNeeds } from './drop-in/change-ngorder-order.ts';
import { httpChain } from './http/chain.ts';
import { OWN_ERRORS, type RouteContract } from './http/contract.ts';
import { dropInHeaderFields } from './drop-in/drop-in-contract.ts';
import { ngorderProblem } from './drop-in/ngorder-dialect.ts';
import { ngorderReplies } from './drop-in/ngorder-contract.ts';
import { orderBody } from './drop-in/ngorder-input.ts';
import { parseInput } from './http/input.ts';
import type { ApiReply, ApiRequest } from './http/request.ts';
import type { InvocationLogger } from './runtime/logger.ts';

export interface CancelNgorderOrderNeeds extends ChangeNgorderOrderNeeds {
  readonly log: InvocationLogger;
}

/** ngorder's own `POST order/cancel`: makes the same operation as any other cancel, and answers in ngorder's envelope. */
export async function cancelNgorderOrder(request: ApiRequest, needs: CancelNgorderOrderNeeds): Promise<ApiReply> {
  const orderId = parseInput(orderBody, request.body, 'body').id;
  return changeNgorderOrder({ kind: 'cancel', orderId }, request, needs);
}

export function contract(): RouteContract {
  return {
    tag: 'Drop-in',
    summary: 'Cancel an order, once, as ngorder takes it',
    description:
      'The connection is the one that `Countermand-Connection` names, or else the only ngorder connection that the token may use.',
    headers: z.object(dropInHeaderFields),
    body: orderBody,
    replies: ngorderReplies('Canceled.'),
    problems: OWN_ERRORS,
  };
}

export function newHandler(needs: CancelNgorderOrderNeeds) {
  return httpChain({
    access: 'cancel',
    problemReply: ngorderProblem,
    log: needs.log,
    handle: (request) => cancelNgorderOrder(request, needs),
  });
}

export const handler = onColdStart(() => {
  const { connections, operations, log } = partsFor('cancel-ngorder-order');
  return newHandler({ connections: connections(), operations: operations(), log: log() });
});
