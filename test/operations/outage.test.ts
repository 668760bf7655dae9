import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findContradictions } from '../../functions/operations/contradictions.ts';
import { observe } from '../../functions/operations/observe.ts';
import type { Operation } from '../../functions/operations/rules/operation.ts';
import { viewOf } from '../../functions/operations/rules/view-of.ts';
import { pausedUntil } from '../../functions/operations/outage.ts';
import { perform } from '../../functions/operations/perform.ts';
import { settleDue } from '../../functions/operations/settle-due.ts';
import type { CancelReply, LookUpReply } from '../../functions/providers/provider.ts';
import { memoryDynamoDB } from '../simulation/memory-client.ts';
import { startDynamoDB, type TestDynamoDB } from '../support/dynamodb.ts';
import { ACTIVE, CANCELLED, cancelCommand, DONE, TIMED_OUT, timeLeft, world } from './world.ts';

const MINUTE = 60_000;
const FOREIGN: CancelReply & LookUpReply = { kind: 'lost', problem: 'foreign_reply', status: 403 };
const UNKNOWN: CancelReply & LookUpReply = { kind: 'lost', problem: 'unknown_reply', status: 422 };

const memory = memoryDynamoDB();
/** Of the watch alone: the memory knows no list by day. */
let embedded: TestDynamoDB;
beforeAll(async () => {
  embedded = await startDynamoDB();
});
afterAll(() => embedded.stop());

let shops = 0;

/** A connection of its own, and the settler, which runs every minute. */
function shop(options: Parameters<typeof world>[1] = {}, dynamodb: Parameters<typeof world>[0] = memory) {
  const made = world(dynamodb, options);
  const { needs, clock } = made;
  const connection = `outage-${(shops += 1)}`;
  const ask = async () => (await perform(cancelCommand({ connection }), needs, timeLeft(clock))).operation;
  const now = async ({ orderId }: Operation) => {
    const found = await needs.ledger.find(connection, orderId);
    if (found === null) throw new Error('The ledger does not hold the order.');
    return found.current;
  };
  const settleFor = async (minutes: number) => {
    for (let minute = 0; minute < minutes; minute += 1) {
      const startsAt = clock.now();
      await settleDue([connection], needs, timeLeft(clock, 110_000));
      clock.advance(Math.max(0, startsAt + MINUTE - clock.now()));
    }
  };
  return { ...made, connection, ask, now, settleFor };
}

