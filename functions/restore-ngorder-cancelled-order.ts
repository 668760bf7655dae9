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

export interface RestoreNgorderCancelledOrderNeeds extends ChangeNgorderOrderNeeds {
  readonly log: InvocationLogger;
}

/** ngorder's own `POST order-cancel/return`: makes the same operation as any other restore, and answers in ngorder's envelope. */
export async function restoreNgorderCancelledOrder(
  request: ApiRequest,
  needs: RestoreNgorderCancelledOrderNeeds,
): Promise<ApiReply> {
  const orderId = parseInput(orderBody, request.body, 'body').id;
  return changeNgorderOrder({ kind: 'restore', orderId }, request, needs);
}

export function contract(): RouteContract {
  return {
    tag: 'Drop-in',
    summary: 'Make a cancelled order active again, once, as ngorder takes it',
    description:
      'The connection is the one that `Countermand-Connection` names, or else the only ngorder connection that the token may use.',
    headers: z.object(dropInHeaderFields),
    body: orderBody,
    replies: ngorderReplies('Active again.'),
    problems: OWN_ERRORS,
  };
}

export function newHandler(needs: RestoreNgorderCancelledOrderNeeds) {
  return httpChain({
    access: 'restore',
    problemReply: ngorderProblem,
    log: needs.log,
    handle: (request) => restoreNgorderCancelledOrder(request, needs),
  });
}

export const handler = onColdStart(() => {
  const { connections, operations, log } = partsFor('restore-ngorder-cancelled-order');
  return newHandler({ connections: connections(), operations: operations(), log: log() });
});
