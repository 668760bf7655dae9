import * as z from 'zod';
import { onColdStart } from './assembly/cold-start.ts';
import { partsFor } from './assembly/parts.ts';
import { ASK_PROBLEMS, askHeaders, askReplies } from './http/ask-contract.ts';
import { askedOrder, dryRunField, orderPath } from './http/ask-input.ts';
import { httpChain } from './http/chain.ts';
import type { RouteContract } from './http/contract.ts';
import { dryRunReply } from './http/dry-run-reply.ts';
import { parseInput } from './http/input.ts';
import { operationReply } from './http/operation-reply.ts';
import { cancelDryRunBody, type DryRunBody } from './http/reply-bodies.ts';
import type { ApiReply, ApiRequest } from './http/request.ts';
import { keyClaimOf } from './idempotency/idempotency-key.ts';
import type { OperationNeeds } from './operations/needs.ts';
import { cancelFields } from './operations/ask-fields.ts';
import { dryRun } from './operations/dry-run.ts';
import type { OperationView } from './operations/rules/operation-view.ts';
import { secondsUntilDue } from './operations/rules/operation.ts';
import { viewOf } from './operations/rules/view-of.ts';
import { perform } from './operations/perform.ts';
import type { Connections } from './providers/connections.ts';
import type { InvocationLogger } from './runtime/logger.ts';

export interface CancelOrderNeeds {
  readonly connections: Pick<Connections, 'providerOf' | 'checkOrderId'>;
  readonly operations: OperationNeeds;
  readonly log: InvocationLogger;
}

const bodySchema = z.strictObject({ ...cancelFields, dryRun: dryRunField });

/** Cancels one order at its provider, once. Returns the operation as the ledger has it after the ask. */
export async function cancelOrder(
  request: ApiRequest,
  needs: CancelOrderNeeds,
): Promise<ApiReply<OperationView | DryRunBody>> {
  const { caller, remainingMs } = request;
  const order = askedOrder(request, 'cancel', needs.connections);
  const { dryRun: isDryRun, ...body } = parseInput(bodySchema, request.body, 'body');
  const route = `cancel ${order.connection}:${order.orderId}`;
  const idempotency = keyClaimOf(request.headers['idempotency-key'], { caller: caller.name, route, body });
  if (isDryRun) return dryRunReply('cancel', await dryRun(order, needs.operations, remainingMs));

  const { operation, replayed } = await perform(
    {
      ...order,
      reason: body.reason ?? null,
      note: body.note ?? null,
      actor: body.actor ?? caller.name,
      trigger: 'http',
      idempotency,
    },
    needs.operations,
    remainingMs,
  );
  const retryAfterSeconds = secondsUntilDue(operation, needs.operations.clock.now());
  return operationReply({ operation: viewOf(operation), replayed, retryAfterSeconds });
}

export function contract(): RouteContract {
  return {
    tag: 'Orders',
    summary: 'Cancel an order, once',
    description:
      'Without an `Idempotency-Key` the order itself is the key: an order that is being cancelled, or is cancelled, is not cancelled ' +
      'again. A refusal had no effect, so the next ask opens the next operation. A `dryRun` changes nothing.',
    path: orderPath,
    headers: z.object(askHeaders),
    body: bodySchema,
    replies: askReplies(cancelDryRunBody),
    problems: [...ASK_PROBLEMS, 'order-not-cancellable'],
  };
}

export function newHandler(needs: CancelOrderNeeds) {
  return httpChain({ access: 'cancel', log: needs.log, handle: (request) => cancelOrder(request, needs) });
}

export const handler = onColdStart(() => {
  const { connections, operations, log } = partsFor('cancel-order');
  return newHandler({ connections: connections(), operations: operations(), log: log() });
});
