import type { OperationNeeds } from '../../functions/operations/needs.ts';
import { createConnectionHealth } from '../../functions/operations/connection-health.ts';
import { createLedger } from '../../functions/operations/ledger/ledger.ts';
import { settleDue, type SettleReport } from '../../functions/operations/settle-due.ts';
import type { CancelReply, LookUpReply } from '../../functions/providers/provider.ts';
import type { Clock } from '../../functions/runtime/clock.ts';
import { fillLedger, type Filling } from '../operations/ledger/fill-ledger.ts';
import { world } from '../operations/world.ts';
import { memoryDynamoDB } from '../simulation/memory-client.ts';
import { createVirtualTime } from '../simulation/virtual-time.ts';

/** What a scheduled run may take, as in infra/functions.ts, and how often one begins. */
export const RUN_MS = 120_000;
export const MINUTE_MS = 60_000;

/** How the provider meets one call: it is down, or does what it is asked to after `latencyMs`, or one of these. */
export type Weather = 'up' | 'down' | 'credential_rejected' | 'acts_and_hangs' | 'hangs';

/**
 * Operations in virtual time over the simulation's DynamoDB, and a provider that counts what is asked of it and what it really did.
 */
export function disaster({ latencyMs = 100, random = () => 0.5 }: { latencyMs?: number; random?: () => number } = {}) {
  const time = createVirtualTime(Date.parse('2026-03-01T12:00:00.000Z'));
  const clock: Clock = { now: () => time.now(), sleep: (ms) => time.sleep(ms), random };
  /** How many of each command the ledger and the connections' health were sent. */
  const sent = new Map<string, number>();
  const { memory, ...dynamodb } = memoryDynamoDB((command) => {
    const name = command.constructor.name.replace('Command', '');
    sent.set(name, (sent.get(name) ?? 0) + 1);
  });
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
    const order = {
      status: effects.has(orderId) ? 'cancelled' : 'billing',
      warnings: [],
      total: null,
      personalData: [],
    };
    return order.status === 'cancelled'
      ? { kind: 'cancelled', order }
      : { kind: 'not_cancelled', order, refusal: null, historyMark: null };
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
    memory,
    /** Runs the work to its end, in no more real time than it takes to compute. */
    async run<T>(work: () => Promise<T>): Promise<T> {
      const result = work();
      result.catch(() => undefined);
      await time.run();
      return result;
    },
    clock,
    sent,
    calls,
    effects,
    runOnce,
    settleEveryMinute,
    setWeather: (next: (orderId: string) => Weather) => {
      weather = next;
    },
    fill: (connection: string, count: number, how: Filling = {}) =>
      fillLedger(dynamodb, clock.now(), connection, count, how),
  };
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
