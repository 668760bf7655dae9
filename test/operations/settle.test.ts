import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { operationId, type OpenOperation, type Operation } from '../../functions/operations/rules/operation.ts';
import { perform } from '../../functions/operations/perform.ts';
import { parkIfTooOld, settle, settlingTimeMs, type Looked } from '../../functions/operations/settle.ts';
import type { CancelReply, LookUpReply } from '../../functions/providers/provider.ts';
import { startDynamoDB, type TestDynamoDB } from '../support/dynamodb.ts';
import { ACTIVE, CANCELLED, cancelCommand, DONE, facts, TIMED_OUT, timeLeft, world } from './world.ts';

const QUIET_MS = 60_000;
const NOWHERE: LookUpReply = { kind: 'nowhere' };
const NOT_FOUND: LookUpReply = { kind: 'order_not_found' };
const DECIDING: LookUpReply = { kind: 'deciding', order: facts('billing') };
const REFUSED: LookUpReply = {
  kind: 'not_cancelled',
  order: facts('billing'),
  refusal: 'Nota fiscal emitida',
  historyMark: '592',
};
const ACCEPTED: CancelReply = { kind: 'accepted', status: 'billing', historyMark: '591' };
const LIMITED = (retryAfterMs: number | null): CancelReply & LookUpReply => ({ kind: 'rate_limited', retryAfterMs });
const UNREACHABLE: CancelReply & LookUpReply = { kind: 'not_sent', problem: 'provider_unreachable' };

let dynamodb: TestDynamoDB;
beforeAll(async () => {
  dynamodb = await startDynamoDB();
});
afterAll(() => dynamodb.stop());

/** An operation whose first ask ended like this, and what settles it. */
async function openAfter(reply: CancelReply, options: Parameters<typeof world>[1] = { quietPeriodMs: QUIET_MS }) {
  const it = world(dynamodb, options);
  const command = cancelCommand();
  command.connection = `shop-${command.orderId}`;
  it.cancel.mockResolvedValueOnce(reply);
  if (reply.kind === 'credential_rejected') it.lookUp.mockResolvedValueOnce(reply);
  await perform(command, it.needs, timeLeft(it.clock));
  const read = async () => {
    const found = await it.needs.ledger.find(command.connection, command.orderId);
    if (found === null) throw new Error('The ledger does not hold the order.');
    return found.current;
  };
  const look = async (): Promise<Looked> => {
    const current = await read();
    if (current.state === 'confirmed' || current.state === 'refused') throw new Error('The operation is settled.');
    return settle(current, it.open(command.connection), it.needs, timeLeft(it.clock, 60_000));
  };
  return { ...it, command, read, look };
}

const dueInMs = (operation: Operation, now: number) =>
  'dueAt' in operation ? Date.parse(operation.dueAt) - now : Number.NaN;

describe('before the quiet period is over', () => {
  it.each<[CancelReply, LookUpReply, Partial<OpenOperation> | object]>([
    [
      TIMED_OUT,
      CANCELLED,
      { state: 'confirmed', detail: 'cancelled', evidence: { source: 'read_back', status: 'cancelled' } },
    ],
    [TIMED_OUT, ACTIVE, { state: 'unknown', detail: 'timed_out' }],
    [TIMED_OUT, DECIDING, { state: 'pending', detail: 'accepted' }],
    [TIMED_OUT, REFUSED, { state: 'unknown', detail: 'timed_out' }],
    [TIMED_OUT, NOWHERE, { state: 'unknown' }],
    [TIMED_OUT, NOT_FOUND, { state: 'unknown' }],
    [TIMED_OUT, UNREACHABLE, { state: 'unknown' }],
    [ACCEPTED, CANCELLED, { state: 'confirmed' }],
    [
      ACCEPTED,
      REFUSED,
      { state: 'refused', detail: 'refused_by_provider', words: 'Nota fiscal emitida', historyMark: '592' },
    ],
    [ACCEPTED, ACTIVE, { state: 'pending', detail: 'accepted' }],
    [{ kind: 'credential_rejected' }, ACTIVE, { state: 'pending', detail: 'credential_rejected' }],
    [{ kind: 'rate_limited', retryAfterMs: null }, ACTIVE, { state: 'pending', detail: 'rate_limited' }],
  ])('after %j a look that shows %j is believed, but nothing is asked again', async (reply, seen, expected) => {
    const { lookUp, cancel, look, read, clock } = await openAfter(reply);
    lookUp.mockResolvedValue(seen);
    clock.advance(QUIET_MS - 1);
    await look();
    expect(await read()).toMatchObject(expected);
    expect(cancel).toHaveBeenCalledTimes(1);
  });
});

