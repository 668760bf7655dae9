import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OperationInProgress, OrderWasDeleted } from '../../functions/operations/errors.ts';
import { operationId, type OpenOperation, type Operation } from '../../functions/operations/rules/operation.ts';
import { viewOf } from '../../functions/operations/rules/view-of.ts';
import { answerWithoutAsking, perform, type Command } from '../../functions/operations/perform.ts';
import { settle } from '../../functions/operations/settle.ts';
import { listedSnapshot } from '../../functions/operations/rules/snapshot.ts';
import type { CancelledOrder } from '../../functions/providers/cancelled-order.ts';
import type { DeleteReply, LookUpReply, RestoreReply } from '../../functions/providers/provider.ts';
import { redact } from '../../functions/runtime/redact.ts';
import { startDynamoDB, type TestDynamoDB } from '../support/dynamodb.ts';
import {
  ACTIVE,
  cancelCommand,
  CANCELLED,
  DELETED,
  facts,
  RESTORED,
  TIMED_OUT,
  timeLeft,
  world,
  shownOrder,
} from './world.ts';

let dynamodb: TestDynamoDB;
beforeAll(async () => {
  dynamodb = await startDynamoDB();
});
afterAll(() => dynamodb.stop());

/** The order in the cancelled list. */
const listed = (changes: Partial<CancelledOrder> = {}): LookUpReply => ({
  kind: 'cancelled',
  order: {
    ...facts('CANCELED'),
    listed: { order: shownOrder(changes), customer: null, version: 'v', restoreWarnings: [] },
  },
});
const NOWHERE: LookUpReply = { kind: 'nowhere' };
const UNCLEAR: LookUpReply = {
  kind: 'not_cancelled',
  order: facts('ON HOLD'),
  refusal: null,
  historyMark: null,
  isUnclear: true,
};
const QUIET_MS = 60_000;

const same = (command: Command) => ({ connection: command.connection, orderId: command.orderId });
const restoreOf = (command: Command): Command => ({ ...cancelCommand(same(command)), kind: 'restore' });
const deleteOf = (command: Command): Command => ({
  ...cancelCommand(same(command)),
  kind: 'delete',
  tombstone: listedSnapshot({ order: shownOrder(), customer: null }, redact),
});

/** A world with one order that was cancelled through us. */
async function cancelThroughUs() {
  const made = world(dynamodb);
  const command = cancelCommand();
  await perform(command, made.needs, timeLeft(made.clock));
  made.lookUp.mockResolvedValue(listed());
  const ask = async (one: Command) => (await perform(one, made.needs, timeLeft(made.clock))).operation;
  const look = (operation: Operation) =>
    settle(operation as OpenOperation, made.open('loja-rio'), made.needs, timeLeft(made.clock, 110_000));
  const current = async () => {
    const found = await made.needs.ledger.find('loja-rio', command.orderId);
    if (found === null) throw new Error('nothing is there');
    return found.current;
  };
  return { ...made, command, ask, look, current };
}

