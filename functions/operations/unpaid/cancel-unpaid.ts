import type { OpenConnection, UnpaidRule } from '../../providers/connections.ts';
import type { UnpaidOrder, UnpaidOrders } from '../../providers/provider.ts';
import type { CallFailure } from '../../providers/call-failure.ts';
import type { OperationNeeds } from '../needs.ts';
import { callTimeoutMs } from '../budget.ts';
import { LedgerUnavailable, OperationInProgress, OrderWasDeleted } from '../errors.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { isOpen, type Operation } from '../rules/operation.ts';
import { perform, type Command } from '../perform.ts';
import { settlingTimeMs } from '../settle.ts';
import { noteReply, standingOf } from '../standing.ts';
import { newReport, noteOrder, noteVetoes, type UnpaidReport } from './report.ts';
import { madeBefore, vetoesOf } from './vetoes.ts';

/** Of a run: what is listed must leave time to be worked on. */
const LIST_MS = 60_000;

interface Run {
  readonly rule: UnpaidRule;
  readonly connection: OpenConnection;
  readonly unpaid: UnpaidOrders;
  readonly report: UnpaidReport;
  readonly needs: OperationNeeds;
  readonly remainingMs: () => number;
}

/**
 * Cancels a connection's orders whose payment the rule no longer waits for, the oldest first, as many as the rule allows in one run;
 * in a dry run only says which. Just before each cancel the order is read once more, and whatever speaks against it spares it, as
 * does any operation of it in the ledger. What there is no time for, and what is left where the provider fails, waits for the next
 * run. Throws what opening the connection throws.
 */
export async function cancelUnpaid(
  name: string,
  rule: UnpaidRule,
  needs: OperationNeeds,
  remainingMs: () => number,
): Promise<UnpaidReport> {
  const report = newReport(name, rule);
  const connection = await needs.openConnection(name, { fresh: true });
  const { unpaidOrders } = connection.client;
  if (!unpaidOrders.offered) throw new Error(`${connection.provider.name} does not tell which orders are unpaid.`);
  // As for the settler: no call is made for a connection that is paused or whose credential stands rejected.
  const standing = standingOf(connection, await needs.health.read(name), needs.clock.now());
  if (standing.kind !== 'usable') {
    report.stoppedBy = standing.kind === 'needs_reauth' ? 'needs_reauth' : 'provider';
    if (standing.kind === 'paused') report.problem = 'connection_paused';
    return report;
  }

  const run: Run = { rule, connection, unpaid: unpaidOrders.call, report, needs, remainingMs };
  const waiting = await listUnpaidOrders(run);
  for (const order of waiting) {
    report.stoppedBy ??= endOf(run);
    if (report.stoppedBy === null) await considerOrReport(order, run);
    else report.left += 1;
  }
  return report;
}

/** Why no further order may be begun; null where one may. */
function endOf({ rule, connection, report, remainingMs }: Run): UnpaidReport['stoppedBy'] {
  if (report.orders.length >= rule.mostPerRun) return 'most_per_run';
  return remainingMs() < settlingTimeMs(connection) ? 'out_of_time' : null;
}

/** What the list shows that the rule means, the oldest first; the vetoes of the rest are noted. */
async function listUnpaidOrders(run: Run): Promise<UnpaidOrder[]> {
  const { rule, connection, unpaid, report, needs, remainingMs } = run;
  const timeoutMs = callTimeoutMs(LIST_MS, remainingMs() - settlingTimeMs(connection));
  if (timeoutMs === 0) {
    report.stoppedBy = 'out_of_time';
    return [];
  }
  const now = needs.clock.now();
  const list = await unpaid.list({ orderedBefore: madeBefore(rule, now) }, { timeoutMs });
  if (list.kind !== 'unpaid') {
    await reportFailure(list, null, run);
    return [];
  }
  report.listed = list.orders.length;
  report.isListWhole = list.isWhole;
  const oldestFirst = list.orders.toSorted((one, other) => (one.madeBy ?? now) - (other.madeBy ?? now));
  return oldestFirst.filter((order) => {
    const vetoes = vetoesOf(order, rule, now);
    if (vetoes.length > 0) noteVetoes(report, order.orderId, vetoes, 'list');
    return vetoes.length === 0;
  });
}

