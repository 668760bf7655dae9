import type { OperationView } from './operation-view.ts';
import { evidence, isOpen, operationId, timelineEntry, type Operation } from './operation.ts';
import { snapshotSchema } from './snapshot.ts';

/** Returns the operation as callers see it. While its call is under way, or after its caller died, it may have taken effect: `unknown`. */
export function viewOf(operation: Operation): OperationView {
  const isSettled = !isOpen(operation);
  return {
    id: operationId(operation),
    connection: operation.connection,
    provider: operation.provider,
    orderId: operation.orderId,
    kind: operation.kind,
    outcome: operation.state === 'calling' ? 'unknown' : operation.state,
    detail: operation.detail,
    final: isSettled,
    reason: operation.reason,
    note: operation.note,
    actor: operation.actor,
    trigger: operation.trigger,
    requestedAt: operation.requestedAt,
    settledAt: isSettled ? operation.settledAt : null,
    attempts: operation.attempts,
    words: operation.words,
    evidence: isSettled ? evidence.parse(operation.evidence) : null,
    timeline: operation.timeline.map((entry) => timelineEntry.parse(entry)),
    ...(operation.kind === 'delete' && {
      tombstone: operation.snapshot === null ? null : snapshotSchema.parse(operation.snapshot),
    }),
  };
}
