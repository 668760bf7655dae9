import * as z from 'zod';
import { onColdStart } from './assembly/cold-start.ts';
import { partsFor } from './assembly/parts.ts';
import { changeNgorderOrder, type ChangeNgorderOrderNeeds } from './drop-in/change-ngorder-order.ts';
import { httpChain } from './http/chain.ts';
import { OWN_ERRORS, type RouteContract } from './http/contract.ts';
import { dropInHeaderFields } from './drop-in/drop-in-contract.ts';
import { ngorderProblem } from './drop-in/ngorder-dialect.ts';
import { ngorderReplies } from './drop-in/ngorder-contract.ts';
import { orderPath, sameOrderBody } from './drop-in/ngorder-input.ts';
import { InvalidInput } from './http/errors.ts';
import { parseInput } from './http/input.ts';
import type { ApiReply, ApiRequest } from './http/request.ts';
import type { InvocationLogger } from './runtime/logger.ts';

export interface DeleteNgorderCancelledOrderNeeds extends ChangeNgorderOrderNeeds {
  readonly log: InvocationLogger;
}

/** ngorder's own `DELETE order-cancel/{order_id}`: makes the same operation as any other delete, and answers in ngorder's envelope. */
export async function deleteNgorderCancelledOrder(
  request: ApiRequest,
  needs: DeleteNgorderCancelledOrderNeeds,
): Promise<ApiReply> {
  const { order_id: orderId } = parseInput(orderPath, request.params, 'path');
  const { id } = parseInput(sameOrderBody, request.body, 'body');
  if (id !== undefined && id !== orderId) {
    throw new InvalidInput([{ field: 'id', message: 'is another order than the one in the path' }]);
  }
  return changeNgorderOrder({ kind: 'delete', orderId }, request, needs);
}

export function contract(): RouteContract {
  return {
    tag: 'Drop-in',
    summary: 'Delete a cancelled order for good, once, as ngorder takes it',
    description:
      'The connection is the one that `Countermand-Connection` names, or else the only ngorder connection that the token may use.',
    headers: z.object(dropInHeaderFields),
    path: orderPath,
    body: sameOrderBody,
    replies: ngorderReplies('Deleted.'),
    problems: OWN_ERRORS,
  };
}

export function newHandler(needs: DeleteNgorderCancelledOrderNeeds) {
  return httpChain({
    access: 'delete',
    problemReply: ngorderProblem,
    log: needs.log,
    handle: (request) => deleteNgorderCancelledOrder(request, needs),
  });
}

export const handler = onColdStart(() => {
  const { connections, operations, log } = partsFor('delete-ngorder-cancelled-order');
  return newHandler({ connections: connections(), operations: operations(), log: log() });
});
