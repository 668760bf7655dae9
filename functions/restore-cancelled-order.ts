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
import { restoreDryRunBody, type DryRunBody } from './http/reply-bodies.ts';
import type { ApiReply, ApiRequest } from './http/request.ts';
import { keyClaimOf } from './idempotency/idempotency-key.ts';
import { askFields } from './operations/ask-fields.ts';
import type { OperationNeeds } from './operations/needs.ts';
import { dryRun } from './operations/dry-run.ts';
import type { OperationView } from './operations/rules/operation-view.ts';
import { secondsUntilDue } from './operations/rules/operation.ts';
import { viewOf } from './operations/rules/view-of.ts';
import { perform } from './operations/perform.ts';
import type { Connections } from './providers/connections.ts';
import type { InvocationLogger } from './runtime/logger.ts';

export interface RestoreCancelledOrderNeeds {
  readonly connections: Pick<Connections, 'providerOf' | 'checkOrderId'>;
  readonly operations: OperationNeeds;
  readonly log: InvocationLogger;
}

const bodySchema = z.strictObject({ ...askFields, dryRun: dryRunField });

/** Makes one cancelled order active again at its provider, once. Returns the operation as the ledger has it after the ask. */
export async function restoreCancelledOrder(
  request: ApiRequest,
  needs: RestoreCancelledOrderNeeds,
): Promise<ApiReply<OperationView | DryRunBody>> {
  const { caller, remainingMs } = request;
  const order = askedOrder(request, 'restore', needs.connections);
  const { dryRun: isDryRun, ...body } = parseInput(bodySchema, request.body, 'body');
  const route = `restore ${order.connection}:${order.orderId}`;
  const idempotency = keyClaimOf(request.headers['idempotency-key'], { caller: caller.name, route, body });
  if (isDryRun) return dryRunReply('restore', await dryRun(order, needs.operations, remainingMs));

  const { operation, replayed } = await perform(
    {
      ...order,
      reason: null,
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
    tag: 'Cancelled orders',
    summary: 'Make a cancelled order active again, once',
    description:
      'An order that is being restored, or is restored, is not restored again until a cancel is confirmed. A `dryRun` changes nothing, and its ' +
      'warnings say what speaks against the restore: the balance of a paid order may be spent.',
    path: orderPath,
    headers: z.object(askHeaders),
    body: bodySchema,
    replies: askReplies(restoreDryRunBody),
    problems: [...ASK_PROBLEMS, 'order-not-restorable'],
  };
}

export function newHandler(needs: RestoreCancelledOrderNeeds) {
  return httpChain({ access: 'restore', log: needs.log, handle: (request) => restoreCancelledOrder(request, needs) });
}

export const handler = onColdStart(() => {
  const { connections, operations, log } = partsFor('restore-cancelled-order');
  return newHandler({ connections: connections(), operations: operations(), log: log() });
});
