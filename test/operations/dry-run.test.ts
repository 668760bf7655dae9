import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dryRun } from '../../functions/operations/dry-run.ts';
import { readOrder } from '../../functions/operations/read-back.ts';
import { isOpen, type OperationKind } from '../../functions/operations/rules/operation.ts';
import { perform, type Command } from '../../functions/operations/perform.ts';
import { settle } from '../../functions/operations/settle.ts';
import type { LookUpReply, Warning } from '../../functions/providers/provider.ts';
import { listedSnapshot } from '../../functions/operations/rules/snapshot.ts';
import { redact } from '../../functions/runtime/redact.ts';
import { startDynamoDB, type TestDynamoDB } from '../support/dynamodb.ts';
import { ACTIVE, CANCELLED, cancelCommand, facts, shownOrder, timeLeft, TIMED_OUT, world } from './world.ts';

let dynamodb: TestDynamoDB;
beforeAll(async () => {
  dynamodb = await startDynamoDB();
});
afterAll(() => dynamodb.stop());

let names = 0;
/** An order of a connection that no other test has. */
function newWorld() {
  const command = cancelCommand({ connection: `loja-${(names += 1)}` });
  return { ...world(dynamodb), command, wanted: { connection: command.connection, orderId: command.orderId } };
}

describe('a dry run', () => {
  it('shows no more of a status than is kept of one, by whole characters and without what is personal', async () => {
    const { needs, clock, lookUp, wanted } = newWorld();
    const order = facts(`held for a@b.example ${'x'.repeat(39)}😀`);
    lookUp.mockResolvedValue({ kind: 'not_cancelled', order, refusal: null, historyMark: null });
    expect(await dryRun({ ...wanted, kind: 'cancel' }, needs, timeLeft(clock))).toMatchObject({
      status: `held for [redacted] ${'x'.repeat(39)}`,
    });
  });

  it('of what nobody asked for says what the ask would touch, and what speaks against it', async () => {
    const { needs, clock, lookUp, wanted } = newWorld();
    const warnings = [{ code: 'shipped' as const, text: 'has left' }];
    const total = { amount: 62.5, currency: 'BRL' };
    const order = { ...facts('billing'), warnings, total };
    lookUp.mockResolvedValue({ kind: 'not_cancelled', order, refusal: null, historyMark: null });
    expect(await dryRun({ ...wanted, kind: 'cancel' }, needs, timeLeft(clock))).toEqual({
      kind: 'read',
      verdict: 'likely_refused',
      status: 'billing',
      effects: expect.arrayContaining(['stock']),
      warnings,
      total,
      operation: null,
    });
    expect(await needs.ledger.find(wanted.connection, wanted.orderId)).toBeNull();
  });

  it.each(['cancel', 'restore'] as const)('of a %s names the cancel that is open', async (kind) => {
    const { needs, clock, cancel, command, wanted } = newWorld();
    cancel.mockResolvedValueOnce(TIMED_OUT);
    await perform(command, needs, timeLeft(clock));
    const result = await dryRun({ ...wanted, kind }, needs, timeLeft(clock));
    expect(result).toMatchObject({
      verdict: 'would_not',
      effects: [],
      operation: `${wanted.connection}:${wanted.orderId}:1`,
    });
  });

  it('names the settled cancel whose lost ask would undo a restore, as long as it may', async () => {
    const { needs, clock, cancel, lookUp, command, wanted, open } = newWorld();
    cancel.mockResolvedValueOnce(TIMED_OUT);
    await perform(command, needs, timeLeft(clock));
    const standing = (await needs.ledger.find(wanted.connection, wanted.orderId))?.current;
    if (standing === undefined || !isOpen(standing)) throw new Error('It is not open.');
    lookUp.mockResolvedValue(CANCELLED);
    clock.advance(5_000);
    await settle(standing, open(wanted.connection), needs, timeLeft(clock));
    const restore = () => dryRun({ ...wanted, kind: 'restore' }, needs, timeLeft(clock));
    const id = `${wanted.connection}:${wanted.orderId}:1`;
    expect(await restore()).toMatchObject({ verdict: 'would_not', effects: [], operation: id });
    clock.advance(60_000);
    expect(await restore()).toMatchObject({ verdict: 'would', operation: null });
  });

  it.each<[string, LookUpReply]>([
    ['not known to the provider', { kind: 'order_not_found' }],
    ['in no list', { kind: 'nowhere' }],
  ])('of an order that is %s says that it is not found', async (_, seen) => {
    const { needs, clock, lookUp, wanted } = newWorld();
    lookUp.mockResolvedValue(seen);
    expect(await dryRun({ ...wanted, kind: 'cancel' }, needs, timeLeft(clock))).toEqual({ kind: 'order_not_found' });
  });

  it.each<LookUpReply>([
    TIMED_OUT,
    { kind: 'not_sent', problem: 'provider_unreachable' },
    { kind: 'rate_limited', retryAfterMs: 5 },
    { kind: 'credential_rejected' },
  ])('shows a failed look as it is: %j', async (seen) => {
    const { needs, clock, lookUp, wanted } = newWorld();
    lookUp.mockResolvedValue(seen);
    expect(await dryRun({ ...wanted, kind: 'cancel' }, needs, timeLeft(clock))).toEqual(seen);
  });

  const warned = (code: Warning['code']): LookUpReply => ({
    kind: 'not_cancelled',
    order: { ...facts('billing'), warnings: [{ code, text: code }] },
    refusal: null,
    historyMark: null,
  });
  it.each<[OperationKind, LookUpReply, string, string[]]>([
    ['cancel', ACTIVE, 'would', []],
    ['cancel', CANCELLED, 'would_not', []],
    ['cancel', { kind: 'deciding', order: facts('billing') }, 'would_not', []],
    ['cancel', { kind: 'closed', order: facts('EXPIRED') }, 'likely_refused', ['not_active']],
    ['cancel', warned('shipped'), 'likely_refused', ['shipped']],
    ['cancel', warned('refused_before'), 'likely_refused', ['refused_before']],
    ['cancel', warned('status_unknown'), 'likely_refused', ['status_unknown']],
    ['cancel', warned('invoice_issued'), 'would', ['invoice_issued']],
    ['cancel', warned('paid'), 'would', ['paid']],
    ['restore', CANCELLED, 'would', []],
    ['restore', { kind: 'closed', order: facts('EXPIRED') }, 'would', []],
    ['restore', ACTIVE, 'would_not', []],
    ['delete', { kind: 'closed', order: facts('EXPIRED') }, 'would', []],
    ['delete', ACTIVE, 'would_not', []],
  ])('of a %s of what is seen as %j says %s', async (kind, seen, verdict, codes) => {
    const { needs, clock, lookUp, wanted } = newWorld();
    lookUp.mockResolvedValue(seen);
    const result = await dryRun({ ...wanted, kind }, needs, timeLeft(clock));
    expect(result).toMatchObject({ verdict, warnings: codes.map((code) => ({ code })), operation: null });
  });

  it.each<[OperationKind, LookUpReply, LookUpReply]>([
    ['cancel', ACTIVE, { kind: 'not_cancelled', order: facts('picking'), refusal: null, historyMark: null }],
    ['restore', CANCELLED, { kind: 'closed', order: facts('REJECTED') }],
    ['delete', CANCELLED, { kind: 'closed', order: facts('REJECTED') }],
  ])('of a %s that was refused says so while the order stands as it stood then', async (kind, then, since) => {
    const { needs, clock, lookUp, cancel, restore, remove, command, wanted } = newWorld();
    lookUp.mockResolvedValue(then);
    const no = { kind: 'refused', words: 'no' } as const;
    for (const call of [cancel, restore, remove]) call.mockResolvedValue(no);
    const ask: Command =
      kind === 'delete'
        ? { ...command, kind, tombstone: listedSnapshot({ order: shownOrder(), customer: null }, redact) }
        : { ...command, kind };
    expect((await perform(ask, needs, timeLeft(clock))).operation.state).toBe('refused');
    const run = () => dryRun({ ...wanted, kind }, needs, timeLeft(clock));
    expect(await run()).toMatchObject({ verdict: 'likely_refused', warnings: [{ code: 'refused_before' }] });
    lookUp.mockResolvedValue(since);
    expect(await run()).toMatchObject({ verdict: 'would', warnings: [] });
  });

  it('has warnings of its own for a restore, and none for a delete', async () => {
    const { needs, clock, lookUp, wanted } = newWorld();
    const warnings = [{ code: 'shipped' as const, text: 'has left' }];
    const restoreWarnings = [{ code: 'balance_may_be_spent' as const, text: 'may be spent' }];
    const listed = { order: shownOrder(), customer: null, version: 'v', restoreWarnings };
    const warningsOf = async (kind: OperationKind) => {
      const result = await dryRun({ ...wanted, kind }, needs, timeLeft(clock));
      return result.kind === 'read' ? result.warnings : result;
    };
    lookUp.mockResolvedValue({ kind: 'cancelled', order: { ...facts('cancelled'), warnings, listed } });
    expect([await warningsOf('cancel'), await warningsOf('restore'), await warningsOf('delete')]).toEqual([
      warnings,
      restoreWarnings,
      [],
    ]);
    lookUp.mockResolvedValue({ kind: 'cancelled', order: { ...facts('cancelled'), warnings } });
    expect(await warningsOf('restore')).toEqual([]);
  });

  it('names the earlier cancel that would be answered with after a restore that was refused', async () => {
    const { needs, clock, restore, lookUp, command, wanted } = newWorld();
    await perform(command, needs, timeLeft(clock));
    lookUp.mockResolvedValue(CANCELLED);
    restore.mockResolvedValue({ kind: 'refused', words: 'no' });
    await perform({ ...command, kind: 'restore' }, needs, timeLeft(clock));
    expect(await dryRun({ ...wanted, kind: 'cancel' }, needs, timeLeft(clock))).toMatchObject({
      verdict: 'would_not',
      operation: `${wanted.connection}:${wanted.orderId}:1`,
    });
  });
});