describe('after the quiet period', () => {
  it.each<[CancelReply, LookUpReply, number, object]>([
    [TIMED_OUT, ACTIVE, 2, { state: 'confirmed', attempts: 2, evidence: { source: 'reply' } }],
    [{ kind: 'credential_rejected' }, ACTIVE, 2, { state: 'confirmed', attempts: 2 }],
    [{ kind: 'rate_limited', retryAfterMs: 1 }, ACTIVE, 2, { state: 'confirmed', attempts: 2 }],
    [TIMED_OUT, REFUSED, 1, { state: 'refused', detail: 'refused_by_provider' }],
    [TIMED_OUT, NOT_FOUND, 1, { state: 'refused', detail: 'order_not_found', words: null }],
    [TIMED_OUT, NOWHERE, 1, { state: 'unknown', attempts: 1 }],
    [TIMED_OUT, { kind: 'lost', problem: 'unreadable_reply' }, 1, { state: 'unknown', attempts: 1 }],
    [ACCEPTED, ACTIVE, 1, { state: 'pending', attempts: 1 }],
    [ACCEPTED, NOT_FOUND, 1, { state: 'pending', attempts: 1 }],
    [ACCEPTED, NOWHERE, 1, { state: 'pending', attempts: 1 }],
  ])('after %j a look that shows %j leads to %i asks', async (reply, seen, asks, expected) => {
    const { lookUp, cancel, look, read, clock } = await openAfter(reply);
    lookUp.mockResolvedValue(seen);
    clock.advance(QUIET_MS);
    await look();
    expect(cancel).toHaveBeenCalledTimes(asks);
    expect(await read()).toMatchObject(expected);
  });

  it('counts from when the last ask can have ended, and adds what clocks may differ by', async () => {
    const { lookUp, cancel, look, clock } = await openAfter(TIMED_OUT, {
      quietPeriodMs: QUIET_MS,
      clockSkewMs: 20_000,
    });
    lookUp.mockResolvedValue(ACTIVE);
    clock.advance(QUIET_MS + 19_999);
    await look();
    expect(cancel).toHaveBeenCalledTimes(1);
    clock.advance(1);
    await look();
    expect(cancel).toHaveBeenCalledTimes(2);
  });

  it('has to be over when a look begins, however long the look takes', async () => {
    const { cancel, look, lookUp, clock } = await openAfter(TIMED_OUT);
    const lookFor = (ms: number) => () => {
      clock.advance(ms);
      return Promise.resolve(ACTIVE);
    };
    clock.advance(QUIET_MS - 1);
    lookUp.mockImplementation(lookFor(20_000));
    expect(await look()).toBe('open');
    expect(cancel).toHaveBeenCalledTimes(1);
    expect(await look()).toBe('settled');
    expect(cancel).toHaveBeenCalledTimes(2);
  });

  it('begins anew with each ask', async () => {
    const { cancel, look, clock } = await openAfter(TIMED_OUT);
    cancel.mockResolvedValue(TIMED_OUT);
    clock.advance(QUIET_MS);
    await look();
    clock.advance(QUIET_MS - 1);
    await look();
    expect(cancel).toHaveBeenCalledTimes(2);
    clock.advance(1);
    await look();
    expect(cancel).toHaveBeenCalledTimes(3);
  });

  it('writes calling before the provider is asked again', async () => {
    const { cancel, look, read, clock } = await openAfter(TIMED_OUT);
    let seen: unknown;
    cancel.mockImplementation(async () => {
      seen = await read();
      return DONE;
    });
    clock.advance(QUIET_MS);
    await look();
    expect(seen).toMatchObject({ state: 'calling', attempts: 2 });
  });
});

