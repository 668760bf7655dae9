import * as z from 'zod';
import { onColdStart } from './assembly/cold-start.ts';
import { partsFor } from './assembly/parts.ts';
import { admitTo } from './http/caller.ts';
import { httpChain } from './http/chain.ts';
import { replyHeaders, type RouteContract } from './http/contract.ts';
import { dryRunReply } from './http/dry-run-reply.ts';
import { NotSupportedByProvider } from './http/errors.ts';
import { parseInput } from './http/input.ts';
import { operationReply } from './http/operation-reply.ts';
import { dryRunBody, type DryRunBody } from './http/reply-bodies.ts';
import type { HttpReply, HttpRequest } from './http/request.ts';
import { fingerprintOf } from './idempotency/fingerprint.ts';
import { idempotencyKeySchema, parseIdempotencyKey, scopedKey } from './idempotency/idempotency-key.ts';
import type { OperationNeeds } from './operations/ask.ts';
import { dryRun } from './operations/dry-run.ts';
import { operationViewSchema, type OperationView } from './operations/operation-view.ts';
import { CANCEL_REASONS, viewOf, type Operation } from './operations/operation.ts';
import { perform } from './operations/perform.ts';
import type { Connections } from './providers/connections.ts';
import type { InvocationLogger } from './runtime/logger.ts';

export interface CancelOrderNeeds {
  readonly connections: Pick<Connections, 'providerOf' | 'checkOrderId'>;
  readonly operations: OperationNeeds;
  readonly log: InvocationLogger;
}

const pathSchema = z.object({ connection: z.string(), orderId: z.string() });
/** Unpaired surrogates are no text that a database could keep. */
const text = (longest: number) =>
  z
    .string()
    .max(longest)
    .transform((value) => value.toWellFormed());
const bodySchema = z.strictObject({
  reason: z.optional(z.enum(CANCEL_REASONS)),
  note: z.optional(text(500)),
  actor: z.optional(text(100)),
  dryRun: z.boolean().default(false),
});

/** Cancels one order at its provider, once, and answers with the operation as it then stands in the ledger. */
export async function cancelOrder(
  request: HttpRequest,
  needs: CancelOrderNeeds,
): Promise<HttpReply<OperationView | DryRunBody>> {
  const { connection, orderId } = parseInput(pathSchema, request.params, 'path');
  const { caller } = request;
  admitTo(connection, caller);
  needs.connections.checkOrderId(connection, orderId);
  const { dryRun: isDryRun, ...body } = parseInput(bodySchema, request.body, 'body');
  const key = parseIdempotencyKey(request.headers['idempotency-key']);

  const provider = needs.connections.providerOf(connection);
  if (provider.capabilities.cancel.evidence === 'absent') throw new NotSupportedByProvider();
  if (isDryRun) return dryRunReply(await dryRun({ connection, orderId }, needs.operations, request.remainingMs));

  const fingerprint = fingerprintOf({ caller: caller.name, route: `cancel ${connection}:${orderId}`, body });
  const { operation, replayed } = await perform(
    {
      connection,
      provider: provider.name,
      orderId,
      kind: 'cancel',
      reason: body.reason ?? null,
      note: body.note ?? null,
      actor: body.actor ?? caller.name,
      trigger: 'http',
      idempotency: key === null ? null : { key: scopedKey(caller.name, key), fingerprint },
    },
    needs.operations,
    request.remainingMs,
  );
  const retryAfterSeconds = secondsUntilDue(operation, needs.operations.clock.now());
  return operationReply({ operation: viewOf(operation), replayed, retryAfterSeconds });
}

/** When the settler is to have looked; a minute at the most, for a look may settle sooner what is due late. */
function secondsUntilDue(operation: Operation, now: number): number {
  if (operation.state === 'confirmed' || operation.state === 'refused') return 0;
  return Math.min(60, Math.max(1, Math.ceil((Date.parse(operation.dueAt) - now) / 1000) + 1));
}

export function contract(): RouteContract {
  const { idempotentReplayed, location, retryAfter } = replyHeaders;
  const replayed = { 'idempotent-replayed': z.optional(idempotentReplayed) };
  return {
    tag: 'Orders',
    summary: 'Cancel an order, once',
    description:
      'Without an `Idempotency-Key` the order itself is the key: what is being cancelled, or is cancelled, is not cancelled ' +
      'again. A refusal had no effect, so the next ask opens the next operation. With `dryRun`, nothing is changed.',
    path: pathSchema,
    headers: z.object({ 'Idempotency-Key': z.optional(idempotencyKeySchema) }),
    body: bodySchema,
    replies: {
      200: {
        description: 'Confirmed now or before; or what a dry run found.',
        headers: z.object(replayed),
        body: z.union([operationViewSchema, dryRunBody]),
      },
      202: {
        description: 'Not final: pending, unknown, or parked as needs_attention.',
        headers: z.object({ ...replayed, location, 'retry-after': z.optional(retryAfter) }),
        body: operationViewSchema,
      },
    },
    problems: [
      'unknown-connection',
      'order-not-found',
      'operation-in-progress',
      'order-not-cancellable',
      'idempotency-key-reused',
      'not-supported-by-provider',
      'provider-failed',
      'provider-unavailable',
      'temporarily-unavailable',
    ],
  };
}

export function newHandler(needs: CancelOrderNeeds) {
  return httpChain({ access: 'cancel', log: needs.log, handle: (request) => cancelOrder(request, needs) });
}

export const handler = onColdStart(() => {
  const { connections, operations, log } = partsFor('cancel-order');
  return newHandler({ connections: connections(), operations: operations(), log: log() });
});
