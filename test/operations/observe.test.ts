import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { observe } from '../../functions/operations/observe.ts';
import { viewOf } from '../../functions/operations/rules/view-of.ts';
import { perform, performLater } from '../../functions/operations/perform.ts';
import type { CancelReply, LookUpReply } from '../../functions/providers/provider.ts';
import { startDynamoDB, type TestDynamoDB } from '../support/dynamodb.ts';
import { ACTIVE, CANCELLED, cancelCommand, DONE, facts, TIMED_OUT, timeLeft, world } from './world.ts';

const ACCEPTED: CancelReply = { kind: 'accepted', status: 'billing', historyMark: '591' };

let dynamodb: TestDynamoDB;
beforeAll(async () => {
  dynamodb = await startDynamoDB();
});
afterAll(() => dynamodb.stop());

/** An order of which a hint may come. */
function hinted() {
  const it = world(dynamodb);
  const command = cancelCommand();
  command.connection = `shop-${command.orderId}`;
  const { connection, provider, orderId } = command;
  return {
    ...it,
    command,
    ask: () => perform(command, it.needs, timeLeft(it.clock)),
    hint: () => observe({ connection, provider, orderId, trigger: 'webhook' }, it.needs, timeLeft(it.clock)),
    read: async () => (await it.needs.ledger.find(connection, orderId))?.current ?? null,
  };
}