describe('a restore', () => {
  it('opens the next operation of a cancelled order, and a cancel after it the one after', async () => {
    const { ask, command, cancel, restore } = await cancelThroughUs();
    const restored = await ask(restoreOf(command));
    expect(viewOf(restored)).toMatchObject({
      id: `loja-rio:${command.orderId}:2`,
      kind: 'restore',
      outcome: 'confirmed',
      detail: 'restored',
      evidence: { source: 'reply', status: 'success' },
    });
    expect(await ask(command)).toMatchObject({ number: 3, kind: 'cancel', state: 'confirmed' });
    expect(cancel).toHaveBeenCalledTimes(2);
    expect(restore).toHaveBeenCalledTimes(1);
  });

  it('waits until a cancel whose answer was lost can no longer act, though the order was cancelled before that', async () => {
    const { needs, clock, cancel, lookUp, restore, open } = world(dynamodb);
    const command = cancelCommand();
    cancel.mockResolvedValueOnce(TIMED_OUT);
    const { operation } = await perform(command, needs, timeLeft(clock));
    lookUp.mockResolvedValue(CANCELLED);
    clock.advance(1_000);
    await settle(operation as OpenOperation, open('loja-rio'), needs, timeLeft(clock, 110_000));
    expect((await perform(command, needs, timeLeft(clock))).operation).toMatchObject({ number: 1, state: 'confirmed' });

    const askRestore = () => perform(restoreOf(command), needs, timeLeft(clock));
    clock.advance(58_999);
    await expect(askRestore()).rejects.toThrow(OperationInProgress);
    expect(restore).not.toHaveBeenCalled();
    clock.advance(1);
    expect((await askRestore()).operation).toMatchObject({ number: 2, kind: 'restore', state: 'confirmed' });
  });

  it('again is answered with the first one, and nothing is called', async () => {
    const { needs, clock, ask, command, restore } = await cancelThroughUs();
    const first = await ask(restoreOf(command));
    expect(await perform(restoreOf(command), needs, timeLeft(clock))).toEqual({ operation: first, replayed: true });
    expect(restore).toHaveBeenCalledTimes(1);
  });

  it('that is refused changes nothing: a cancel is answered with the cancel that stands', async () => {
    const { needs, clock, ask, command, cancel, restore } = await cancelThroughUs();
    restore.mockResolvedValue({ kind: 'refused', words: 'It is too late' });
    expect(await ask(restoreOf(command))).toMatchObject({
      number: 2,
      state: 'refused',
      detail: 'refused_by_provider',
      words: 'It is too late',
    });
    const { operation, replayed } = await perform(command, needs, timeLeft(clock));
    expect(operation).toMatchObject({ number: 1, kind: 'cancel', state: 'confirmed' });
    expect(replayed).toBe(true);
    expect(cancel).toHaveBeenCalledTimes(1);
    restore.mockResolvedValue(RESTORED);
    expect(await ask(restoreOf(command))).toMatchObject({ number: 3, state: 'confirmed' });
  });

  it('is not made while a cancel is open, and its key is not bound to that', async () => {
    const made = world(dynamodb);
    made.cancel.mockResolvedValue(TIMED_OUT);
    const command = cancelCommand();
    await perform(command, made.needs, timeLeft(made.clock));
    const idempotency = { key: `restore ${command.orderId}`, fingerprint: 'f' };
    const restoring = { ...restoreOf(command), idempotency };
    await expect(perform(restoring, made.needs, timeLeft(made.clock))).rejects.toThrow(OperationInProgress);
    expect(made.restore).not.toHaveBeenCalled();
    // The cancel ends, and can no longer act; then the same ask is taken for what it is.
    made.clock.advance(60_000);
    made.lookUp.mockResolvedValue(listed());
    const open = (await made.needs.ledger.find('loja-rio', command.orderId))?.current as OpenOperation;
    await settle(open, made.open('loja-rio'), made.needs, timeLeft(made.clock, 110_000));
    expect((await perform(restoring, made.needs, timeLeft(made.clock))).operation).toMatchObject({
      number: 2,
      kind: 'restore',
      state: 'confirmed',
    });
  });

  it('of an order that is active already is confirmed as that', async () => {
    const { ask, command, restore, lookUp } = await cancelThroughUs();
    restore.mockResolvedValue({ kind: 'refused', words: 'not canceled' });
    lookUp.mockResolvedValue(ACTIVE);
    expect(await ask(restoreOf(command))).toMatchObject({
      state: 'confirmed',
      detail: 'already_active',
      evidence: { source: 'read_back', status: 'billing' },
    });
  });

  it('of an order that is in no list is refused as not found', async () => {
    const { ask, command, restore, lookUp } = await cancelThroughUs();
    restore.mockResolvedValue({ kind: 'order_not_found', words: 'HTTP 404' });
    lookUp.mockResolvedValue(NOWHERE);
    expect(await ask(restoreOf(command))).toMatchObject({ state: 'refused', detail: 'order_not_found' });
  });
});