describe('an ask that was never sent', () => {
  it('is made as soon as the provider answers, without waiting, but after a look', async () => {
    const { lookUp, cancel, look, read, clock } = await openAfter(UNREACHABLE);
    lookUp.mockResolvedValueOnce(UNREACHABLE);
    clock.advance(1_000);
    expect(await look()).toBe('halted');
    expect(cancel).toHaveBeenCalledTimes(1);
    expect(await look()).toBe('settled');
    expect(lookUp).toHaveBeenCalledTimes(2);
    expect(await read()).toMatchObject({ state: 'confirmed', attempts: 2 });
  });

  it('is not made when the look shows that the order is cancelled by now', async () => {
    const { lookUp, cancel, look, read } = await openAfter(UNREACHABLE);
    lookUp.mockResolvedValue(CANCELLED);
    await look();
    expect(cancel).toHaveBeenCalledTimes(1);
    expect(await read()).toMatchObject({ state: 'confirmed', detail: 'already_cancelled' });
  });

  it('is made for an order that is in no list, so that the provider says what it is', async () => {
    const { lookUp, cancel, look, read } = await openAfter(UNREACHABLE);
    lookUp.mockResolvedValue(NOWHERE);
    cancel.mockResolvedValue({ kind: 'refused', words: 'unknown id' });
    await look();
    expect(cancel).toHaveBeenCalledTimes(2);
    expect(await read()).toMatchObject({ state: 'refused', detail: 'order_not_found', words: 'unknown id' });
  });
});

describe('an operation whose caller died', () => {
  it('is unknown once its lease is over, is read back, and its quiet period counts from the end of the lease', async () => {
    const { needs, clock, cancel, lookUp, open } = world(dynamodb, { quietPeriodMs: QUIET_MS });
    const command = cancelCommand();
    needs.ledger = { ...needs.ledger, write: () => Promise.reject(new Error('killed')) };
    await perform(command, needs, timeLeft(clock));
    const living = world(dynamodb).needs;
    const find = async () => (await living.ledger.find(command.connection, command.orderId))?.current;
    const dueNow = async () =>
      (await living.ledger.due('loja-rio', clock.now(), 100)).operations.find(
        ({ orderId }) => orderId === command.orderId,
      );

    clock.advance(28_000);
    expect(await dueNow()).toBeUndefined();
    clock.advance(1_000);
    const due = await dueNow();
    if (due === undefined) throw new Error('The operation is not due.');
    lookUp.mockResolvedValue(ACTIVE);
    const settling = { ...needs, ledger: living.ledger };
    await settle(due, open('loja-rio'), settling, timeLeft(clock, 60_000));
    expect(await find()).toMatchObject({ state: 'unknown', detail: 'interrupted' });

    clock.advance(QUIET_MS - 1);
    const again = async () => {
      const current = await find();
      if (current?.state !== 'unknown') throw new Error('The operation is not unknown.');
      return settle(current, open('loja-rio'), settling, timeLeft(clock, 60_000));
    };
    await again();
    expect(cancel).toHaveBeenCalledTimes(1);
    clock.advance(1);
    await again();
    expect(cancel).toHaveBeenCalledTimes(2);
    expect(await find()).toMatchObject({ state: 'confirmed' });
  });
});

it('a refusal that is newer than the ask may still be of somebody else’s ask, until the quiet period is over', async () => {
  const { cancel, lookUp, look, read, clock } = await openAfter(TIMED_OUT);
  cancel.mockResolvedValue(TIMED_OUT);
  lookUp.mockResolvedValueOnce({ kind: 'not_cancelled', order: facts('billing'), refusal: null, historyMark: '590' });
  clock.advance(QUIET_MS);
  await look();
  expect(await read()).toMatchObject({ state: 'unknown', historyMark: '590', attempts: 2 });

  lookUp.mockResolvedValue(REFUSED);
  clock.advance(QUIET_MS - 1);
  await look();
  expect(await read()).toMatchObject({ state: 'unknown' });
  clock.advance(1);
  await look();
  expect(await read()).toMatchObject({ state: 'refused', detail: 'refused_by_provider' });
});