describe('a hint of an order whose operation is open', () => {
  it.each<[string, CancelReply, LookUpReply, object]>([
    ['a pending one is confirmed', ACCEPTED, CANCELLED, { state: 'confirmed', detail: 'cancelled' }],
    ['an unknown one is confirmed', TIMED_OUT, CANCELLED, { state: 'confirmed', detail: 'cancelled' }],
    [
      'a pending one is refused',
      ACCEPTED,
      { kind: 'not_cancelled', order: facts('billing'), refusal: 'Nota fiscal emitida', historyMark: '592' },
      { state: 'refused', detail: 'refused_by_provider', words: 'Nota fiscal emitida' },
    ],
    ['what proves nothing leaves it as it is', ACCEPTED, ACTIVE, { state: 'pending', detail: 'accepted' }],
    ['a lost look leaves it as it is', TIMED_OUT, { kind: 'lost', problem: 'timed_out' }, { state: 'unknown' }],
  ])('is followed at once: %s', async (_, reply, seen, expected) => {
    const { cancel, lookUp, ask, hint, read } = hinted();
    cancel.mockResolvedValueOnce(reply);
    await ask();
    lookUp.mockResolvedValue(seen);
    expect(await hint()).toEqual({ kind: 'operation', operation: await read() });
    expect(await read()).toMatchObject(expected);
    expect(cancel).toHaveBeenCalledTimes(1);
  });

  it('does not ask again before the quiet period is over, however many come', async () => {
    const { cancel, clock, ask, hint } = hinted();
    cancel.mockResolvedValue(TIMED_OUT);
    await ask();
    for (let hints = 0; hints < 10; hints += 1) await hint();
    clock.advance(59_000);
    await hint();
    expect(cancel).toHaveBeenCalledTimes(1);
  });

  it('waits for the ask that is at the provider, and settles what it left open', async () => {
    const { cancel, lookUp, clock, needs, ask, hint, read } = hinted();
    let answer: (reply: CancelReply) => void = () => undefined;
    // The hint overtakes the answer: Estoka was quicker to tell than to reply.
    cancel.mockImplementation(() => {
      lookUp.mockResolvedValue(CANCELLED);
      return new Promise((resolve) => {
        answer = resolve;
      });
    });
    let pauses = 0;
    needs.clock = {
      ...clock,
      sleep: async (ms) => {
        pauses += 1;
        await clock.sleep(ms);
        if (pauses === 3) {
          answer(ACCEPTED);
          await asked;
        }
      },
    };
    const asked = ask();
    while (cancel.mock.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(await hint()).toMatchObject({ kind: 'operation', operation: { state: 'confirmed' } });
    expect(await read()).toMatchObject({ state: 'confirmed', attempts: 1, evidence: { source: 'read_back' } });
    expect(cancel).toHaveBeenCalledTimes(1);
  });

  it('leaves it to whoever holds its lease when that takes long', async () => {
    const { cancel, lookUp, ask, hint } = hinted();
    cancel.mockImplementation(async () => {
      expect(await hint()).toMatchObject({ kind: 'operation', operation: { state: 'calling' } });
      return DONE;
    });
    await ask();
    expect(lookUp).not.toHaveBeenCalled();
  });

  it('settles what was queued, and not yet asked for', async () => {
    const { needs, command, cancel, lookUp, hint } = hinted();
    await performLater(command, needs);
    lookUp.mockResolvedValue(CANCELLED);
    expect(await hint()).toMatchObject({ operation: { state: 'confirmed', detail: 'already_cancelled', attempts: 0 } });
    expect(cancel).not.toHaveBeenCalled();
  });

  it('waits for five seconds and no longer for who works on it', async () => {
    const { needs, ask, hint, cancel, lookUp, clock } = hinted();
    cancel.mockImplementation(async () => {
      const before = clock.now();
      expect(await hint()).toMatchObject({ operation: { state: 'calling' } });
      expect(clock.now() - before).toBe(5_000);
      return DONE;
    });
    await ask();
    expect(needs.clock.now()).toBe(clock.now());
    expect(lookUp).not.toHaveBeenCalled();
  });

  it('takes over what somebody works on no more, from the moment at which the lease ends', async () => {
    const { needs, ask, hint, cancel, lookUp, clock, read } = hinted();
    cancel.mockRejectedValueOnce(new Error('killed'));
    await ask().catch(() => undefined);
    const current = await read();
    if (current?.state !== 'calling') throw new Error('It is not calling.');
    clock.advance(Date.parse(current.leaseUntil) - clock.now());
    lookUp.mockResolvedValue(CANCELLED);
    expect(await hint()).toMatchObject({ operation: { state: 'confirmed' } });
    expect(needs.clock.now()).toBe(Date.parse(current.leaseUntil));
  });

  it('is looked at once more where another one took it first, and not where the look was lost', async () => {
    const { needs, ask, hint, cancel, lookUp, read } = hinted();
    cancel.mockResolvedValueOnce(TIMED_OUT);
    await ask();
    lookUp.mockResolvedValue({ kind: 'lost', problem: 'timed_out' });
    await hint();
    expect(lookUp).toHaveBeenCalledTimes(1);
    const { ledger } = needs;
    let isFirst = true;
    needs.ledger = {
      ...ledger,
      write: async (previous, next) => {
        if (!isFirst) return ledger.write(previous, next);
        isFirst = false;
        const current = await read();
        if (current === null) throw new Error('It is not there.');
        return { kind: 'lost', current };
      },
    };
    lookUp.mockResolvedValue(CANCELLED);
    expect(await hint()).toMatchObject({ operation: { state: 'confirmed' } });
    expect(lookUp).toHaveBeenCalledTimes(2);
  });

  it('makes no call where the credential stands rejected', async () => {
    const { cancel, lookUp, ask, hint } = hinted();
    cancel.mockResolvedValue({ kind: 'credential_rejected' });
    lookUp.mockResolvedValue({ kind: 'credential_rejected' });
    await ask();
    lookUp.mockClear();
    expect(await hint()).toMatchObject({ operation: { state: 'pending', detail: 'credential_rejected' } });
    expect(lookUp).not.toHaveBeenCalled();
  });
});

describe('a hint of an order that nobody asked about here', () => {
  it('is noted where the order is cancelled, with the evidence and no attempt, and is what a later ask gets', async () => {
    const { cancel, lookUp, ask, hint, read, logged } = hinted();
    lookUp.mockResolvedValue(CANCELLED);
    await hint();
    const noted = await read();
    if (noted === null) throw new Error('Nothing was noted.');
    expect(viewOf(noted)).toMatchObject({
      outcome: 'confirmed',
      detail: 'already_cancelled',
      final: true,
      trigger: 'webhook',
      actor: null,
      attempts: 0,
      evidence: { source: 'read_back', status: 'cancelled' },
      timeline: [{ event: 'seen' }, { event: 'confirmed', detail: 'already_cancelled' }],
    });
    const operation = `${noted.connection}:${noted.orderId}:1`;
    expect(logged).toContainEqual({ level: 'info', code: 'CANCEL_SEEN', fields: { operation } });

    expect(await ask()).toEqual({ operation: noted, replayed: true });
    expect(cancel).not.toHaveBeenCalled();
    lookUp.mockClear();
    expect(await hint()).toEqual({ kind: 'operation', operation: noted });
    expect(lookUp).not.toHaveBeenCalled();
  });

  it('is noted once, however many come at once', async () => {
    const { lookUp, hint, needs, command, logged } = hinted();
    lookUp.mockResolvedValue(CANCELLED);
    const observed = await Promise.all(Array.from({ length: 10 }, () => hint()));
    const found = await needs.ledger.find(command.connection, command.orderId);
    expect(found?.previous).toEqual([]);
    for (const one of observed) expect(one).toEqual({ kind: 'operation', operation: found?.current });
    expect(logged.filter(({ code }) => code === 'CANCEL_SEEN')).toHaveLength(1);
  });

  it.each<LookUpReply>([
    ACTIVE,
    { kind: 'deciding', order: facts('billing') },
    { kind: 'order_not_found' },
    { kind: 'nowhere' },
    { kind: 'closed', order: facts('EXPIRED') },
  ])('is not noted where the provider shows %j, at the first look', async (seen) => {
    const { lookUp, hint, read } = hinted();
    lookUp.mockResolvedValue(seen);
    expect(await hint()).toEqual({ kind: 'nothing' });
    expect(await read()).toBeNull();
    expect(lookUp).toHaveBeenCalledTimes(1);
  });

  it('is looked at with the stored credential, for no longer than the connection allows, by what is known of the order', async () => {
    const { needs, cancel, lookUp, lookUpQueries, lookUpLimits, ask, hint, clock, command } = hinted();
    cancel.mockResolvedValue({ kind: 'refused', words: 'no' });
    lookUp.mockResolvedValue({ kind: 'not_cancelled', order: facts('billing'), refusal: 'no', historyMark: '592' });
    await ask();
    const opened: unknown[] = [];
    const { openConnection } = needs;
    needs.openConnection = (...query) => {
      opened.push(query);
      return openConnection(...query);
    };
    clock.advance(1_000);
    expect(await hint()).toMatchObject({ kind: 'operation', operation: { state: 'refused' } });
    expect(opened).toEqual([[command.connection, { fresh: true }]]);
    expect(lookUpQueries.at(-1)).toEqual({ orderId: command.orderId, askedAt: clock.now(), historyMark: '592' });
    expect(lookUpLimits.at(-1)).toEqual({ timeoutMs: 5_000 });
  });

  it('is given up after three rounds that others were quicker in', async () => {
    const { needs, lookUp, hint, ask, read, logged } = hinted();
    await ask();
    const current = await read();
    if (current === null) throw new Error('It is not there.');
    lookUp.mockResolvedValue(CANCELLED);
    const { ledger } = needs;
    needs.ledger = {
      ...ledger,
      findCurrent: () => Promise.resolve(null),
      claim: () => Promise.resolve({ kind: 'exists', current }),
    };
    expect(await hint()).toEqual({ kind: 'nothing' });
    expect(lookUp).toHaveBeenCalledTimes(3);
    expect(logged.map(({ code }) => code)).not.toContain('CANCEL_SEEN');
  });

  it.each<LookUpReply>([
    { kind: 'lost', problem: 'timed_out' },
    { kind: 'not_sent', problem: 'provider_unreachable' },
    { kind: 'rate_limited', retryAfterMs: 5 },
    { kind: 'credential_rejected' },
  ])('is not noted, and said to be unread, where the look ends as %j', async (seen) => {
    const { lookUp, hint, read } = hinted();
    lookUp.mockResolvedValue(seen);
    expect(await hint()).toEqual({ kind: 'unread', failure: seen });
    expect(await read()).toBeNull();
  });

  it('is no reason for a second call where the credential was rejected', async () => {
    const { lookUp, hint } = hinted();
    lookUp.mockResolvedValue({ kind: 'credential_rejected' });
    await hint();
    expect(await hint()).toEqual({ kind: 'unread', failure: { kind: 'credential_rejected' } });
    expect(lookUp).toHaveBeenCalledTimes(1);
  });
});

it('a refused order that is cancelled elsewhere afterwards gets its next operation', async () => {
  const { cancel, lookUp, ask, hint, needs, command } = hinted();
  cancel.mockResolvedValue({ kind: 'refused', words: 'no' });
  const { operation: refused } = await ask();
  expect(await hint()).toEqual({ kind: 'operation', operation: refused });
  lookUp.mockResolvedValue(CANCELLED);
  await hint();
  expect(await needs.ledger.find(command.connection, command.orderId)).toMatchObject({
    current: { number: 2, state: 'confirmed', detail: 'already_cancelled', attempts: 0 },
    previous: [refused],
  });
  expect(cancel).toHaveBeenCalledTimes(1);
});

it('a hint and an ask at once give one effect and one true word', async () => {
  const { cancel, lookUp, ask, hint, read } = hinted();
  cancel.mockImplementation(() => {
    lookUp.mockResolvedValue(CANCELLED);
    return Promise.resolve(DONE);
  });
  // Whichever ask comes second is told that the order is being worked on.
  await Promise.allSettled([hint(), ask(), hint(), ask(), hint()]);
  expect(await read()).toMatchObject({ state: 'confirmed' });
  expect(cancel).toHaveBeenCalledTimes(1);
});

describe('a hint of an order that was cancelled here, and asked to be restored', () => {
  it('is noted as the next operation where it was restored and is cancelled again', async () => {
    const { lookUp, ask, hint, needs, command, clock } = hinted();
    await ask();
    await perform({ ...command, kind: 'restore' }, needs, timeLeft(clock));
    lookUp.mockResolvedValue(CANCELLED);
    await hint();
    expect(await needs.ledger.find(command.connection, command.orderId)).toMatchObject({
      current: {
        number: 3,
        kind: 'cancel',
        state: 'confirmed',
        attempts: 0,
        lastConfirmed: { kind: 'restore', number: 2 },
      },
    });
  });

  it('is no news where the restore was refused', async () => {
    const { lookUp, restore, ask, hint, read, needs, command, clock } = hinted();
    await ask();
    restore.mockResolvedValue({ kind: 'refused', words: 'no' });
    lookUp.mockResolvedValue(CANCELLED);
    const { operation: refused } = await perform({ ...command, kind: 'restore' }, needs, timeLeft(clock));
    expect(refused).toMatchObject({ number: 2, kind: 'restore', state: 'refused' });
    lookUp.mockClear();
    expect(await hint()).toEqual({ kind: 'operation', operation: refused });
    expect(await read()).toEqual(refused);
    expect(lookUp).not.toHaveBeenCalled();
  });
});
