import type { OpenConnection } from '../providers/connections.ts';
import type { Clock } from '../runtime/clock.ts';
import type { OperationNeeds } from './needs.ts';
import { AccountTurnedAway } from './errors.ts';
import { unreadableIn } from './ledger/errors.ts';
import type { OpenOperation } from './rules/operation.ts';
import { parkIfTooOld, settle, settlingTimeMs, type Looked } from './settle.ts';
import { standingOf } from './standing.ts';

export interface SettleReport {
  settled: number;
  open: number;
  takenByAnother: number;
  failed: number;
  /** Operations that were due and left alone, as this version of the code cannot read them. */
  unreadable: number;
  /** Connections that could not be used now, by why. */
  halted: Record<string, string>;
}

/** Connections worked on side by side, and operations of one connection at once: a provider that comes back is not stormed. */
const CONNECTIONS_AT_ONCE = 8;
const OPERATIONS_AT_ONCE = 4;
/** A connection's turn: with more than this to do, it goes on when the others have had theirs. */
const OPERATIONS_IN_A_TURN = 100;
/** Of one connection. A look and an ask are a handful of calls each. */
const OPERATIONS_IN_A_SECOND = 10;

/**
 * Settles what is due, connection by connection, the longest due first, until nothing is due or the time is up. Connections
 * take turns, so that the backlog of one keeps no other waiting, and of none are more than {@link OPERATIONS_IN_A_SECOND} begun. A
 * connection whose credential stands rejected is not called until another credential is stored, and one that is paused not before that is
 * over.
 */
export async function settleDue(
  connections: readonly string[],
  needs: OperationNeeds,
  remainingMs: () => number,
): Promise<SettleReport> {
  const report: SettleReport = { settled: 0, open: 0, takenByAnother: 0, failed: 0, unreadable: 0, halted: {} };
  const waiting = shuffled(connections, needs).map((name): Part => ({
    name,
    connection: null,
    seen: new Set(),
    begin: pacing(needs.clock),
  }));
  // What comes due while this run works waits for the next run: no operation is looked at twice in one.
  const run: Run = { startedAt: needs.clock.now(), waiting, report, needs, remainingMs };
  const lane = async () => {
    for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
      try {
        await takeTurn(part, run);
      } catch (error) {
        report.halted[part.name] = 'failed';
        needs.log.error('SETTLE_CONNECTION_FAILED', { connection: part.name, error: String(error) });
      }
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS_AT_ONCE }, lane));
  return report;
}

interface Run {
  readonly startedAt: number;
  /** For their turn. */
  readonly waiting: Part[];
  readonly report: SettleReport;
  readonly needs: OperationNeeds;
  readonly remainingMs: () => number;
}

/** A connection's part of a run. */
interface Part {
  readonly name: string;
  connection: OpenConnection | null;
  /** The orders that were worked on. */
  readonly seen: Set<string>;
  /** Resolves when the next operation may begin. */
  readonly begin: () => Promise<void>;
}