it('a refusal of what was accepted without a mark may be an older one, until the quiet period is over', async () => {
  const { lookUp, look, read, clock } = await openAfter({ kind: 'accepted', status: 'billing', historyMark: null });
  lookUp.mockResolvedValue(REFUSED);
  clock.advance(QUIET_MS - 1);
  await look();
  expect(await read()).toMatchObject({ state: 'pending', detail: 'accepted' });
  clock.advance(1);
  await look();
  expect(await read()).toMatchObject({ state: 'refused', detail: 'refused_by_provider' });
});

describe('until when a lost ask may still act', () => {
  it.each([
    [QUIET_MS - 1, 1],
    [QUIET_MS, null],
    [QUIET_MS + 1, null],
  ])('is noted where it is found done %i ms after it: for %s ms more', async (afterMs, leftMs) => {
    const { lookUp, look, read, clock } = await openAfter(TIMED_OUT);
    lookUp.mockResolvedValue(CANCELLED);
    clock.advance(afterMs);
    await look();
    const current = await read();
    if (current.state !== 'confirmed') throw new Error('It is not confirmed.');
    const until = current.mayActUntil === null ? null : Date.parse(current.mayActUntil) - clock.now();
    expect(until).toBe(leftMs);
  });
});

describe('what another one has taken', () => {
  it('is not looked at', async () => {
    const { read, command, open, needs, clock, lookUp } = await openAfter(TIMED_OUT);
    const stale = await read();
    if (stale.state !== 'unknown') throw new Error('It is not unknown.');
    await needs.ledger.write(stale, { ...stale, owner: 'another', version: stale.version + 1 });
    expect(await settle(stale, open(command.connection), needs, timeLeft(clock, 60_000))).toBe('taken_by_another');
    expect(lookUp).not.toHaveBeenCalled();
  });

  it('is not parked, and neither is what is parked', async () => {
    const { read, needs, clock, logged } = await openAfter(TIMED_OUT);
    const stale = await read();
    if (stale.state !== 'unknown') throw new Error('It is not unknown.');
    clock.advance(72 * 3_600_000 + 1);
    const current = { ...stale, owner: 'another', version: stale.version + 1 };
    await needs.ledger.write(stale, current);
    logged.length = 0;
    await parkIfTooOld(stale, needs);
    expect(await read()).toEqual(current);
    await parkIfTooOld(current, needs);
    const parked = await read();
    expect(parked.state).toBe('needs_attention');
    expect(logged).toHaveLength(1);
    if (parked.state !== 'needs_attention') return;
    await parkIfTooOld(parked, needs);
    expect(await read()).toEqual(parked);
    expect(logged).toHaveLength(1);
  });
});

describe('two settlers', () => {
  it('do not work on one operation at a time', async () => {
    const { look, read, cancel, clock, needs, open } = await openAfter(TIMED_OUT);
    clock.advance(QUIET_MS);
    const current = await read();
    if (current.state !== 'unknown') throw new Error('The operation is not unknown.');
    const looked = await Promise.all([
      look(),
      settle(current, open(current.connection), needs, timeLeft(clock)),
      settle(current, open(current.connection), needs, timeLeft(clock)),
    ]);
    expect(looked.sort()).toEqual(['settled', 'taken_by_another', 'taken_by_another']);
    expect(cancel).toHaveBeenCalledTimes(2);
  });

  it('cannot ask again on top of a lease that was lost', async () => {
    const { lookUp, look, read, cancel, clock, needs, open } = await openAfter(TIMED_OUT);
    clock.advance(QUIET_MS);
    lookUp.mockImplementationOnce(async () => {
      clock.advance(60_000);
      const current = await read();
      if (current.state !== 'unknown') throw new Error('The operation is not unknown.');
      expect(await settle(current, open(current.connection), needs, timeLeft(clock))).toBe('settled');
      return ACTIVE;
    });
    expect(await look()).toBe('taken_by_another');
    expect(cancel).toHaveBeenCalledTimes(2);
  });
});

