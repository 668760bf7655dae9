import type { OpenConnection } from '../providers/connections.ts';
import type { OperationNeeds } from './ask.ts';
import type { OpenOperation } from './operation.ts';
import { settle, settlingTimeMs, type Looked } from './settle.ts';

export interface SettleReport {
  settled: number;
  open: number;
  takenByAnother: number;
  failed: number;
  /** Connections that could not be used now, by why. */
  halted: Record<string, string>;
}

/** Connections worked on side by side, and operations of one connection at once: a provider that comes back is not stormed. */
const CONNECTIONS_AT_ONCE = 8;
const OPERATIONS_AT_ONCE = 4;
const READ_AT_ONCE = 100;

/**
 * Settles what is due, connection by connection, the longest due first, until nothing is due or the time is up. Each connection
 * has its own turn, so that the backlog of one keeps no other waiting. A connection whose credential stands rejected is left
 * alone until another credential is stored.
 */
export async function settleDue(
  connections: readonly string[],
  needs: OperationNeeds,
  remainingMs: () => number,
): Promise<SettleReport> {
  const report: SettleReport = { settled: 0, open: 0, takenByAnother: 0, failed: 0, halted: {} };
  await eachAtOnce(shuffled(connections, needs), CONNECTIONS_AT_ONCE, async (name) => {
    try {
      await settleConnection(name, report, needs, remainingMs);
    } catch (error) {
      report.halted[name] = 'failed';
      needs.log.error('SETTLE_CONNECTION_FAILED', { connection: name, error: String(error) });
    }
  });
  return report;
}

async function settleConnection(
  name: string,
  report: SettleReport,
  needs: OperationNeeds,
  remainingMs: () => number,
): Promise<void> {
  // What comes due while this run works waits for the next run: no operation is looked at twice in one.
  const startedAt = needs.clock.now();
  let due = await needs.ledger.due(name, startedAt, READ_AT_ONCE);
  if (due.length === 0) return;
  const connection = await needs.openConnection(name, { fresh: true });
  const rejection = await needs.health.read(name);
  if (rejection?.credentialDigest === connection.credentialDigest) {
    report.halted[name] = 'needs_reauth';
    return;
  }

  const seen = new Set<string>();
  const one = async (operation: OpenOperation): Promise<void> => {
    if (report.halted[name] !== undefined) return;
    if (remainingMs() < settlingTimeMs(connection)) {
      report.halted[name] = 'out_of_time';
      return;
    }
    count(report, name, await settledOrFailed(operation, connection, needs, remainingMs));
  };
  // The first one alone: where the provider is down or says no to the credential, one call finds out, not four.
  while (due.length > 0 && report.halted[name] === undefined) {
    for (const operation of due) seen.add(operation.orderId);
    const [first, ...rest] = due;
    if (first !== undefined) await one(first);
    await eachAtOnce(rest, OPERATIONS_AT_ONCE, one);
    // The index follows the table a moment later: what was just worked on may still show.
    due = (await needs.ledger.due(name, startedAt, READ_AT_ONCE)).filter(({ orderId }) => !seen.has(orderId));
  }
}

async function settledOrFailed(
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
