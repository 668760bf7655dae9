import type { BatchBody } from './reply-bodies.ts';
import type { FoundOperations } from '../operations/ledger/find.ts';
import { OUTCOMES } from '../operations/rules/operation.ts';
import { viewOf } from '../operations/rules/view-of.ts';
import { sumsOf } from '../operations/sums.ts';
import type { Verdict } from '../operations/rules/verdict.ts';
import type { Batch, BatchRow } from '../batches/batch.ts';

/** Shows a batch and its results so far. */
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
      atStake: sumsOf(orders.flatMap(({ plan }) => (plan?.verdict === 'would' && plan.total ? [plan.total] : []))),
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
      const verdict = row.verdict ?? (wouldCancel ? 'would' : 'would_not');
      return { ...nothing, plan: { verdict, wouldCancel, status, warnings, total } };
    }
    case 'operation': {
      // An unreadable operation may be open or settled: its outcome is not known here.
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

/** How the orders of a plan are counted. */
const COUNTS: Readonly<Record<Verdict, string>> = {
  would: 'wouldCancel',
  likely_refused: 'likelyRefused',
  would_not: 'wouldNotCancel',
};

function countedAs(dryRun: boolean): readonly string[] {
  return dryRun ? ['waiting', ...Object.values(COUNTS), 'failed'] : ['waiting', ...OUTCOMES, 'failed'];
}

function countOf({ operation, problem, plan }: BatchBody['orders'][number]): string {
  if (operation !== null) return operation.outcome;
  if (problem !== null) return 'failed';
  if (plan !== null) return COUNTS[plan.verdict];
  return 'waiting';
}