describe('a reply that is not the provider’s', () => {
  it('leaves an ask unknown, with its status in the timeline, and pauses the connection for a minute', async () => {
    const { ask, cancel, clock, needs, connection, logged } = shop();
    cancel.mockResolvedValueOnce(FOREIGN);
    const operation = viewOf(await ask());
    expect(operation).toMatchObject({ outcome: 'unknown', detail: 'foreign_reply', attempts: 1 });
    expect(operation.timeline.at(-1)).toMatchObject({ event: 'unknown', detail: 'foreign_reply', status: 403 });
    expect(logged).toContainEqual({
      level: 'warn',
      code: 'CONNECTION_PAUSED',
      fields: { connection, provider: 'estoka', status: 403, pauseMs: MINUTE },
    });
    expect(pausedUntil(await needs.health.read(connection), clock.now())).toBe(clock.now() + MINUTE);
  });

  it.each([404, 204])('pauses nothing where its status, %i, may be of one order alone', async (status) => {
    const { ask, cancel, clock, needs, connection } = shop();
    cancel.mockResolvedValueOnce({ ...FOREIGN, status });
    expect(viewOf(await ask())).toMatchObject({ outcome: 'unknown', detail: 'foreign_reply' });
    expect(pausedUntil(await needs.health.read(connection), clock.now())).toBeNull();
  });

  it('keeps the next asks waiting, written down and without a call, until the pause is over', async () => {
    const { ask, cancel, clock, lookUp, now, settleFor } = shop();
    cancel.mockResolvedValueOnce(FOREIGN);
    await ask();
    const waiting = await ask();
    expect(viewOf(waiting)).toMatchObject({ outcome: 'pending', detail: 'connection_paused' });
    expect(waiting).toMatchObject({ askReach: 'not_sent', dueAt: new Date(clock.now() + MINUTE).toISOString() });
    await settleFor(1);
    expect(cancel).toHaveBeenCalledTimes(1);
    expect(lookUp).not.toHaveBeenCalled();
    await settleFor(1);
    expect(await now(waiting)).toMatchObject({ state: 'confirmed' });
    expect(cancel.mock.calls.filter(([orderId]) => orderId === waiting.orderId)).toHaveLength(1);
    expect(viewOf(await ask())).toMatchObject({ outcome: 'confirmed' });
  });

  it('pauses for no longer than the quiet period, and one connection only', async () => {
    const { ask, cancel, clock, needs, connection } = shop({ quietPeriodMs: 5_000 });
    cancel.mockResolvedValueOnce(FOREIGN);
    await ask();
    expect(pausedUntil(await needs.health.read(connection), clock.now())).toBe(clock.now() + 5_000);
    expect(
      (await perform(cancelCommand({ connection: `${connection}-b` }), needs, timeLeft(clock))).operation.state,
    ).toBe('confirmed');
  });

  it('pauses for no longer than a minute, however long the quiet period is', async () => {
    const { ask, cancel, clock, needs, connection } = shop({ quietPeriodMs: 60 * MINUTE });
    cancel.mockResolvedValueOnce(FOREIGN);
    await ask();
    expect(pausedUntil(await needs.health.read(connection), clock.now())).toBe(clock.now() + MINUTE);
  });

  it.each([
    [0, null],
    [1, 1],
    [2 * MINUTE, 2 * MINUTE],
    [2 * MINUTE + 1, null],
  ])('pauses until %i ms from now as long as that is what another clock may have written', (ms, expected) => {
    const state = {
      connection: 'x',
      credentialDigest: null,
      rejectedAt: null,
      pausedUntil: new Date(ms).toISOString(),
      pausedFor: [],
    };
    expect(pausedUntil(state, 0)).toBe(expected);
    expect(pausedUntil({ ...state, pausedUntil: null }, 0)).toBeNull();
    expect(pausedUntil(null, 0)).toBeNull();
  });

  it.each<[string, CancelReply]>([
    ['lost otherwise', TIMED_OUT],
    ['the provider’s own error', { kind: 'lost', problem: 'provider_error' }],
    ['JSON of an unknown shape', UNKNOWN],
  ])('is not what is %s: that pauses nothing', async (_, reply) => {
    const { ask, cancel, needs, connection } = shop();
    cancel.mockResolvedValueOnce(reply);
    await ask();
    expect(await needs.health.read(connection)).toBeNull();
  });

  it('is asked again only when proven undone, each time later, and parked after five', async () => {
    const { ask, cancel, clock, now, settleFor } = shop();
    const askedAt: number[] = [];
    const startedAt = clock.now();
    cancel.mockImplementation(() => {
      askedAt.push(Math.floor((clock.now() - startedAt) / MINUTE));
      return Promise.resolve(FOREIGN);
    });
    const operation = await ask();
    await settleFor(60);
    expect(await now(operation)).toMatchObject({ state: 'needs_attention', detail: 'foreign_reply', attempts: 5 });
    const pauses = askedAt.slice(1).map((at, index) => at - (askedAt[index] ?? 0));
    expect(askedAt).toHaveLength(5);
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
    expect(pauses.at(-1)).toBeGreaterThanOrEqual(7);
  });

  it('also where the order is read back, so that a thousand orders do not hammer what answers there', async () => {
    const { ask, cancel, lookUp, now, settleFor } = shop();
    cancel.mockResolvedValue(TIMED_OUT);
    const operations = [];
    for (let order = 0; order < 40; order += 1) operations.push(await ask());
    lookUp.mockResolvedValue(FOREIGN);
    cancel.mockClear().mockResolvedValue(DONE);
    await settleFor(60);
    expect(lookUp.mock.calls.length).toBeGreaterThan(20);
    expect(lookUp.mock.calls.length).toBeLessThanOrEqual(60);
    expect(cancel).not.toHaveBeenCalled();
    lookUp.mockResolvedValue(ACTIVE);
    await settleFor(20);
    for (const operation of operations) expect((await now(operation)).state).toBe('confirmed');
    expect(cancel).toHaveBeenCalledTimes(40);
  });

  it('keeps no other order waiting for long, where only one is answered so', async () => {
    const { ask, cancel, now, settleFor } = shop();
    cancel.mockResolvedValueOnce(FOREIGN);
    const bad = await ask();
    cancel.mockImplementation((orderId) => Promise.resolve(orderId === bad.orderId ? FOREIGN : DONE));
    const others = [];
    for (let order = 0; order < 5; order += 1) others.push(await ask());
    await settleFor(3);
    for (const other of others) expect((await now(other)).state).toBe('confirmed');
  });

  it.each([1, 3])(
    'that only %i orders get, each time, pauses once for each, and not again and again',
    async (count) => {
      const { ask, cancel, clock, lookUp, now, settleFor } = shop();
      const bad = new Set<string>();
      cancel.mockImplementation((orderId) => Promise.resolve(bad.has(orderId) ? FOREIGN : DONE));
      lookUp.mockImplementation(({ orderId }) =>
        Promise.resolve(bad.has(orderId) ? { ...FOREIGN, status: 500 } : ACTIVE),
      );
      const next = Number((await ask()).orderId) + 1;
      const operations = [];
      for (let order = 0; order < count; order += 1) {
        bad.add(String(next + order));
        operations.push(await ask());
        await settleFor(1);
      }
      await settleFor(2 * count);
      let waited = 0;
      for (let minute = 0; minute < 120; minute += 1) {
        await settleFor(1);
        clock.advance(-MINUTE / 2);
        if ((await ask()).state !== 'confirmed') waited += 1;
        clock.advance(MINUTE / 2);
      }
      expect(waited).toBe(0);
      for (const operation of operations) expect(await now(operation)).toMatchObject({ state: 'unknown', attempts: 1 });
    },
  );

  it('that twenty orders get, again and again, keeps those behind them waiting for no longer than two runs', async () => {
    const { ask, cancel, lookUp, now, settleFor } = shop();
    cancel.mockResolvedValue(TIMED_OUT);
    const bad = new Set<string>();
    for (let order = 0; order < 20; order += 1) bad.add((await ask()).orderId);
    lookUp.mockImplementation(({ orderId }) => Promise.resolve(bad.has(orderId) ? FOREIGN : CANCELLED));
    await settleFor(25);
    const others = [];
    for (let order = 0; order < 30; order += 1) others.push(await ask());
    await settleFor(2);
    for (const other of others) expect((await now(other)).state).toBe('confirmed');
  });

  it('costs an outage about a call a minute also where every order has met it, and new ones are asked for', async () => {
    const { ask, cancel, lookUp, settleFor } = shop();
    cancel.mockResolvedValue(FOREIGN);
    lookUp.mockResolvedValue(FOREIGN);
    for (let minute = 0; minute < 90; minute += 1) {
      await ask();
      await ask();
      await settleFor(1);
    }
    expect(cancel.mock.calls.length + lookUp.mock.calls.length).toBeLessThanOrEqual(90 + 5);
  });

  it('pauses for a hint’s order once', async () => {
    const { lookUp, clock, needs, connection } = shop();
    lookUp.mockResolvedValue(FOREIGN);
    const observePauses = async (orderId: string) => {
      await observe({ connection, provider: 'estoka', orderId, trigger: 'webhook' }, needs, timeLeft(clock));
      const until = pausedUntil(await needs.health.read(connection), clock.now());
      clock.advance(2 * MINUTE);
      return until !== null;
    };
    expect([
      await observePauses('1'),
      await observePauses('1'),
      await observePauses('2'),
      await observePauses('1'),
    ]).toEqual([true, false, true, false]);
  });

  it('does not stop what is written down, where the pause cannot be', async () => {
    const { ask, cancel, needs, logged } = shop();
    needs.health.pause = () => Promise.reject(new Error('throttled'));
    cancel.mockResolvedValueOnce(FOREIGN);
    expect(viewOf(await ask())).toMatchObject({ outcome: 'unknown', detail: 'foreign_reply' });
    expect(logged).toContainEqual(expect.objectContaining({ level: 'error', code: 'CONNECTION_HEALTH_NOT_WRITTEN' }));
  });
});