it('an order is read by its id, once, with the credential that is at hand, and within the connection’s time-out', async () => {
  const { needs, clock, lookUpQueries, lookUpLimits, wanted } = newWorld();
  const opened: unknown[] = [];
  const openConnection: typeof needs.openConnection = (...query) => {
    opened.push(query);
    return needs.openConnection(...query);
  };
  expect((await readOrder(wanted, { ...needs, openConnection }, timeLeft(clock))).seen).toEqual(ACTIVE);
  expect(lookUpQueries).toEqual([{ orderId: wanted.orderId, askedAt: clock.now(), historyMark: null }]);
  expect(lookUpLimits).toEqual([{ timeoutMs: 5_000 }]);
  expect(opened).toEqual([[wanted.connection, {}]]);
});

describe('reading an order whose credential is rejected', () => {
  const REJECTED = { kind: 'credential_rejected' } as const;

  it('marks the connection, and makes no call more until another credential is stored', async () => {
    const { needs, clock, lookUp, wanted, credentials, logged } = newWorld();
    lookUp.mockResolvedValueOnce(REJECTED);
    expect((await readOrder(wanted, needs, timeLeft(clock))).seen).toEqual(REJECTED);
    expect(logged.map(({ code }) => code)).toEqual(['CONNECTION_NEEDS_REAUTH']);
    expect((await readOrder(wanted, needs, timeLeft(clock))).seen).toEqual(REJECTED);
    expect(lookUp).toHaveBeenCalledTimes(1);
    credentials.set(wanted.connection, 'another');
    expect((await readOrder(wanted, needs, timeLeft(clock))).seen).toEqual(ACTIVE);
    expect(lookUp).toHaveBeenCalledTimes(2);
  });

  it('is done with the stored credential where only an old one was rejected', async () => {
    const { needs, clock, lookUp, wanted, credentials, open } = newWorld();
    const old = open(wanted.connection);
    credentials.set(wanted.connection, 'another');
    const openConnection: typeof needs.openConnection = (name, options) =>
      options?.fresh === true ? needs.openConnection(name) : Promise.resolve(old);
    lookUp.mockResolvedValueOnce(REJECTED);
    const read = () => readOrder(wanted, { ...needs, openConnection }, timeLeft(clock));
    expect((await read()).seen).toEqual(ACTIVE);
    expect(await needs.health.read(wanted.connection)).toBeNull();
  });
});
