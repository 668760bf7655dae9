import * as z from 'zod';
import { onColdStart } from './assembly/cold-start.ts';
import { partsFor } from './assembly/parts.ts';
import { ASK_PROBLEMS, askHeaders, askReplies } from './http/ask-contract.ts';
import { askedOrder, dryRunField, orderPath } from './http/ask-input.ts';
import { httpChain } from './http/chain.ts';
import type { RouteContract } from './http/contract.ts';
import { dryRunReply } from './http/dry-run-reply.ts';
import { PreconditionFailed } from './http/errors.ts';
import { ifMatchSchema, requiredMatch } from './http/etag.ts';
import { parseInput } from './http/input.ts';
import { listedOrThrow } from './http/listed-order.ts';
import { operationReply } from './http/operation-reply.ts';
import { deleteDryRunBody, type DryRunBody } from './http/reply-bodies.ts';
import type { ApiReply, ApiRequest } from './http/request.ts';
import { keyClaimOf } from './idempotency/idempotency-key.ts';
import { askFields } from './operations/ask-fields.ts';
import type { OperationNeeds } from './operations/needs.ts';
import { dryRun } from './operations/dry-run.ts';
import { readOrder } from './operations/read-back.ts';
import type { OperationView } from './operations/rules/operation-view.ts';
import { secondsUntilDue } from './operations/rules/operation.ts';
import { viewOf } from './operations/rules/view-of.ts';
import { answerWithoutAsking, perform } from './operations/perform.ts';
import { listedSnapshot } from './operations/rules/snapshot.ts';
import type { Connections } from './providers/connections.ts';
import type { InvocationLogger } from './runtime/logger.ts';

export interface DeleteCancelledOrderNeeds {
  readonly connections: Pick<Connections, 'providerOf' | 'checkOrderId'>;
  readonly operations: OperationNeeds;
  readonly log: InvocationLogger;
}

const bodySchema = z.strictObject({ ...askFields, dryRun: dryRunField });

/**
 * Deletes one cancelled, rejected or expired order at its provider for good, once, if the order is still in the version that the caller saw.
 * Writes its tombstone to the ledger before it asks the provider.
 */
export async function deleteCancelledOrder(
  request: ApiRequest,
  needs: DeleteCancelledOrderNeeds,
): Promise<ApiReply<OperationView | DryRunBody>> {
  const { caller, remainingMs } = request;
  const order = askedOrder(request, 'delete', needs.connections);
  const { dryRun: isDryRun, ...body } = parseInput(bodySchema, request.body, 'body');
  const route = `delete ${order.connection}:${order.orderId}`;
  const idempotency = keyClaimOf(request.headers['idempotency-key'], { caller: caller.name, route, body });
  const { operations } = needs;
  if (isDryRun) return dryRunReply('delete', await dryRun(order, operations, remainingMs));

  const isSeenAs = requiredMatch(request.headers['if-match']);
  const open = async () => {
    const listed = listedOrThrow((await readOrder(order, operations, remainingMs)).seen, 'delete');
    if (!isSeenAs(listed.version)) throw new PreconditionFailed();
    const command = {
      ...order,
      reason: null,
      note: body.note ?? null,
      actor: body.actor ?? caller.name,
      trigger: 'http',
      idempotency,
      tombstone: listedSnapshot(listed, operations.redact),
    } as const;
    return perform(command, operations, remainingMs);
  };
  // An order that is being deleted, or is deleted, cannot be read again to match anything.
  const { operation, replayed } = (await answerWithoutAsking({ ...order, idempotency }, operations)) ?? (await open());
  const retryAfterSeconds = secondsUntilDue(operation, operations.clock.now());
  return operationReply({ operation: viewOf(operation), replayed, retryAfterSeconds });
}

export function contract(): RouteContract {
  return {
    tag: 'Cancelled orders',
    summary: 'Delete a cancelled order for good, once',
    description:
      'Deletes only an order that a fresh read shows as cancelled, rejected or expired, in the version that `If-Match` names. The operation ' +
      'keeps a tombstone. If the order is being deleted, or is deleted, the reply is that operation. A `dryRun` changes nothing.',
    path: orderPath,
    headers: z.object({ ...askHeaders, 'If-Match': ifMatchSchema }),
    body: bodySchema,
    replies: askReplies(deleteDryRunBody),
    problems: [
      ...ASK_PROBLEMS,
      'cancelled-order-not-found',
      'order-not-cancelled',
      'order-not-deletable',
      'precondition-failed',
      'precondition-required',
    ],
  };
}

export function newHandler(needs: DeleteCancelledOrderNeeds) {
  return httpChain({ access: 'delete', log: needs.log, handle: (request) => deleteCancelledOrder(request, needs) });
}

export const handler = onColdStart(() => {
  const { connections, operations, log } = partsFor('delete-cancelled-order');
  return newHandler({ connections: connections(), operations: operations(), log: log() });
});