describe('a pause', () => {
  it('is over at its end, and is none where it makes no sense', () => {
    const state = (until: string | null) => ({
      connection: 'loja-rio',
      credentialDigest: null,
      rejectedAt: null,
      pausedUntil: until,
      pausedFor: [],
    });
    const now = Date.parse('2026-03-01T12:00:00.000Z');
    expect(pausedUntil(state('2026-03-01T12:00:00.001Z'), now)).toBe(now + 1);
    expect(pausedUntil(state('2026-03-01T12:00:00.000Z'), now)).toBeNull();
    expect(pausedUntil(state('2026-03-01T13:00:00.000Z'), now)).toBeNull();
    expect(pausedUntil(state('soon'), now)).toBeNull();
    expect(pausedUntil(state(null), now)).toBeNull();
    expect(pausedUntil(null, now)).toBeNull();
  });

  it('parks what is three days old, with its alarm, and makes no call', async () => {
    const { ask, cancel, lookUp, clock, needs, connection, now, settleFor } = shop();
    cancel.mockResolvedValueOnce(TIMED_OUT);
    const operation = await ask();
    clock.advance(73 * 60 * MINUTE);
    await needs.health.pause(connection, clock.now() + MINUTE, null);
    await settleFor(1);
    expect(await now(operation)).toMatchObject({ state: 'needs_attention', detail: 'timed_out' });
    expect(lookUp).not.toHaveBeenCalled();
  });

  it('lets a hint wait for it, and the watch leave the connection alone', async () => {
    const { ask, cancel, lookUp, clock, needs, connection } = shop({}, embedded);
    await ask();
    clock.advance(2 * MINUTE);
    await needs.health.pause(connection, clock.now() + MINUTE, null);
    const hint = { connection, provider: 'estoka', orderId: '77001', trigger: 'webhook' } as const;
    expect(await observe(hint, needs, timeLeft(clock))).toEqual({
      kind: 'unread',
      failure: { kind: 'not_sent', problem: 'provider_unreachable' },
    });
    expect(await findContradictions(connection, needs, timeLeft(clock))).toMatchObject({ read: 0, unread: 1 });
    expect(lookUp).not.toHaveBeenCalled();
    expect(cancel).toHaveBeenCalledTimes(1);
  });

  it('begins where a hint is answered with a page, and ends the watch of a connection', async () => {
    const { ask, lookUp, clock, needs, connection } = shop({}, embedded);
    for (let order = 0; order < 5; order += 1) await ask();
    clock.advance(2 * MINUTE);
    lookUp.mockResolvedValue(FOREIGN);
    const report = await findContradictions(connection, needs, timeLeft(clock));
    expect(report).toMatchObject({ read: 0, unread: 5 });
    expect(lookUp.mock.calls.length).toBeLessThanOrEqual(2);
    const hint = { connection, provider: 'estoka', orderId: '77002', trigger: 'webhook' } as const;
    expect(await observe(hint, needs, timeLeft(clock))).toEqual({ kind: 'unread', failure: FOREIGN });
    expect(pausedUntil(await needs.health.read(connection), clock.now())).not.toBeNull();
  });
});