describe('a reply that says success, but not of which order', () => {
  it.each([
    ['restore', restoreOf, ACTIVE, 'restored'],
    ['delete', deleteOf, NOWHERE, 'deleted'],
  ] as const)('to a %s is believed once the order was read back', async (kind, commandOf, seen, detail) => {
    const { ask, command, restore, remove, lookUp } = await cancelThroughUs();
    restore.mockResolvedValue({ kind: 'unproven' });
    remove.mockResolvedValue({ kind: 'unproven' });
    lookUp.mockResolvedValue(seen);
    expect(await ask(commandOf(command))).toMatchObject({
      kind,
      state: 'confirmed',
      detail,
      evidence: { source: 'read_back' },
    });
  });

  it('says to come back in a minute where it may be acted on for longer', async () => {
    const { ask, command, restore, lookUp, open, needs } = await cancelThroughUs();
    restore.mockResolvedValue({ kind: 'unproven' });
    lookUp.mockResolvedValue(ACTIVE);
    const patient = { ...open(command.connection), quietPeriodMs: 30 * 60_000 };
    await perform(restoreOf(command), { ...needs, openConnection: () => Promise.resolve(patient) }, () => 29_000);
    await expect(ask(cancelCommand(same(command)))).rejects.toMatchObject({ retryAfterSeconds: 60 });
  });

  it('keeps what would undo it waiting while the ask may still be acted on', async () => {
    const { ask, command, restore, lookUp, clock } = await cancelThroughUs();
    restore.mockResolvedValue({ kind: 'unproven' });
    lookUp.mockResolvedValue(ACTIVE);
    await ask(restoreOf(command));
    const again = cancelCommand(same(command));
    await expect(ask(again)).rejects.toThrow(OperationInProgress);
    await expect(ask(again)).rejects.toMatchObject({ retryAfterSeconds: 60, isSameKind: false });
    clock.advance(QUIET_MS - 9_500);
    await expect(ask(again)).rejects.toMatchObject({ retryAfterSeconds: 10 });
    clock.advance(9_501);
    expect(await ask(again)).toMatchObject({ number: 3, kind: 'cancel', state: 'confirmed' });
  });

  it.each([['restore', restoreOf] as const, ['delete', deleteOf] as const])(
    'to a %s is not believed where the order’s status is a word that is not known',
    async (_, commandOf) => {
      const { ask, command, restore, remove, lookUp } = await cancelThroughUs();
      restore.mockResolvedValue({ kind: 'unproven' });
      remove.mockResolvedValue({ kind: 'unproven' });
      lookUp.mockResolvedValue(UNCLEAR);
      expect(await ask(commandOf(command))).toMatchObject({ state: 'unknown', detail: 'unproven_reply' });
    },
  );

  it.each([['restore', restoreOf] as const, ['delete', deleteOf] as const])(
    'to a %s is unknown where the order is still cancelled',
    async (_, commandOf) => {
      const { ask, command, restore, remove } = await cancelThroughUs();
      restore.mockResolvedValue({ kind: 'unproven' });
      remove.mockResolvedValue({ kind: 'unproven' });
      expect(await ask(commandOf(command))).toMatchObject({
        state: 'unknown',
        detail: 'unproven_reply',
        askReach: 'sent',
      });
    },
  );
});

