import * as z from 'zod';
import { onColdStart } from './assembly/cold-start.ts';
import { partsFor } from './assembly/parts.ts';
import { createBatches } from './assembly/batch-parts.ts';
import { commandParts } from './assembly/command-parts.ts';
import type { Batch } from './batches/batch.ts';
import { batchIdOf, type Batches } from './batches/batches.ts';
import { cancelFields, keptActor, keptNote } from './operations/ask-fields.ts';
import type { CommandQueue } from './commands/command-queue.ts';
import { dryRunField } from './http/ask-input.ts';
import { admitTo } from './http/caller.ts';
import { httpChain } from './http/chain.ts';
import type { RouteContract } from './http/contract.ts';
import { replyHeaders } from './http/reply-headers.ts';
import { InvalidInput } from './http/errors.ts';
import { NotSupportedByProvider, IdempotencyKeyReused } from './operations/errors.ts';
import { parseInput } from './http/input.ts';
import { batchTakenBody, type BatchTakenBody } from './http/reply-bodies.ts';
import type { ApiReply, ApiRequest } from './http/request.ts';
import { fingerprintOf } from './idempotency/fingerprint.ts';
import { idempotencyKeySchema, parseIdempotencyKey, scopedKey } from './idempotency/idempotency-key.ts';
import type { Connections } from './providers/connections.ts';
import { InvalidOrderId } from './providers/errors.ts';
import type { Clock } from './runtime/clock.ts';
import type { InvocationLogger } from './runtime/logger.ts';

export interface CancelOrdersNeeds {
  readonly connections: Pick<Connections, 'providerOf' | 'checkOrderId'>;
  readonly batches: Pick<Batches, 'open' | 'markQueued'>;
  readonly queue: CommandQueue;
  readonly clock: Clock;
  readonly redact: (text: string) => string;
  readonly log: InvocationLogger;
}

const pathSchema = z.object({ connection: z.string() });
const bodySchema = z.strictObject({
  orderIds: z.array(z.string()).min(1).max(1_000),
  ...cancelFields,
  dryRun: dryRunField,
});

/** Queues up to 1,000 orders to be cancelled one by one, or planned if `dryRun` is true. A 202 means that all of them are queued. */
export async function cancelOrders(request: ApiRequest, needs: CancelOrdersNeeds): Promise<ApiReply<BatchTakenBody>> {
  const { connection } = parseInput(pathSchema, request.params, 'path');
  const { caller } = request;
  admitTo(connection, caller);
  const provider = needs.connections.providerOf(connection);
  const body = parseInput(bodySchema, request.body, 'body');
  checkOrderIds(connection, body.orderIds, needs);
  const key = parseIdempotencyKey(request.headers['idempotency-key']);
  if (key === null) throw new InvalidInput([{ field: 'Idempotency-Key', message: 'is required here' }]);
  if (provider.capabilities.cancel.evidence === 'absent') throw new NotSupportedByProvider();

  const asked: Batch = {
    id: batchIdOf(scopedKey(caller.name, key)),
    connection,
    provider: provider.name,
    dryRun: body.dryRun,
    orderIds: body.orderIds,
    reason: body.reason ?? null,
    note: body.note === undefined ? null : keptNote(body.note, needs.redact),
    actor: keptActor(body.actor ?? caller.name, needs.redact),
    fingerprint: fingerprintOf({ caller: caller.name, route: `cancel orders of ${connection}`, body }),
    requestedAt: new Date(needs.clock.now()).toISOString(),
    queuedAt: null,
  };
  const batch = await needs.batches.open(asked);
  if (batch.fingerprint !== asked.fingerprint) throw new IdempotencyKeyReused();
  // Queue them again if an earlier ask was cut off. A message's identity is the batch and the order, so a second one adds nothing.
  if (batch.queuedAt === null) {
    await needs.queue.sendBatch(batch);
    await needs.batches.markQueued(batch, new Date(needs.clock.now()).toISOString());
  }
  const { id, dryRun, requestedAt, orderIds } = batch;
  return {
    status: 202,
    headers: {
      location: `/v1/batches/${id}`,
      'retry-after': '2',
      ...(batch === asked ? {} : { 'idempotent-replayed': 'true' }),
    },
    body: { id, connection, provider: provider.name, dryRun, requestedAt, total: orderIds.length },
  };
}

/** Throws `InvalidInput` with the index of each wrong order id. */
function checkOrderIds(connection: string, orderIds: readonly string[], needs: CancelOrdersNeeds): void {
  const seen = new Set<string>();
  const errors = orderIds.flatMap((orderId, index) => {
    const field = `orderIds.${index}`;
    if (seen.has(orderId)) return [{ field, message: 'is there twice' }];
    seen.add(orderId);
    try {
      needs.connections.checkOrderId(connection, orderId);
      return [];
    } catch (error) {
      if (error instanceof InvalidOrderId) return [{ field, message: error.message }];
      throw error;
    }
  });
  if (errors.length > 0) throw new InvalidInput(errors.slice(0, 20));
}

export function contract(): RouteContract {
  const { idempotentReplayed, location, retryAfter } = replyHeaders;
  return {
    tag: 'Orders',
    summary: 'Cancel up to 1,000 orders of a connection',
    description:
      'The orders are cancelled one by one, at the pace of the connection. Each has its own operation, as with the route for one order. ' +
      'With `dryRun` the batch shows a plan and changes nothing. The same key with the same body returns the same batch.',
    path: pathSchema,
    headers: z.object({ 'Idempotency-Key': idempotencyKeySchema }),
    body: bodySchema,
    replies: {
      202: {
        description: 'All of the orders are queued.',
        headers: z.object({
          'idempotent-replayed': z.optional(idempotentReplayed),
          location,
          'retry-after': retryAfter,
        }),
        body: batchTakenBody,
      },
    },
    problems: ['unknown-connection', 'idempotency-key-reused', 'not-supported-by-provider', 'temporarily-unavailable'],
  };
}

export function newHandler(needs: CancelOrdersNeeds) {
  return httpChain({ access: 'cancel', log: needs.log, handle: (request) => cancelOrders(request, needs) });
}

export const handler = onColdStart(() => {
  const { connections, dynamodb, clock, redact, log } = partsFor('cancel-orders');
  return newHandler({
    connections: connections(),
    batches: createBatches(dynamodb()),
    queue: commandParts().commandQueue(),
    clock,
    redact,
    log: log(),
  });
});