describe('what cannot be settled', () => {
  it('is parked with an error for an alarm after three days, and a late proof still settles it', async () => {
    const { lookUp, cancel, look, read, clock, logged } = await openAfter(ACCEPTED);
    lookUp.mockResolvedValue(ACTIVE);
    clock.advance(72 * 3_600_000 + 1);
    await look();
    expect(await read()).toMatchObject({ state: 'needs_attention', detail: 'accepted' });
    expect(logged).toContainEqual(expect.objectContaining({ level: 'error', code: 'OPERATION_NEEDS_ATTENTION' }));
    lookUp.mockResolvedValue(CANCELLED);
    await look();
    expect(await read()).toMatchObject({ state: 'confirmed' });
    expect(cancel).toHaveBeenCalledTimes(1);
  });

  it('is parked after five asks that were each proven to have had no effect, and not asked again', async () => {
    const { cancel, look, read, clock } = await openAfter(TIMED_OUT);
    cancel.mockResolvedValue(TIMED_OUT);
    for (let looks = 0; looks < 8; looks += 1) {
      clock.advance(QUIET_MS);
      await look();
    }
    expect(cancel).toHaveBeenCalledTimes(5);
    expect(await read()).toMatchObject({ state: 'needs_attention' });
  });

  it('is looked at less and less often, and the timeline does not grow with the looks', async () => {
    const { lookUp, look, read, clock } = await openAfter(ACCEPTED);
    lookUp.mockResolvedValue(ACTIVE);
    const waits: number[] = [];
    for (let looks = 0; looks < 10; looks += 1) {
      await look();
      const current = await read();
      if (current.state !== 'pending') throw new Error('The operation is not pending.');
      waits.push(Math.round((Date.parse(current.dueAt) - clock.now()) / 1000));
      clock.advance(Date.parse(current.dueAt) - clock.now());
    }
    expect(waits).toEqual([5, 9, 18, 36, 72, 144, 288, 576, 810, 810]);
    expect((await read()).timeline).toHaveLength(2);
  });
});

it('asks the provider about this ask only: when it was made, when it ended, and the mark of its acceptance', async () => {
  const { look, lookUpQueries, read } = await openAfter(ACCEPTED);
  const { requestedAt, orderId } = await read();
  await look();
  const askedAt = Date.parse(requestedAt);
  expect(lookUpQueries).toEqual([{ orderId, askedAt, historyMark: '591', madeAfter: askedAt }]);
});

describe('what a look shows must have been made', () => {
  const SKEW_MS = 7_000;
  const madeAfterOf = (queries: unknown[], endedAt: number) =>
    queries
      .map((query) => z.object({ madeAfter: z.optional(z.number()) }).parse(query).madeAfter ?? NaN)
      .map((at) => at - endedAt);

  it('after the end of the ask, and after its quiet period to prove that it had no effect', async () => {
    const { look, lookUp, lookUpQueries, clock } = await openAfter(TIMED_OUT, {
      quietPeriodMs: QUIET_MS,
      clockSkewMs: SKEW_MS,
    });
    const endedAt = clock.now();
    lookUp.mockResolvedValue({ kind: 'lost', problem: 'stale_reply' });
    await look();
    clock.advance(QUIET_MS + SKEW_MS - 1);
    await look();
    clock.advance(1);
    await look();
    expect(madeAfterOf(lookUpQueries, endedAt)).toEqual([SKEW_MS, SKEW_MS, QUIET_MS + SKEW_MS]);
  });

  it('after the look began where nothing was sent', async () => {
    const { look, lookUpQueries, clock } = await openAfter(UNREACHABLE);
    await look();
    expect(madeAfterOf(lookUpQueries, clock.now())).toEqual([NaN]);
  });

  it('or else it proves nothing: neither done nor undone, however long ago the ask was', async () => {
    const { cancel, look, lookUp, read, clock } = await openAfter(TIMED_OUT);
    lookUp.mockResolvedValue({ kind: 'lost', problem: 'stale_reply' });
    clock.advance(10 * QUIET_MS);
    await look();
    expect(await read()).toMatchObject({ state: 'unknown', detail: 'timed_out' });
    expect(cancel).toHaveBeenCalledTimes(1);
  });
});

