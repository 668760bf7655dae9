import { valueOf, type Shown } from '../shown.ts';
import { plainText } from '../words.ts';
import { timeOf } from './times.ts';
import type { EstokaHistory, EstokaOrder } from './wire.ts';

const CANCEL_STATUSES: readonly string[] = ['pending_cancel', 'rejected_cancel', 'completed_cancel'];

/** The most by which Estoka's clock and ours may differ. */
export const CLOCK_TOLERANCE_MS = 30_000;

/** Returns the newest row about cancelling. Ids grow with time; the array is not sorted. */
export function newestCancelRow(order: EstokaOrder): EstokaHistory | null {
  return (order.order_histories ?? [])
    .filter((row) => CANCEL_STATUSES.includes(row.status))
    .reduce<EstokaHistory | null>(
      (newest, row) => (newest === null || isNewer(row.id, newest.id) ? row : newest),
      null,
    );
}

/**
 * Whether Estoka is deciding about a cancellation: one was requested, by anyone, and nothing has ended it. Also true while the
 * history has `completed_cancel` but the status does not show it yet. In all these cases another ask would be a second one.
 */
export function isBeingDecided(order: EstokaOrder): boolean {
  const status = newestCancelRow(order)?.status;
  return status === 'pending_cancel' || status === 'completed_cancel';
}

/**
 * Returns Estoka's words if it refused this very ask, otherwise null. With a mark (the highest history id when Estoka accepted the
 * ask), the refusal must be newer than the mark. Without one, it must have been reported after the ask, with a tolerance of
 * `toleranceMs`.
 */
export function refusalOf(
  order: EstokaOrder,
  ask: { askedAt: number; historyMark: string | null },
  toleranceMs: number,
): string | null {
  const row = newestCancelRow(order);
  if (row?.status !== 'rejected_cancel') return null;
  const isOfThisAsk =
    ask.historyMark === null ? reportedMs(row) >= ask.askedAt - toleranceMs : isNewer(row.id, ask.historyMark);
  return isOfThisAsk ? plainText(row.message ?? '') || row.status : null;
}

/** Whether the newest row of the whole history is a refusal to cancel: nothing has happened since that could change the answer. */
export function isRefusedLast(order: EstokaOrder): boolean {
  const row = newestCancelRow(order);
  return row?.status === 'rejected_cancel' && row.id === markOf(order);
}

/** Returns the highest history id, which tells a later refusal from earlier entries; null if there is no history. */
export function markOf(order: EstokaOrder): string | null {
  const ids = (order.order_histories ?? []).map((row) => row.id);
  return ids.reduce<string | null>((highest, id) => (highest === null || isNewer(id, highest) ? id : highest), null);
}

/** Returns when the order was cancelled, by its history. */
export function cancelledAtOf(order: EstokaOrder): Shown<string> {
  const done = (order.order_histories ?? []).filter(({ status }) => status === 'completed_cancel');
  const last = done.reduce<EstokaHistory | null>((one, row) => (one && isNewer(one.id, row.id) ? one : row), null);
  return last === null ? null : reportedAt(last);
}

function reportedAt(row: EstokaHistory): Shown<string> {
  return timeOf(row.reported_at) ?? timeOf(row.created_at);
}

/** NaN if the time is missing or unreadable. */
function reportedMs(row: EstokaHistory): number {
  return Date.parse(valueOf(reportedAt(row)) ?? '');
}

/** Ids grow with time, beyond what a JavaScript number can tell apart. */
export function isNewer(id: string, other: string): boolean {
  return BigInt(id) > BigInt(other);
}