describe('a lost answer', () => {
  const LOST: (RestoreReply & DeleteReply)[] = [
    TIMED_OUT,
    { kind: 'lost', problem: 'connection_cut' },
    { kind: 'lost', problem: 'provider_error' },
    { kind: 'lost', problem: 'unreadable_reply' },
  ];
  const KINDS: [string, (command: Command) => Command, LookUpReply, string][] = [
    ['restore', restoreOf, ACTIVE, 'restored'],
    ['delete', deleteOf, NOWHERE, 'deleted'],
  ];
  const cases = KINDS.flatMap((kind) => LOST.map((reply) => [...kind, reply] as const));

  it.each(cases)('to a %s that was carried out settles by itself', async (kind, commandOf, done, detail, reply) => {
    const { ask, look, current, command, restore, remove, lookUp } = await cancelThroughUs();
    restore.mockResolvedValue(reply);
    remove.mockResolvedValue(reply);
    const unknown = await ask(commandOf(command));
    expect(unknown).toMatchObject({ state: 'unknown', kind });
    lookUp.mockResolvedValue(done);
    expect(await look(unknown)).toBe('settled');
    expect(await current()).toMatchObject({ state: 'confirmed', detail, evidence: { source: 'read_back' } });
    expect(restore.mock.calls.length + remove.mock.calls.length).toBe(1);
  });

  it.each(KINDS)(
    'to a %s without effect is followed by another ask, after the quiet period only',
    async (_, commandOf) => {
      const { ask, look, current, clock, command, restore, remove } = await cancelThroughUs();
      restore.mockResolvedValueOnce(TIMED_OUT);
      remove.mockResolvedValueOnce(TIMED_OUT);
      const calls = () => restore.mock.calls.length + remove.mock.calls.length;
      const unknown = await ask(commandOf(command));
      expect(await look(unknown)).toBe('open');
      expect(calls()).toBe(1);
      clock.advance(QUIET_MS);
      expect(await look(await current())).toBe('settled');
      expect(calls()).toBe(2);
      expect(await current()).toMatchObject({ state: 'confirmed', attempts: 2 });
    },
  );
});