it.each([{ status: 500 }, { status: 404 }])(
  'one order that is answered with a page ($status) does not end the watch of the others',
  async (changes) => {
    const { ask, lookUp, clock, needs, connection } = shop({}, embedded);
    const operations: Operation[] = [];
    for (let order = 0; order < 20; order += 1) operations.push(await ask());
    clock.advance(2 * MINUTE);
    const bad = operations.slice(10, changes.status === 404 ? 15 : 11).map(({ orderId }) => orderId);
    lookUp.mockImplementation(({ orderId }) =>
      Promise.resolve(bad.includes(orderId) ? { ...FOREIGN, ...changes } : CANCELLED),
    );
    const report = await findContradictions(connection, needs, timeLeft(clock));
    expect(report).toMatchObject({ read: 20 - bad.length, unread: bad.length });
  },
);

describe('JSON of an unknown shape', () => {
  it('twice, each followed by a read-back that shows the order active, is left to a person', async () => {
    const { ask, cancel, lookUp, now, settleFor } = shop();
    cancel.mockResolvedValue(UNKNOWN);
    lookUp.mockResolvedValue(ACTIVE);
    const operation = await ask();
    expect(operation).toMatchObject({ state: 'unknown', detail: 'unknown_reply' });
    await settleFor(10);
    const parked = await now(operation);
    expect(parked).toMatchObject({ state: 'needs_attention', detail: 'unknown_reply', attempts: 2 });
    expect(parked.timeline.map(({ event, status }) => [event, status])).toEqual([
      ['requested', undefined],
      ['unknown', 422],
      ['asked_again', undefined],
      ['unknown', 422],
      ['needs_attention', undefined],
    ]);
    expect(cancel).toHaveBeenCalledTimes(2);
  });

  it('is what a 401 to one order is too: it halts no other order', async () => {
    const { ask, cancel, now, settleFor } = shop();
    const bad = String(Number((await ask()).orderId) + 1);
    cancel.mockImplementation((orderId) => Promise.resolve(orderId === bad ? { kind: 'credential_rejected' } : DONE));
    const operation = await ask();
    expect(operation.orderId).toBe(bad);
    expect((await ask()).state).toBe('confirmed');
    await settleFor(10);
    expect(await now(operation)).toMatchObject({ state: 'needs_attention', detail: 'unknown_reply', attempts: 2 });
    expect((await ask()).state).toBe('confirmed');
  });

  it('once, and then an answer, is done', async () => {
    const { ask, cancel, now, settleFor } = shop();
    cancel.mockResolvedValueOnce(UNKNOWN);
    const operation = await ask();
    await settleFor(4);
    expect(await now(operation)).toMatchObject({ state: 'confirmed', attempts: 2 });
  });

  it('is confirmed where the provider acted all the same, also late and when it is parked', async () => {
    const { ask, cancel, lookUp, now, settleFor, clock } = shop();
    cancel.mockResolvedValue(UNKNOWN);
    const operation = await ask();
    await settleFor(10);
    lookUp.mockResolvedValue(CANCELLED);
    clock.advance(6 * 60 * MINUTE);
    await settleFor(1);
    expect(await now(operation)).toMatchObject({ state: 'confirmed', detail: 'cancelled', attempts: 2 });
  });

  it('is not asked for again, and not parked before it is old, while the order cannot be read back', async () => {
    const { ask, cancel, lookUp, now, settleFor, clock } = shop();
    cancel.mockResolvedValue(UNKNOWN);
    lookUp.mockResolvedValue(UNKNOWN);
    const operation = await ask();
    await settleFor(60);
    expect(await now(operation)).toMatchObject({ state: 'unknown', detail: 'unknown_reply', attempts: 1 });
    clock.advance(72 * 60 * MINUTE);
    await settleFor(1);
    expect(await now(operation)).toMatchObject({ state: 'needs_attention', attempts: 1 });
  });
});
