import type { Money } from '../../providers/cancelled-order.ts';
import type { UnpaidOrder } from '../../providers/provider.ts';
import type { Operation, Outcome } from '../rules/operation.ts';
import { viewOf } from '../rules/view-of.ts';
import { sumsOf, type Sum } from '../sums.ts';
import type { Veto } from './vetoes.ts';

/** The result of a run for one connection, without personal data. */
export interface UnpaidReport {
  readonly connection: string;
  readonly dryRun: boolean;
  /** The number of orders that the provider lists as unpaid and old enough, give or take a day. */
  listed: number;
  /** Whether the provider's list was read to its end. */
  isListWhole: boolean;
  /** The orders that the run asked to cancel, or would have in a dry run, the oldest first. */
  readonly orders: ReportedOrder[];
  /** The total worth of these orders, by currency. */
  sums: Sum[];
  /** How many orders were spared, by reason. An order may have several reasons. */
  readonly vetoes: Partial<Record<Veto, number>>;
  /** Some of the spared orders. `seenBy`: whether the list or the read just before the cancel showed the vetoes. */
  readonly spared: { readonly orderId: string; readonly vetoes: readonly Veto[]; readonly seenBy: 'list' | 'read' }[];
  /** The number of orders that were left alone because the ledger has an operation of them. */
  haveOperation: number;
  /** The number of orders that wait for the next run. */
  left: number;
  /** What ended the run before it had considered all orders. */
  stoppedBy: 'most_per_run' | 'out_of_time' | 'needs_reauth' | 'provider' | 'error' | null;
  /** The provider's failure that ended the run, or the name of the error. */
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

/** Adds an order to the report. `operation`: null in a dry run. */
export function noteOrder(report: UnpaidReport, { orderId, total }: UnpaidOrder, operation: Operation | null): void {
  const view = operation === null ? null : viewOf(operation);
  report.orders.push({
    orderId,
    total,
    operation: view === null ? null : { id: view.id, outcome: view.outcome, detail: view.detail },
  });
  report.sums = sumsOf(report.orders.flatMap((order) => order.total ?? []));
}
