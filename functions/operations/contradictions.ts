import type { LookUpReply } from '../providers/provider.ts';
import { keptStatus } from './evidence.ts';
import type { OperationNeeds } from './needs.ts';
import { unreadableIn } from './ledger/errors.ts';
import type { ListCursor } from './ledger/by-day.ts';
import { isOpen, type Operation } from './rules/operation.ts';
import { isOutage } from './outage.ts';
import { openForReading, readBack } from './read-back.ts';
import { confirmedLast } from './rules/succession.ts';

/** A cancel that is confirmed here, and an order that is not cancelled there. */
export interface Contradiction {
  readonly operation: Operation;
  /** `gone`: the provider has no such order any more, in no list. */
  readonly found: 'active' | 'shipped' | 'gone';
  /** The provider's own word; null where the order is gone. */
  readonly status: string | null;
}

export interface WatchReport {
  /** Orders that were read back. */
  read: number;
  /** Orders that could not be read, or that there was no time for. */
  unread: number;
  readonly contradictions: Contradiction[];
}

export type WatchNeeds = Pick<
  OperationNeeds,
  'accounts' | 'ledger' | 'health' | 'openConnection' | 'clock' | 'redact' | 'log'
>;

/** How far back a run looks: a contradiction is mostly made within hours. */
const RECENT_MS = 48 * 3_600_000;
/** How much older the request may be of what was confirmed since: what is open longer than three days is parked. */
const OPEN_FOR_MS = 72 * 3_600_000;
/** A provider's list may follow its reply a moment later. */
const SETTLED_FOR_MS = 60_000;
/** Of one connection in one run; where there are more, a sample of them. */
const MOST_READS = 200;
const READS_AT_ONCE = 2;
const PAGE = 100;
/** After one of these nothing more is read at the connection in a run. */
const ENDING: readonly string[] = ['credential_rejected', 'not_sent', 'rate_limited'];
/** Nor after so many outages in a row: one may be of its order alone. */
const OUTAGES_IN_A_ROW = 2;

/**
 * Reads recently confirmed cancels of a connection back, a sample of them where there are many, and says which are contradicted by
 * the order as its provider shows it now. Changes nothing. An order that has a later operation of ours is not a contradiction.
 */
export async function findContradictions(
  name: string,
  needs: WatchNeeds,
  remainingMs: () => number,
): Promise<WatchReport> {
  const report: WatchReport = { read: 0, unread: 0, contradictions: [] };
  const sample = (await recentCancels(name, needs)).slice(0, MOST_READS);
  if (sample.length === 0) return report;
  // As for the settler: no call is made for a connection that is paused or whose credential stands rejected.
  const { connection, standing } = await openForReading(name, needs);
  let isUsable = standing.kind === 'usable';
  let outages = 0;

  const queue = sample.values();
  const lane = async () => {
    for (const operation of queue) {
      const order = { ...operation, askedAt: operation.requestedAt };
      const reply = isUsable ? await readBack(order, connection, needs, remainingMs(), { notes: 'nothing' }) : null;
      if (reply !== null) outages = isOutage(reply) ? outages + 1 : 0;
      if (outages >= OUTAGES_IN_A_ROW || ENDING.includes(reply?.kind ?? '')) isUsable = false;
      await judge(operation, reply, report, needs);
    }
  };
  await Promise.all(Array.from({ length: READS_AT_ONCE }, lane));
  return report;
}

/** Shuffled, so that a sample is not always of the same hours. */
async function recentCancels(name: string, { accounts, ledger, clock, log }: WatchNeeds): Promise<Operation[]> {
  const now = clock.now();
  const query = {
    from: new Date(now - RECENT_MS - OPEN_FOR_MS).toISOString(),
    to: new Date(now).toISOString(),
    outcome: 'confirmed' as const,
    connections: [name],
    limit: PAGE,
  };
  const found: { operation: Operation; at: number }[] = [];
  let cursor: ListCursor | null = null;
  do {
    const page = await ledger.list({ ...query, ...(cursor && { cursor }) });
    if (page.unreadable.length > 0)
      log.error('OPERATIONS_UNREADABLE', { connection: name, ...unreadableIn(page.unreadable) });
    for (const operation of page.operations) {
      if (operation.kind !== 'cancel' || operation.state !== 'confirmed') continue;
      const settledForMs = now - Date.parse(operation.settledAt);
      if (settledForMs < SETTLED_FOR_MS || settledForMs > RECENT_MS) continue;
      if (!(await accounts.isOwn(operation))) continue;
      found.push({ operation, at: clock.random() });
    }
    cursor = page.nextCursor;
  } while (cursor !== null);
  return found.sort((a, b) => a.at - b.at).map(({ operation }) => operation);
}

async function judge(operation: Operation, reply: LookUpReply | null, report: WatchReport, needs: WatchNeeds) {
  switch (reply?.kind) {
    case 'cancelled':
    case 'closed':
    case 'deciding':
      report.read += 1;
      return;
    case 'not_cancelled': {
      const found = reply.order.warnings.some(({ code }) => code === 'shipped') ? 'shipped' : 'active';
      return noteContradiction(operation, { found, status: reply.order.status }, report, needs);
    }
    case 'order_not_found':
    case 'nowhere':
      return noteContradiction(operation, { found: 'gone', status: null }, report, needs);
    case 'credential_rejected':
    case 'rate_limited':
    case 'not_sent':
    case 'lost':
    case undefined:
      report.unread += 1;
  }
}

async function noteContradiction(
  operation: Operation,
  { found, status }: Pick<Contradiction, 'found' | 'status'>,
  report: WatchReport,
  needs: WatchNeeds,
) {
  report.read += 1;
  const current = await needs.ledger.findCurrent(operation.connection, operation.orderId);
  if (current === null || !isLastWord(operation, current)) return;
  const kept = status === null ? null : keptStatus(status, needs.redact);
  report.contradictions.push({ operation, found, status: kept });
}

/** Whether that cancel is what was confirmed last of its order, and nothing else is under way. */
function isLastWord(operation: Operation, current: Operation): boolean {
  return !isOpen(current) && confirmedLast(current)?.number === operation.number;
}