it('each state is left only for a state that is allowed, and the two ends are never left', async () => {
  const { look, read, clock, lookUp, logged } = await openAfter(TIMED_OUT);
  lookUp.mockResolvedValueOnce(DECIDING).mockResolvedValueOnce(UNREACHABLE).mockResolvedValue(REFUSED);
  for (let looks = 0; looks < 3; looks += 1) {
    await look();
    clock.advance(QUIET_MS);
  }
  const end = await read();
  expect(end.timeline.map(({ event }) => event)).toEqual(['requested', 'unknown', 'pending', 'refused']);
  expect(logged.filter(({ code }) => code === 'OPERATION_MOVED').at(-1)?.fields).toMatchObject({
    operation: operationId(end),
  });
});

describe('when an operation is looked at next', () => {
  it.each<[string, CancelReply, LookUpReply, Looked, number]>([
    ['after a look that told nothing', TIMED_OUT, { kind: 'lost', problem: 'timed_out' }, 'open', 4_500],
    ['while it is being decided', ACCEPTED, DECIDING, 'open', 4_500],
    ['when the provider cannot be reached', TIMED_OUT, UNREACHABLE, 'halted', 4_500],
    ['when the credential is rejected', TIMED_OUT, { kind: 'credential_rejected' }, 'halted', 4_500],
    ['when the provider limits, and does not say for how long', TIMED_OUT, LIMITED(null), 'halted', 4_500],
    ['when the provider says how long to wait', TIMED_OUT, LIMITED(60_000), 'halted', 60_000],
    ['when it says to wait for a day', TIMED_OUT, LIMITED(86_400_000), 'halted', 900_000],
  ])('%s', async (_, reply, seen, looked, expected) => {
    const { lookUp, look, read, clock } = await openAfter(reply);
    lookUp.mockResolvedValue(seen);
    expect(await look()).toBe(looked);
    expect(dueInMs(await read(), clock.now())).toBe(expected);
  });

  it('not later than at the end of the quiet period, when a look can prove that nothing was done', async () => {
    const { look, read, clock, lookUp } = await openAfter(TIMED_OUT, { quietPeriodMs: QUIET_MS, clockSkewMs: 1_000 });
    lookUp.mockResolvedValue({ kind: 'lost', problem: 'timed_out' });
    clock.advance(QUIET_MS - 2_000);
    await look();
    expect(dueInMs(await read(), clock.now())).toBe(3_000);
  });

  it('every six hours once it is parked', async () => {
    for (const seen of [ACTIVE, DECIDING]) {
      const { look, read, clock, lookUp } = await openAfter(ACCEPTED);
      lookUp.mockResolvedValue(seen);
      clock.advance(72 * 3_600_000 + 1);
      for (let looks = 0; looks < 2; looks += 1) {
        expect(await look()).toBe('open');
        expect(await read()).toMatchObject({ state: 'needs_attention', detail: 'accepted', leaseUntil: null });
        expect(dueInMs(await read(), clock.now())).toBe(6 * 3_600_000);
      }
    }
  });

  it('is not parked a moment before it is too old', async () => {
    for (const seen of [ACTIVE, DECIDING]) {
      const { look, read, clock, lookUp } = await openAfter(ACCEPTED);
      lookUp.mockResolvedValue(seen);
      clock.advance(72 * 3_600_000);
      await look();
      expect(await read()).toMatchObject({ state: 'pending', detail: 'accepted' });
    }
  });
});

describe('what was asked for four times and turned away by 429 each time', () => {
  it('is parked only after five asks whose answers got lost, the turned away ones not counted', async () => {
    const { clock, look, read, cancel } = await openAfter(LIMITED(5));
    cancel.mockResolvedValue(LIMITED(5));
    const askAgain = async () => {
      clock.advance(QUIET_MS);
      await look();
    };
    for (let asks = 1; asks < 4; asks += 1) await askAgain();
    cancel.mockResolvedValue(TIMED_OUT);
    for (let lost = 1; lost <= 5; lost += 1) {
      await askAgain();
      expect(await read()).toMatchObject({ state: 'unknown', attempts: 4 + lost, lostAsks: lost });
    }
    await askAgain();
    expect(await read()).toMatchObject({ state: 'needs_attention', attempts: 9 });
  });
});

