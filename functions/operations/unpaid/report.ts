import type { Money } from '../../providers/cancelled-order.ts';
import type { UnpaidOrder } from '../../providers/provider.ts';
import type { Operation, Outcome } from '../rules/operation.ts';
import { viewOf } from '../rules/view-of.ts';
import { sumsOf, type Sum } from '../sums.ts';
import type { Veto } from './vetoes.ts';

/** What a run came to for one connection. Without personal data. */
export interface UnpaidReport {
  readonly connection: string;
  readonly dryRun: boolean;
  /** Orders that the provider lists as unpaid and old enough, give or take a day. */
  listed: number;
  /** Whether that list was read to its end. */
  isListWhole: boolean;
  /** Those that were asked to be cancelled, or in a dry run would have been, the oldest first. */
  readonly orders: ReportedOrder[];
  /** What they are worth. */
  sums: Sum[];
  /** How many orders were let be for which reason. An order may have several. */
  readonly vetoes: Partial<Record<Veto, number>>;
  /** Some of them: where each was seen, in the list or by the read just before its cancel. */
  readonly spared: { readonly orderId: string; readonly vetoes: readonly Veto[]; readonly seenBy: 'list' | 'read' }[];
  /** Orders that were let be since the ledger has an operation of them. */
  haveOperation: number;
  /** Orders that wait for the next run. */
  left: number;
  /** What ended the run before all of them were considered. */
  stoppedBy: 'most_per_run' | 'out_of_time' | 'needs_reauth' | 'provider' | 'error' | null;
  /** What the provider did or failed to do then, or the name of the error. */
  problem: string | null;
}

interface ReportedOrder {
  readonly orderId: string;
  readonly total: Money | null;
  /** Null in a dry run. */
  readonly operation: { readonly id: string; readonly outcome: Outcome; readonly detail: string } | null;
}

const MOST_SPARED = 100;

export function newReport(connection: string, { dryRun }: { dryRun: boolean }): UnpaidReport {
  return {
    connection,
    dryRun,
    listed: 0,
    isListWhole: false,
    orders: [],
    sums: [],
    vetoes: {},
    spared: [],
    haveOperation: 0,
    left: 0,
    stoppedBy: null,
    problem: null,
  };
}

export function noteVetoes(
  report: UnpaidReport,
  orderId: string,
  vetoes: readonly Veto[],
  seenBy: 'list' | 'read',
): void {
  for (const veto of vetoes) report.vetoes[veto] = (report.vetoes[veto] ?? 0) + 1;
  if (report.spared.length < MOST_SPARED) report.spared.push({ orderId, vetoes, seenBy });
}

/** `operation`: null in a dry run. */
export function noteOrder(report: UnpaidReport, { orderId, total }: UnpaidOrder, operation: Operation | null): void {
  const view = operation === null ? null : viewOf(operation);
  report.orders.push({
    orderId,
    total,
    operation: view === null ? null : { id: view.id, outcome: view.outcome, detail: view.detail },
  });
  report.sums = sumsOf(report.orders.flatMap((order) => order.total ?? []));
}
