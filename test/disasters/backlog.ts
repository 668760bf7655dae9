import { BatchWriteItemCommand } from '@aws-sdk/client-dynamodb';
import type { OperationNeeds } from '../../functions/operations/ask.ts';
import { createConnectionHealth } from '../../functions/operations/connection-health.ts';
import { createLedger } from '../../functions/operations/ledger.ts';
import { currentItem } from '../../functions/operations/ledger-item.ts';
import type { OpenOperation } from '../../functions/operations/operation.ts';
import { settleDue, type SettleReport } from '../../functions/operations/settle-due.ts';
import type { CancelReply, LookUpReply } from '../../functions/providers/provider.ts';
import { cancelCommand, world } from '../operations/world.ts';
import type { TestDynamoDB } from '../support/dynamodb.ts';
import { virtualTime } from './virtual-time.ts';

/** What a scheduled run may take, as in infra/functions.ts, and how often one begins. */
export const RUN_MS = 120_000;
export const MINUTE_MS = 60_000;

/** How the provider meets one call: it is down, or does what it is asked to after `latencyMs`, or one of these. */
export type Weather = 'up' | 'down' | 'credential_rejected' | 'acts_and_hangs' | 'hangs';

/**
 * Operations over the embedded DynamoDB in virtual time, and a provider that counts what is asked of it and what it really did.
 */
export function disaster(dynamodb: TestDynamoDB, options: { latencyMs?: number; random?: () => number } = {}) {
  const { latencyMs = 100 } = options;
  const time = virtualTime('2026-03-01T12:00:00.000Z', options.random);
  const { clock } = time;
  const sent = time.watch(dynamodb.client);
  const it = world(dynamodb, { quietPeriodMs: 120_000, clockSkewMs: 20_000 });
  const needs: OperationNeeds = {
    ...it.needs,
    clock,
    ledger: createLedger({ dynamodb: dynamodb.client, tables: dynamodb.tables, clock }),
    health: createConnectionHealth({ dynamodb: dynamodb.client, table: dynamodb.tables.connectionHealth, clock }),
  };

  const effects = new Map<string, number>();
  const calls: { at: number; call: 'look-up' | 'cancel'; orderId: string }[] = [];
  let weather: (orderId: string) => Weather = () => 'up';
  const meet = async (call: 'look-up' | 'cancel', orderId: string): Promise<Weather> => {
    calls.push({ at: clock.now(), call, orderId });
    const met = weather(orderId);
    await clock.sleep(met === 'hangs' || met === 'acts_and_hangs' ? 5_000 : latencyMs);
    return met;
  };
  const failures = {
    down: { kind: 'not_sent', problem: 'provider_unreachable' },
    credential_rejected: { kind: 'credential_rejected' },
    hangs: { kind: 'lost', problem: 'timed_out' },
  } as const;
  it.cancel.mockImplementation(async (orderId): Promise<CancelReply> => {
    const met = await meet('cancel', orderId);
    if (met !== 'up' && met !== 'acts_and_hangs') return failures[met];
    effects.set(orderId, (effects.get(orderId) ?? 0) + 1);
    return met === 'up' ? { kind: 'cancelled', status: 'cancelled' } : failures.hangs;
  });
  it.lookUp.mockImplementation(async ({ orderId }): Promise<LookUpReply> => {
    const met = await meet('look-up', orderId);
    if (met !== 'up') return failures[met === 'acts_and_hangs' ? 'hangs' : met];
    const order = { status: effects.has(orderId) ? 'cancelled' : 'billing', warnings: [], personalData: [] };
    return order.status === 'cancelled'
      ? { kind: 'cancelled', order }
      : { kind: 'not_cancelled', order, refusal: null, mark: null };
  });

  /** One scheduled run, with the time that it has. */
  const runOnce = (connections: readonly string[]): Promise<SettleReport> => {
    const endsAt = clock.now() + RUN_MS;
    return settleDue(connections, needs, () => endsAt - clock.now());
  };
  /** A run begins every minute, also while the one before it goes on, until `isEnough`. */
  const settleEveryMinute = async (connections: readonly string[], isEnough: () => boolean | Promise<boolean>) => {
    const runs: Promise<SettleReport>[] = [];
    do {
      runs.push(runOnce(connections));
      await clock.sleep(MINUTE_MS);
    } while (!(await isEnough()));
    return Promise.all(runs);
  };

  return {
    ...it,
    needs,
    time,
    clock,
    sent,
    calls,
    effects,
    runOnce,
    settleEveryMinute,
    setWeather: (next: (orderId: string) => Weather) => {
      weather = next;
    },
    fill: (connection: string, count: number, how: Filling = {}) => fill(dynamodb, clock.now(), connection, count, how),
  };
}

/** How it stands with what is filled in; never sent, where nothing is said. */
interface Filling {
  readonly state?: 'pending' | 'unknown';
  readonly detail?: string;
  readonly reach?: OpenOperation['reach'];
}

/**
 * Writes that many open operations straight into the ledger, one second after the other, the oldest first; their order ids in
 * that order.
 */
async function fill(
  dynamodb: TestDynamoDB,
  now: number,
  connection: string,
  count: number,
  how: Filling,
): Promise<string[]> {
  const orderIds = Array.from({ length: count }, () => cancelCommand().orderId);
  const puts = orderIds.map((orderId, index) => {
    const at = new Date(now - (count - index) * 1_000).toISOString();
    const operation: OpenOperation = {
      state: 'pending',
      connection,
      provider: 'estoka',
      orderId,
      number: 1,
      kind: 'cancel',
      reason: null,
      note: null,
      actor: null,
      trigger: 'http',
      requestedAt: at,
      attempts: 1,
      detail: 'provider_unreachable',
      words: null,
      timeline: [{ at, event: 'requested' }],
      version: 2,
      owner: `filler ${orderId}`,
      mark: null,
      dueAt: at,
      leaseUntil: null,
      reach: 'not_sent',
      askedAt: at,
      lastAskEndedAt: at,
      looks: 0,
    };
    return { PutRequest: { Item: currentItem({ ...operation, ...how }) } };
  });
  const batches = Array.from({ length: Math.ceil(puts.length / 25) }, (_, index) =>
    puts.slice(index * 25, index * 25 + 25),
  );
  for (const batch of batches) {
    await dynamodb.client.send(new BatchWriteItemCommand({ RequestItems: { [dynamodb.tables.ledger]: batch } }));
  }
  return orderIds;
}

/** The most calls that any second saw, wherever it begins. */
export function mostInASecond(calls: readonly { at: number }[]): number {
  const times = calls.map(({ at }) => at).sort((a, b) => a - b);
  let most = 0;
  let first = 0;
  times.forEach((at, index) => {
    while ((times[first] ?? at) <= at - 1_000) first += 1;
    most = Math.max(most, index - first + 1);
  });
  return most;
}