it('what is turned away for days is parked when it is too old, though each look comes after its quiet period', async () => {
  const { clock, look, read, cancel } = await openAfter(LIMITED(900_000));
  cancel.mockResolvedValue(LIMITED(900_000));
  for (let hours = 0; hours <= 73; hours += 1) {
    clock.advance(3_600_000);
    await look();
  }
  expect(await read()).toMatchObject({ state: 'needs_attention', detail: 'rate_limited' });
  const asks = cancel.mock.calls.length;
  clock.advance(24 * 3_600_000);
  await look();
  expect(cancel.mock.calls).toHaveLength(asks);
});

describe('what was asked for five times', () => {
  /** Asked for again and again, each time with this answer, and looked at a moment before the last one's quiet period is over. */
  const askUntilSpent = async (reply: CancelReply) => {
    const it = await openAfter(reply);
    it.cancel.mockResolvedValue(reply);
    for (let asks = 1; asks < 5; asks += 1) {
      it.clock.advance(QUIET_MS);
      await it.look();
    }
    expect(await it.read()).toMatchObject({ attempts: 5 });
    return it;
  };

  it('is parked only when its quiet period is over, and then looked at every six hours, though it is young', async () => {
    const { clock, look, read, lookUp } = await askUntilSpent(TIMED_OUT);
    clock.advance(QUIET_MS - 1);
    await look();
    expect(await read()).toMatchObject({ state: 'unknown', attempts: 5 });
    clock.advance(1);
    await look();
    expect(await read()).toMatchObject({ state: 'needs_attention', attempts: 5 });
    for (const seen of [ACTIVE, DECIDING, NOWHERE]) {
      lookUp.mockResolvedValue(seen);
      await look();
      expect((await read()).state).toBe('needs_attention');
      expect(dueInMs(await read(), clock.now())).toBe(6 * 3_600_000);
    }
  });

  it('is asked for again all the same where the provider did not take it on', async () => {
    const { clock, look, read } = await askUntilSpent(LIMITED(5));
    clock.advance(QUIET_MS);
    await look();
    expect(await read()).toMatchObject({ state: 'pending', attempts: 6 });
  });
});

describe('what is more to read than one look can', () => {
  const TOO_LARGE: LookUpReply = { kind: 'lost', problem: 'look_up_too_large' };

  it('is parked under that name after some looks, within the hour, and a late proof still settles it', async () => {
    const { lookUp, cancel, look, read, clock, command } = await openAfter(TIMED_OUT);
    lookUp.mockResolvedValue(TOO_LARGE);
    const askedAt = clock.now();
    for (let current = await read(); current.state === 'unknown'; current = await read()) {
      expect(current.detail).toBe('timed_out');
      clock.advance(dueInMs(current, clock.now()));
      await look();
    }
    expect(await read()).toMatchObject({ state: 'needs_attention', detail: 'look_up_too_large' });
    expect(clock.now() - askedAt).toBeGreaterThan(5 * 60_000);
    expect(clock.now() - askedAt).toBeLessThan(60 * 60_000);
    lookUp.mockResolvedValue(ACTIVE);
    await look();
    expect(await read()).toMatchObject({ state: 'needs_attention', detail: 'look_up_too_large' });
    lookUp.mockResolvedValue(CANCELLED);
    await look();
    expect(await read()).toMatchObject({ state: 'confirmed', orderId: command.orderId });
    expect(cancel).toHaveBeenCalledTimes(1);
  });

  it('is not parked while the provider may still work on the ask', async () => {
    const { lookUp, look, read, clock } = await openAfter(TIMED_OUT);
    lookUp.mockResolvedValue(TOO_LARGE);
    for (let looks = 0; looks < 20; looks += 1) await look();
    expect(await read()).toMatchObject({ state: 'unknown', looksSinceAsk: 20 });
    clock.advance(QUIET_MS);
    await look();
    expect(await read()).toMatchObject({ state: 'needs_attention', detail: 'look_up_too_large' });
  });

  it('does not keep an ask from being made that was never sent', async () => {
    const { lookUp, cancel, look, read } = await openAfter(UNREACHABLE);
    lookUp.mockResolvedValue(TOO_LARGE);
    await look();
    expect(cancel).toHaveBeenCalledTimes(2);
    expect(await read()).toMatchObject({ state: 'confirmed', attempts: 2 });
  });
});