/** What was done before is reported all the same. */
async function considerOrReport(order: UnpaidOrder, run: Run): Promise<void> {
  const { connection, report, needs } = run;
  try {
    await consider(order, run);
  } catch (error) {
    needs.log.error('UNPAID_RUN_FAILED', { connection: connection.name, orderId: order.orderId, error });
    report.left += 1;
    report.stoppedBy = 'error';
    report.problem = error instanceof Error ? error.name : 'unknown';
  }
}

async function consider({ orderId }: UnpaidOrder, run: Run): Promise<void> {
  const { rule, connection, unpaid, report, needs, remainingMs } = run;
  // Whatever it is, it was somebody's will: a person restored the order, or the provider refused. Automation does not insist.
  if ((await needs.ledger.findCurrent(connection.name, orderId)) !== null) {
    report.haveOperation += 1;
    return;
  }

  const read = await unpaid.read(orderId, { timeoutMs: callTimeoutMs(connection.timeoutMs, remainingMs()) });
  if (read.kind !== 'read') {
    report.left += 1;
    await reportFailure(read, orderId, run);
    return;
  }
  const { order } = read;
  const vetoes = vetoesOf(order, rule, needs.clock.now());
  if (order === null || vetoes.length > 0) {
    needs.log.info('UNPAID_ORDER_SPARED', { connection: connection.name, orderId, vetoes });
    noteVetoes(report, orderId, vetoes, 'read');
    return;
  }

  if (rule.dryRun) {
    needs.log.info('UNPAID_ORDER_PLANNED', { connection: connection.name, orderId, total: order.total });
    noteOrder(report, order, null);
    return;
  }
  const operation = await askToCancel(orderId, run);
  if (operation === null) {
    report.haveOperation += 1;
    return;
  }
  noteOrder(report, order, operation);
  // The settler finds out what came of it. The others are not asked of a provider that is not well.
  if (operation.state === 'calling') {
    // What came of it is not written down: the ledger is not well.
    report.stoppedBy = 'error';
    report.problem = 'LedgerUnavailable';
  } else if (isOpen(operation)) stop(run, operation.detail);
}

/** The operation that was opened, or null where another one was there by then. */
async function askToCancel(orderId: string, { rule, connection, needs, remainingMs }: Run): Promise<Operation | null> {
  const command: Command = {
    connection: connection.name,
    provider: connection.provider.name,
    orderId,
    kind: 'cancel',
    reason: 'expired',
    note: `Not paid for more than ${rule.olderThanHours} hours.`,
    actor: 'cancelUnpaid',
    trigger: 'schedule',
    idempotency: null,
  };
  // Where this run dies, the order is free when its lease is over: not only when a function of minutes would have ended.
  const endsAt = needs.clock.now() + settlingTimeMs(connection);
  const leftMs = () => Math.min(remainingMs(), endsAt - needs.clock.now());
  try {
    const performed = await perform(command, { ...needs, ledger: openingOnly(needs.ledger) }, leftMs);
    return performed.replayed ? null : performed.operation;
  } catch (error) {
    if (error instanceof OperationInProgress || error instanceof OrderWasDeleted) return null;
    if (error instanceof LedgerUnavailable && error.cause instanceof HasOperation) return null;
    throw error;
  }
}

/** Thrown where an order got an operation, and even ended it, since the ledger was asked for one. */
class HasOperation extends Error {
  override readonly name = 'HasOperation';
}

/** The ledger, in which an order's first operation can be opened, and no other. */
function openingOnly(ledger: Ledger): Ledger {
  return { ...ledger, claimNext: () => Promise.reject(new HasOperation()) };
}

async function reportFailure(failure: CallFailure, orderId: string | null, run: Run): Promise<void> {
  await noteReply(failure, run.connection, orderId, run.needs);
  stop(run, 'problem' in failure ? failure.problem : failure.kind);
}

function stop({ connection, report, needs }: Run, problem: string): void {
  report.problem = problem;
  // That has an alarm of its own.
  report.stoppedBy = problem === 'credential_rejected' ? 'needs_reauth' : 'provider';
  if (report.stoppedBy === 'provider') needs.log.error('UNPAID_RUN_FAILED', { connection: connection.name, problem });
}
