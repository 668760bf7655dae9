import * as z from 'zod';
import { onColdStart } from './assembly/cold-start.ts';
import { partsFor } from './assembly/parts.ts';
import { httpChain } from './http/chain.ts';
import { OWN_ERRORS, type RouteContract } from './http/contract.ts';
import { connectionMeant } from './http/dialects/drop-in.ts';
import { dropInHeaderFields } from './http/dialects/drop-in-contract.ts';
import { isNgorders, ngorderProblem, ngorderReply } from './http/dialects/ngorder.ts';
import { ngorderReplies } from './http/dialects/ngorder-contract.ts';
import { parseInput } from './http/input.ts';
import type { HttpReply, HttpRequest } from './http/request.ts';
import { keyClaimOf } from './idempotency/idempotency-key.ts';
import type { OperationNeeds } from './operations/ask.ts';
import { performOrFollow } from './operations/follow.ts';
import { readOriginal } from './operations/original.ts';
import type { Connections } from './providers/connections.ts';
import type { InvocationLogger } from './runtime/logger.ts';

export interface CancelNgorderOrderNeeds {
  readonly connections: Pick<Connections, 'names' | 'get' | 'providerOf' | 'checkOrderId'>;
  readonly operations: OperationNeeds;
  readonly log: InvocationLogger;
}

const bodySchema = z.object({ id: z.int().positive().meta({ description: 'ngorder’s `order_id`.' }) });
const WORDS = { done: 'Order has been Canceled', open: 'The order is being canceled' };

/** ngorder's own `POST order/cancel`: the same operation as any other cancel, answered in ngorder's envelope. */
export async function cancelNgorderOrder(request: HttpRequest, needs: CancelNgorderOrderNeeds): Promise<HttpReply> {
  const orderId = String(parseInput(bodySchema, request.body, 'body').id);
  const declarations = needs.connections.names().map((name) => needs.connections.get(name));
  const connection = connectionMeant(isNgorders, request, declarations);
  needs.connections.checkOrderId(connection, orderId);

  const caller = request.caller.name;
  const ask = { caller, route: `cancel ${connection}:${orderId}`, body: {} };
  const answer = await performOrFollow(
    {
      connection,
      provider: needs.connections.providerOf(connection).name,
      orderId,
      kind: 'cancel',
      reason: null,
      note: null,
      actor: caller,
      trigger: 'http',
      idempotency: keyClaimOf(request.headers['idempotency-key'], ask),
    },
    needs.operations,
    request.remainingMs,
  );
  const isDone = answer.operation.outcome === 'confirmed';
  const original = isDone ? await readOriginal({ connection, orderId }, needs.operations, request.remainingMs) : null;
  return ngorderReply(answer, { id: orderId, original }, WORDS);
}

export function contract(): RouteContract {
  return {
    tag: 'Drop-in',
    summary: 'Cancel an order, once, as ngorder takes it',
    description: 'The connection is the only ngorder connection that the token may use, or the one that is named.',
    headers: z.object(dropInHeaderFields),
    body: bodySchema,
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