it('what is looked at when its quiet period ends is looked at later again, not at once', async () => {
  const { clock, look, read, lookUp } = await openAfter(TIMED_OUT);
  lookUp.mockResolvedValue({ kind: 'lost', problem: 'timed_out' });
  clock.advance(QUIET_MS);
  await look();
  expect(dueInMs(await read(), clock.now())).toBe(4_500);
});

it('a restore whose order is seen in a word that is not known is looked at again', async () => {
  const { needs, clock, restore, lookUp, open } = world(dynamodb, { quietPeriodMs: QUIET_MS });
  restore.mockResolvedValue(TIMED_OUT);
  const command = cancelCommand();
  const { operation } = await perform({ ...command, kind: 'restore' }, needs, timeLeft(clock));
  if (operation.state !== 'unknown') throw new Error('It is not unknown.');
  lookUp.mockResolvedValue({
    kind: 'not_cancelled',
    order: facts('HOLD'),
    refusal: null,
    historyMark: null,
    isUnclear: true,
  });
  clock.advance(QUIET_MS);
  expect(await settle(operation, open(command.connection), needs, timeLeft(clock, 60_000))).toBe('open');
  expect(restore).toHaveBeenCalledTimes(1);
});

describe('an ask that is made again', () => {
  it.each<[CancelReply, Looked]>([
    [DONE, 'settled'],
    [{ kind: 'refused', words: 'no' }, 'settled'],
    [TIMED_OUT, 'open'],
    [ACCEPTED, 'open'],
    [{ kind: 'credential_rejected' }, 'halted'],
    [LIMITED(5), 'halted'],
    [UNREACHABLE, 'halted'],
  ])('and ends with %j: %s', async (reply, looked) => {
    const { cancel, lookUp, look, clock } = await openAfter(TIMED_OUT);
    cancel.mockResolvedValue(reply);
    lookUp.mockResolvedValueOnce(ACTIVE);
    if (reply.kind === 'credential_rejected') lookUp.mockResolvedValueOnce(reply);
    clock.advance(QUIET_MS);
    expect(await look()).toBe(looked);
    expect(cancel).toHaveBeenCalledTimes(2);
  });
});

it('the read-back of a refusal may take as long as a look, so that what a look can prove it can prove too', async () => {
  const { cancel, lookUpLimits, look, read, clock } = await openAfter(TIMED_OUT);
  cancel.mockResolvedValue({ kind: 'refused', words: 'no' });
  clock.advance(QUIET_MS);
  await look();
  expect(await read()).toMatchObject({ state: 'refused' });
  expect(lookUpLimits).toEqual([{ timeoutMs: 30_000 }, { timeoutMs: 30_000 }]);
});

it('holds its operation for as long as a look and an ask can take, and what clocks differ by', async () => {
  const { command, clock, lookUp, look, read, open, needs } = await openAfter(TIMED_OUT, { clockSkewMs: 20_000 });
  expect(settlingTimeMs(open(command.connection))).toBe(52_000);
  const leases: number[] = [];
  lookUp.mockImplementation(async () => {
    const held = await read();
    leases.push('leaseUntil' in held ? Date.parse(held.leaseUntil ?? '') - clock.now() : Number.NaN);
    return { kind: 'lost', problem: 'timed_out' };
  });
  await look();
  const current = await read();
  if (current.state !== 'unknown') throw new Error('The operation is not unknown.');
  await settle(current, open(command.connection), needs, timeLeft(clock, 40_000));
  expect(leases).toEqual([72_000, 60_000]);
});
