import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { OperationNeeds } from '../../functions/operations/needs.ts';
import type { OpenOperation } from '../../functions/operations/rules/operation.ts';
import { settleDue } from '../../functions/operations/settle-due.ts';
import { settlingTimeMs } from '../../functions/operations/settle.ts';
import { startDynamoDB, type TestDynamoDB } from '../support/dynamodb.ts';
import { backlogIn, newShop, NOTHING } from './backlog.ts';
import { fillLedger } from './ledger/fill-ledger.ts';
import { ACTIVE, CANCELLED, timeLeft } from './world.ts';

let dynamodb: TestDynamoDB;
beforeAll(async () => {
  dynamodb = await startDynamoDB();
});
afterAll(() => dynamodb.stop());

const backlog = (sizes: Record<string, number>) => backlogIn(dynamodb, sizes);

/** The index shows these pages, one after the other, and then nothing. */
function shows({ ledger }: OperationNeeds, pages: OpenOperation[][]): void {
  const left = pages.values();
  ledger.due = () => Promise.resolve({ operations: left.next().value ?? [], unreadable: [] });
}

describe('a run', () => {
  it('settles everything that is due, the longest due first, however many pages that is', async () => {
    const shop = newShop();
    const { needs, clock, lookUp, orderIds, states } = await backlog({ [shop]: 120 });
    lookUp.mockResolvedValue(CANCELLED);
    expect(await settleDue([shop], needs, timeLeft(clock, 120_000))).toEqual({
      ...NOTHING,
      settled: 120,
    });
    expect(new Set(await states(shop))).toEqual(new Set(['confirmed']));
    expect(lookUp.mock.calls[0]?.[0].orderId).toBe(orderIds[0]);
    expect(lookUp).toHaveBeenCalledTimes(120);
  });

  it('leaves alone what is not due, and looks at nothing twice', async () => {
    const shop = newShop();
    const { needs, clock, lookUp } = await backlog({ [shop]: 3 });
    lookUp.mockResolvedValue(ACTIVE);
    expect(await settleDue([shop], needs, timeLeft(clock, 120_000))).toMatchObject({ open: 3 });
    expect(await settleDue([shop], needs, timeLeft(clock, 120_000))).toMatchObject({ open: 0 });
    expect(lookUp).toHaveBeenCalledTimes(3);
  });

  it('gives every connection its turn, also beside one with a backlog that hangs', async () => {
    const [busy, quiet] = [newShop(), newShop()];
    const { needs, clock, lookUp, states } = await backlog({ [busy]: 60, [quiet]: 2 });
    lookUp.mockImplementation(async ({ orderId }) => {
      if ((await needs.ledger.find(quiet, orderId)) !== null) return CANCELLED;
      clock.advance(5_000);
      return { kind: 'lost', problem: 'timed_out' };
    });
    const report = await settleDue([busy, quiet], needs, timeLeft(clock, 120_000));
    expect(await states(quiet)).toEqual(['confirmed', 'confirmed']);
    expect(report.halted).toEqual({ [busy]: 'out_of_time' });
  });

  it('finds out with one call that a provider is down, and leaves the rest of its operations for later', async () => {
    const [down, up] = [newShop(), newShop()];
    const { needs, clock, lookUp, cancel, states } = await backlog({ [down]: 50, [up]: 5 });
    lookUp.mockImplementation(async ({ orderId }) =>
      (await needs.ledger.find(up, orderId)) === null
        ? { kind: 'not_sent', problem: 'provider_unreachable' }
        : CANCELLED,
    );
    const report = await settleDue([down, up], needs, timeLeft(clock, 120_000));
    expect(report).toMatchObject({ settled: 5, open: 1, halted: { [down]: 'provider_unusable' } });
    expect(lookUp).toHaveBeenCalledTimes(6);
    expect(cancel).not.toHaveBeenCalled();
    expect(new Set(await states(down))).toEqual(new Set(['unknown']));
  });

  it('makes no call for a connection whose credential stands rejected, and resumes when another one is stored', async () => {
    const shop = newShop();
    const { needs, clock, lookUp, credentials, open } = await backlog({ [shop]: 30 });
    lookUp.mockResolvedValue({ kind: 'credential_rejected' });
    expect(await settleDue([shop], needs, timeLeft(clock, 120_000))).toMatchObject({ open: 1, settled: 0 });
    expect((await needs.health.read(shop))?.credentialDigest).toBe(open(shop).credentialDigest);
    clock.advance(3_600_000);
    lookUp.mockClear().mockResolvedValue(CANCELLED);
    expect(await settleDue([shop], needs, timeLeft(clock, 120_000))).toMatchObject({
      halted: { [shop]: 'needs_reauth' },
    });
    expect(lookUp).not.toHaveBeenCalled();

    credentials.set(shop, 'a new one');
    expect(await settleDue([shop], needs, timeLeft(clock, 120_000))).toMatchObject({ settled: 30 });
  });

  it('parks what is three days old of such a connection, with an error for an alarm, and still makes no call', async () => {
    const shop = newShop();
    const { needs, clock, lookUp, credentials, open, states, logged } = await backlog({ [shop]: 3 });
    await needs.health.markRejected(shop, open(shop).credentialDigest);
    clock.advance(71 * 3_600_000);
    await settleDue([shop], needs, timeLeft(clock, 120_000));
    expect(await states(shop)).toEqual(['unknown', 'unknown', 'unknown']);
    clock.advance(2 * 3_600_000);
    await settleDue([shop], needs, timeLeft(clock, 120_000));
    expect(await states(shop)).toEqual(['needs_attention', 'needs_attention', 'needs_attention']);
    expect(logged.filter(({ code }) => code === 'OPERATION_NEEDS_ATTENTION')).toHaveLength(3);
    expect(lookUp).not.toHaveBeenCalled();

    credentials.set(shop, 'a new one');
    lookUp.mockResolvedValue(CANCELLED);
    clock.advance(7 * 3_600_000);
    expect(await settleDue([shop], needs, timeLeft(clock, 120_000))).toMatchObject({ settled: 3 });
  });

  it('never has more than four operations of one connection at its provider', async () => {
    const shop = newShop();
    const { needs, clock, lookUp } = await backlog({ [shop]: 20 });
    let atProvider = 0;
    let most = 0;
    const leave: (() => void)[] = [];
    lookUp.mockImplementation(async () => {
      atProvider += 1;
      most = Math.max(most, atProvider);
      await new Promise<void>((resolve) => leave.push(resolve));
      atProvider -= 1;
      return CANCELLED;
    });
    const turn = () => new Promise((resolve) => setTimeout(resolve, 5));
    const run = settleDue([shop], needs, timeLeft(clock, 120_000)).then(() => 'ended');
    const atTheProvider = async (count: number) => {
      while (leave.length < count) {
        if ((await Promise.race([run, turn()])) === 'ended')
          throw new Error(`There were never ${count} at the provider.`);
      }
    };
    await atTheProvider(1);
    expect(atProvider).toBe(1);
    leave.shift()?.();
    await atTheProvider(4);
    while ((await Promise.race([run, turn()])) !== 'ended') leave.shift()?.();
    expect(most).toBe(4);
  });

  it('goes on with the others when one operation fails or one connection cannot be opened', async () => {
    const shop = newShop();
    const { needs, clock, lookUp, logged, orderIds } = await backlog({ [shop]: 3 });
    lookUp.mockRejectedValueOnce(new Error('a defect of ours')).mockResolvedValue(CANCELLED);
    const due = needs.ledger.due.bind(needs.ledger);
    needs.ledger.due = (connection, now, limit) =>
      connection === 'nowhere' ? Promise.reject(new Error('throttled')) : due(connection, now, limit);
    const report = await settleDue(['nowhere', shop], needs, timeLeft(clock, 120_000));
    expect(report).toMatchObject({ settled: 2, failed: 1, halted: { nowhere: 'failed' } });
    expect(logged.filter(({ level }) => level === 'error')).toEqual([
      {
        level: 'error',
        code: 'SETTLE_CONNECTION_FAILED',
        fields: { connection: 'nowhere', error: 'Error: throttled' },
      },
      {
        level: 'error',
        code: 'SETTLE_FAILED',
        fields: { connection: shop, orderId: orderIds[0], error: 'Error: a defect of ours' },
      },
    ]);
  });

  it('begins nothing that its time may not suffice for', async () => {
    const shop = newShop();
    const { needs, lookUp, open } = await backlog({ [shop]: 3 });
    lookUp.mockResolvedValue(CANCELLED);
    const enough = settlingTimeMs(open(shop));
    expect(await settleDue([shop], needs, () => enough - 1)).toEqual({
      ...NOTHING,
      halted: { [shop]: 'out_of_time' },
    });
    expect(lookUp).not.toHaveBeenCalled();
    expect(await settleDue([shop], needs, () => enough)).toEqual({ ...NOTHING, settled: 3 });
  });

  it('leaves for the next run what comes due while it works', async () => {
    const shop = newShop();
    const { needs, clock, lookUp, orderIds } = await backlog({ [shop]: 2 });
    await fillLedger(dynamodb, clock.now() + 10_000, shop, 1);
    lookUp.mockImplementation(() => {
      clock.advance(20_000);
      return Promise.resolve(CANCELLED);
    });
    expect(await settleDue([shop], needs, timeLeft(clock, 240_000))).toEqual({ ...NOTHING, settled: 2 });
    expect(lookUp.mock.calls.map(([{ orderId }]) => orderId)).toEqual(orderIds);
    expect(await settleDue([shop], needs, timeLeft(clock, 240_000))).toEqual({ ...NOTHING, settled: 1 });
  });

  it('says which connection could not be opened, and why', async () => {
    const { needs, clock, lookUp, logged } = await backlog({ nowhere: 2 });
    expect(await settleDue(['nowhere'], needs, timeLeft(clock, 120_000))).toEqual({
      ...NOTHING,
      halted: { nowhere: 'failed' },
    });
    expect(lookUp).not.toHaveBeenCalled();
    expect(logged).toEqual([
      {
        level: 'error',
        code: 'SETTLE_CONNECTION_FAILED',
        fields: { connection: 'nowhere', error: 'UnknownConnection: There is no connection of this name.' },
      },
    ]);
  });

  it('says what another one had taken already, and makes no call for it', async () => {
    const shop = newShop();
    const { needs, clock, lookUp } = await backlog({ [shop]: 3 });
    lookUp.mockResolvedValue(CANCELLED);
    const { operations: asOfNow } = await needs.ledger.due(shop, clock.now(), 100);
    await settleDue([shop], needs, timeLeft(clock, 120_000));
    lookUp.mockClear();
    shows(needs, [asOfNow]);
    expect(await settleDue([shop], needs, timeLeft(clock, 120_000))).toEqual({ ...NOTHING, takenByAnother: 3 });
    expect(lookUp).not.toHaveBeenCalled();
  });

  it('works on nothing again that the index still shows', async () => {
    const shop = newShop();
    const { needs, clock, lookUp } = await backlog({ [shop]: 4 });
    lookUp.mockResolvedValue(CANCELLED);
    const [one, ...others] = (await needs.ledger.due(shop, clock.now(), 100)).operations;
    if (one === undefined) throw new Error('Nothing is due.');
    shows(needs, [[one], [one, ...others], [one, ...others]]);
    expect(await settleDue([shop], needs, timeLeft(clock, 120_000))).toEqual({ ...NOTHING, settled: 4 });
    expect(lookUp).toHaveBeenCalledTimes(4);
  });

  it('opens no connection that has nothing due', async () => {
    const [idle, busy] = [newShop(), newShop()];
    const { needs, clock, lookUp, open } = await backlog({ [busy]: 1 });
    lookUp.mockResolvedValue(CANCELLED);
    const opened = jest.fn<typeof needs.openConnection>((name) => Promise.resolve(open(name)));
    needs.openConnection = opened;
    expect(await settleDue([idle, busy], needs, timeLeft(clock, 120_000))).toEqual({ ...NOTHING, settled: 1 });
    expect(opened.mock.calls).toEqual([[busy, { fresh: true }]]);
  });
});