/** Where the connection may have more to do, it queues up again. */
async function takeTurn(part: Part, run: Run): Promise<void> {
  const { report, needs, remainingMs } = run;
  const { operations, unreadable } = await needs.ledger.due(part.name, run.startedAt, OPERATIONS_IN_A_TURN);
  if (part.connection === null) reportUnreadable(part.name, unreadable, run);
  // The index follows the table a moment later: what was just worked on may still show. What looks have told nothing of comes last: an
  // order for which something else than its provider answers ends the connection's part, and must not do so before the others' turn.
  const due = operations
    .filter(({ orderId }) => !part.seen.has(orderId))
    .sort((one, other) => one.looksSinceAsk - other.looksSinceAsk);
  if (due.length === 0) return;

  const isFirst = part.connection === null;
  const opened = part.connection ?? (await openOrTurnAway(part.name, needs));
  if (opened instanceof AccountTurnedAway) {
    report.halted[part.name] = opened.why;
    for (const operation of due) await parkIfTooOld(operation, needs, opened.why);
    return;
  }
  const connection = (part.connection = opened);
  const state = isFirst ? await needs.health.read(part.name) : null;
  const standing = standingOf(connection, state, needs.clock.now());
  if (standing.kind !== 'usable') {
    report.halted[part.name] = standing.kind;
    for (const operation of due) await parkIfTooOld(operation, needs);
    return;
  }

  const isHalted = () => report.halted[part.name] !== undefined;
  const one = async (operation: OpenOperation): Promise<void> => {
    if (isHalted()) return;
    await part.begin();
    if (isHalted()) return;
    if (remainingMs() < settlingTimeMs(connection)) {
      report.halted[part.name] = 'out_of_time';
      return;
    }
    part.seen.add(operation.orderId);
    count(report, part.name, await settleOrReport(operation, connection, needs, remainingMs));
  };
  // The first one alone: where the provider is down or says no to the credential, one call finds out, not four.
  const alone = isFirst ? due.splice(0, 1) : [];
  for (const operation of alone) await one(operation);
  await eachAtOnce(due, OPERATIONS_AT_ONCE, one);
  if (!isHalted()) run.waiting.push(part);
}

/** Once for each connection in a run. Newer code wrote them: only it, or a person, can go on with them. */
function reportUnreadable(connection: string, unreadable: readonly string[], { report, needs }: Run): void {
  if (unreadable.length === 0) return;
  report.unreadable += unreadable.length;
  needs.log.error('OPERATIONS_UNREADABLE', { connection, ...unreadableIn(unreadable) });
}

async function openOrTurnAway(name: string, needs: OperationNeeds): Promise<OpenConnection | AccountTurnedAway> {
  try {
    return await needs.openConnection(name, { fresh: true });
  } catch (error) {
    if (error instanceof AccountTurnedAway) return error;
    throw error;
  }
}

/**
 * Spaces out what is begun: the second a second after the first, then ever faster, up to {@link OPERATIONS_IN_A_SECOND}.
 * A provider that comes back finds out bit by bit what it can bear, and a backlog never hammers it.
 */
function pacing(clock: Clock): () => Promise<void> {
  let begun = 0;
  let nextAt = 0;
  return async () => {
    const at = Math.max(clock.now(), nextAt);
    begun += 1;
    nextAt = at + 1_000 / Math.min(begun, OPERATIONS_IN_A_SECOND);
    if (at > clock.now()) await clock.sleep(at - clock.now());
  };
}

async function settleOrReport(
  operation: OpenOperation,
  connection: OpenConnection,
  needs: OperationNeeds,
  remainingMs: () => number,
): Promise<Looked | 'failed'> {
  try {
    return await settle(operation, connection, needs, remainingMs);
  } catch (error) {
    // It stays due or leased, so a later run takes it up.
    needs.log.error('SETTLE_FAILED', { connection: connection.name, orderId: operation.orderId, error: String(error) });
    return 'failed';
  }
}

function count(report: SettleReport, connection: string, looked: Looked | 'failed'): void {
  switch (looked) {
    case 'settled':
      report.settled += 1;
      return;
    case 'open':
      report.open += 1;
      return;
    case 'taken_by_another':
      report.takenByAnother += 1;
      return;
    case 'failed':
      report.failed += 1;
      return;
    case 'halted':
      report.open += 1;
      report.halted[connection] = 'provider_unusable';
  }
}

/** No connection is always the last one when time runs out. */
function shuffled<T>(values: readonly T[], needs: OperationNeeds): T[] {
  return values
    .map((value) => ({ value, at: needs.clock.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ value }) => value);
}

async function eachAtOnce<T>(values: readonly T[], width: number, work: (value: T) => Promise<void>): Promise<void> {
  const queue = values.values();
  const lane = async () => {
    for (const value of queue) await work(value);
  };
  await Promise.all(Array.from({ length: width }, lane));
}