describe('a delete', () => {
  it('that was never sent is not sent unseen, where the order cannot be looked up among so many', async () => {
    const { ask, look, current, command, remove, lookUp } = await cancelThroughUs();
    remove.mockResolvedValueOnce({ kind: 'not_sent', problem: 'provider_unreachable' });
    lookUp.mockResolvedValue({ kind: 'lost', problem: 'look_up_too_large' });
    await look(await ask(deleteOf(command)));
    expect(remove).toHaveBeenCalledTimes(1);
    expect(await current()).toMatchObject({ kind: 'delete', state: 'pending', attempts: 1 });
  });

  it('has its tombstone in the ledger before the provider is asked', async () => {
    const { ask, current, command, remove } = await cancelThroughUs();
    remove.mockImplementation(async () => {
      const { state, snapshot } = await current();
      expect({ state, snapshot }).toEqual({
        state: 'calling',
        snapshot: listedSnapshot({ order: shownOrder(), customer: null }, redact),
      });
      return DELETED;
    });
    const operation = await ask(deleteOf(command));
    const { tombstone } = viewOf(operation);
    expect(tombstone).toMatchObject({
      number: '10735',
      type: 'cancelled',
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(tombstone?.items?.[0]?.name).toBe('Shirt for [redacted]');
    expect(remove).toHaveBeenCalledTimes(1);
  });

  it('is the last operation of an order: a cancel and a restore after it are not made', async () => {
    const { needs, ask, command, cancel, restore, remove } = await cancelThroughUs();
    const deleted = await ask(deleteOf(command));
    expect(deleted).toMatchObject({ number: 2, state: 'confirmed', detail: 'deleted' });
    for (const one of [command, restoreOf(command)]) {
      await expect(ask(one)).rejects.toThrow(OrderWasDeleted);
      await expect(answerWithoutAsking(one, needs)).rejects.toMatchObject({ view: { id: operationId(deleted) } });
    }
    expect(await ask(deleteOf(command))).toEqual(deleted);
    expect(await answerWithoutAsking(deleteOf(command), needs)).toEqual({ operation: deleted, replayed: true });
    expect([cancel, restore, remove].map(({ mock }) => mock.calls.length)).toEqual([1, 0, 1]);
  });

  it('of what somebody else deleted is confirmed as that', async () => {
    const { ask, command, remove, lookUp } = await cancelThroughUs();
    remove.mockResolvedValue({ kind: 'order_not_found', words: 'HTTP 404' });
    lookUp.mockResolvedValue(NOWHERE);
    expect(await ask(deleteOf(command))).toMatchObject({ state: 'confirmed', detail: 'already_deleted' });
  });

  it.each([
    ['is active again', ACTIVE, 'order_active'],
    ['is another version of itself', listed({ updatedAt: '2026-03-01T11:00:00.000Z' }), 'order_changed'],
  ])('is not asked for again where the order %s, and ends', async (_, seen, detail) => {
    const { ask, look, current, clock, command, remove, lookUp } = await cancelThroughUs();
    remove.mockResolvedValue(TIMED_OUT);
    const unknown = await ask(deleteOf(command));
    lookUp.mockResolvedValue(seen);
    // Within the quiet period the lost ask may still be carried out.
    expect(await look(unknown)).toBe('open');
    clock.advance(QUIET_MS);
    expect(await look(await current())).toBe('settled');
    expect(await current()).toMatchObject({ state: 'refused', detail });
    expect(remove).toHaveBeenCalledTimes(1);
  });

  it('is not given up where the provider took it on and the order is active again: it may still be carried out', async () => {
    const { ask, look, current, clock, command, remove, lookUp } = await cancelThroughUs();
    remove.mockResolvedValue({ kind: 'accepted', status: 'deleting', historyMark: null });
    await ask(deleteOf(command));
    lookUp.mockResolvedValue(ACTIVE);
    clock.advance(QUIET_MS);
    expect(await look(await current())).toBe('open');
    expect(await current()).toMatchObject({ state: 'pending', detail: 'accepted' });
    expect(remove).toHaveBeenCalledTimes(1);
  });

  it('is looked at again where the read-back does not show which version is there', async () => {
    const { ask, look, clock, current, command, remove, lookUp } = await cancelThroughUs();
    remove.mockResolvedValue(TIMED_OUT);
    await ask(deleteOf(command));
    lookUp.mockResolvedValue({ kind: 'cancelled', order: facts('CANCELED') });
    clock.advance(QUIET_MS);
    expect(await look(await current())).toBe('open');
    expect(remove).toHaveBeenCalledTimes(1);
  });
});

describe('an ask that the provider does not offer', () => {
  it('is parked for a person, and nothing is called', async () => {
    const { needs, clock, command, open } = await cancelThroughUs();
    const opened = open('loja-rio');
    const client = { ...opened.client, restore: { offered: false } as const };
    const unable = { ...needs, openConnection: () => Promise.resolve({ ...opened, client }) };
    const { operation } = await perform(restoreOf(command), unable, timeLeft(clock));
    expect(operation).toMatchObject({ state: 'needs_attention', detail: 'not_supported_by_provider' });
  });
});

describe('a snapshot', () => {
  it('is small, and equal for equal orders', () => {
    const item = { sku: 'x'.repeat(500), name: '😀'.repeat(400), quantity: 1, unitPrice: 1 };
    const kept = (order: Parameters<typeof shownOrder>[0]) =>
      listedSnapshot({ order: shownOrder(order), customer: null }, redact);
    const large = kept({ items: Array.from({ length: 300 }, () => item) });
    expect((large.items?.length ?? 0) + large.itemsLeftOut).toBe(300);
    expect(Buffer.byteLength(JSON.stringify(large))).toBeLessThan(18_000);
    expect(kept({ items: Array.from({ length: 300 }, () => ({ ...item, name: 'x' })) }).items).toHaveLength(50);
    expect(kept({})).toEqual(kept({}));
    expect(kept({ total: null }).sha256).not.toBe(kept({}).sha256);
  });
});
