import type { BatchBody } from '../http/reply-bodies.ts';
import type { FoundOperations } from '../operations/ledger-find.ts';
import { OUTCOMES, viewOf } from '../operations/operation.ts';
import { sumsOf } from '../operations/sums.ts';
import type { Batch, BatchRow } from './batch.ts';

/** What a batch has come to so far. */
export function batchView(batch: Batch, rows: ReadonlyMap<string, BatchRow>, operations: FoundOperations): BatchBody {
  const orders = batch.orderIds.map((orderId) => orderView(orderId, rows.get(orderId), operations));
  const counts = Object.fromEntries(countedAs(batch.dryRun).map((name) => [name, 0]));
  for (const order of orders) {
    const name = countOf(order);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return {
    id: batch.id,
    connection: batch.connection,
    provider: batch.provider,
    dryRun: batch.dryRun,
    requestedAt: batch.requestedAt,
    total: orders.length,
    counts,
    final: orders.every(({ operation, problem, plan }) => operation?.final ?? (problem !== null || plan !== null)),
    ...(batch.dryRun && {
      atStake: sumsOf(orders.flatMap(({ plan }) => (plan?.wouldCancel === true && plan.total ? [plan.total] : []))),
    }),
    orders,
  };
}

function orderView(
  orderId: string,
  row: BatchRow | undefined,
  operations: FoundOperations,
): BatchBody['orders'][number] {
  const nothing = { orderId, operation: null, problem: null, plan: null };
  switch (row?.kind) {
    case undefined:
      return nothing;
    case 'problem':
      return { ...nothing, problem: row.problem };
    case 'plan': {
      const { wouldCancel, status, warnings, total } = row;
      return { ...nothing, plan: { wouldCancel, status, warnings, total } };
    }
    case 'operation': {
      // What cannot be read may be open or settled: its outcome is not known here.
      if (operations.unreadable.has(row.operationId))
        return {
          ...nothing,
          operation: { id: row.operationId, outcome: 'unknown', detail: 'unreadable', final: false },
        };
      const operation = operations.operations.get(row.operationId);
      if (operation === undefined) throw new Error(`The ledger does not hold ${row.operationId}, which a batch names.`);
      const { id, outcome, detail, final } = viewOf(operation);
      return { ...nothing, operation: { id, outcome, detail, final } };
    }
  }
}

function countedAs(dryRun: boolean): readonly string[] {
  return dryRun ? ['waiting', 'wouldCancel', 'wouldNotCancel', 'failed'] : ['waiting', ...OUTCOMES, 'failed'];
}

function countOf({ operation, problem, plan }: BatchBody['orders'][number]): string {
  if (operation !== null) return operation.outcome;
  if (problem !== null) return 'failed';
  if (plan !== null) return plan.wouldCancel ? 'wouldCancel' : 'wouldNotCancel';
  return 'waiting';
}
