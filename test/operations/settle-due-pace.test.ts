import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { settleDue } from '../../functions/operations/settle-due.ts';
import { startDynamoDB, type TestDynamoDB } from '../support/dynamodb.ts';
import { backlogIn, newShop, NOTHING, tellingSleeps } from './backlog.ts';
import { CANCELLED, timeLeft, world } from './world.ts';

let dynamodb: TestDynamoDB;
beforeAll(async () => {
  dynamodb = await startDynamoDB();
});
afterAll(() => dynamodb.stop());

const backlog = (sizes: Record<string, number>) => backlogIn(dynamodb, sizes);

/** Lets everything go on that waits for nothing but its turn. */
const everythingElse = () => new Promise((resolve) => setImmediate(resolve));

describe('a turn', () => {
  it('is had by eight connections at once and no more', async () => {
    const { needs, clock } = world(dynamodb);
    const names = Array.from({ length: 10 }, newShop);
    const leave: (() => void)[] = [];
    const due = jest.fn<typeof needs.ledger.due>(
      () =>
        new Promise((resolve) => {
          leave.push(() => {
            resolve({ operations: [], unreadable: [] });
          });
        }),
    );
    needs.ledger.due = due;
    const run = settleDue(names, needs, timeLeft(clock, 120_000));
    expect(due.mock.calls).toEqual(names.slice(0, 8).map((name) => [name, clock.now(), 100]));
    for (const begun of [9, 10]) {
      leave.shift()?.();
      await everythingElse();
      expect(due).toHaveBeenCalledTimes(begun);
    }
    for (const go of leave) go();
    expect(await run).toEqual(NOTHING);
  });

  it('is had again when the others that wait have had theirs', async () => {
    const names = Array.from({ length: 10 }, newShop);
    const { needs, clock, lookUp } = await backlog(Object.fromEntries(names.map((name) => [name, 2])));
    lookUp.mockResolvedValue(CANCELLED);
    const turns: string[] = [];
    const due = needs.ledger.due.bind(needs.ledger);
    needs.ledger.due = (name, now) => {
      turns.push(name);
      return due(name, now, 1);
    };
    expect(await settleDue(names, needs, timeLeft(clock, 240_000))).toEqual({ ...NOTHING, settled: 20 });
    expect(turns.slice(0, 10)).toEqual(names);
  });

  it('is had first by another connection each time', async () => {
    const { needs, clock } = world(dynamodb);
    const chances = [0.5, 0.9, 0.1];
    clock.random = () => chances.shift() ?? 0;
    const turns: string[] = [];
    needs.ledger.due = (name) => {
      turns.push(name);
      return Promise.resolve({ operations: [], unreadable: [] });
    };
    await settleDue(['one', 'two', 'three'], needs, timeLeft(clock, 120_000));
    expect(turns).toEqual(['three', 'one', 'two']);
  });

  it('begins with one operation alone only where it is the first one of its connection in a run', async () => {
    const shop = newShop();
    const { needs, clock, lookUp } = await backlog({ [shop]: 10 });
    const due = needs.ledger.due.bind(needs.ledger);
    const health = jest.spyOn(needs.health, 'read');
    const events: string[] = [];
    lookUp.mockImplementation(() => {
      events.push('call');
      return Promise.resolve(CANCELLED);
    });
    tellingSleeps(clock, () => events.push('wait'));
    needs.ledger.due = (name, now) => {
      events.push('turn');
      return due(name, now, 5);
    };
    expect(await settleDue([shop], needs, timeLeft(clock, 120_000))).toEqual({ ...NOTHING, settled: 10 });
    const second = events.indexOf('turn', 1);
    expect(events.slice(0, 6)).toEqual(['turn', 'call', 'wait', 'wait', 'wait', 'wait']);
    expect(events.slice(second, second + 5)).toEqual(['turn', 'wait', 'wait', 'wait', 'wait']);
    expect(health.mock.calls).toEqual([[shop]]);
  });
});

describe('the pace', () => {
  it('has the second operation begin a second after the first, and goes up to ten in a second', async () => {
    const shop = newShop();
    const { needs, clock, lookUp } = await backlog({ [shop]: 15 });
    lookUp.mockResolvedValue(CANCELLED);
    const waits: number[] = [];
    tellingSleeps(clock, (ms) => waits.push(Math.round(ms)));
    await settleDue([shop], needs, timeLeft(clock, 120_000));
    expect(waits).toEqual([1_000, 500, 333, 250, 200, 167, 143, 125, 111, 100, 100, 100, 100, 100]);
  });

  it('waits only for what has not passed by itself', async () => {
    const waitsAfter = async (tookMs: number) => {
      const shop = newShop();
      const { needs, clock, lookUp } = await backlog({ [shop]: 3 });
      lookUp.mockResolvedValue(CANCELLED).mockImplementationOnce(() => {
        clock.advance(tookMs);
        return Promise.resolve(CANCELLED);
      });
      const waits: number[] = [];
      tellingSleeps(clock, (ms) => waits.push(ms));
      await settleDue([shop], needs, timeLeft(clock, 120_000));
      return waits;
    };
    expect(await waitsAfter(999)).toEqual([1, 500]);
    expect(await waitsAfter(1_000)).toEqual([500]);
    expect(await waitsAfter(20_000)).toEqual([500]);
  });

  it('holds back what was waiting for its time when the provider turns out to be down', async () => {
    const shop = newShop();
    const { needs, clock, lookUp } = await backlog({ [shop]: 6 });
    lookUp.mockResolvedValueOnce(CANCELLED).mockResolvedValue({ kind: 'not_sent', problem: 'provider_unreachable' });
    let waits = 0;
    let foundOut: () => void = () => undefined;
    const down = new Promise<void>((resolve) => (foundOut = resolve));
    clock.sleep = () => {
      waits += 1;
      return waits === 1 ? Promise.resolve() : down;
    };
    const write = needs.ledger.write.bind(needs.ledger);
    needs.ledger.write = async (previous, next) => {
      const written = await write(previous, next);
      if (next.detail === 'timed_out' && next.version === 4 && next.state === 'unknown') setImmediate(foundOut);
      return written;
    };
    expect(await settleDue([shop], needs, timeLeft(clock, 120_000))).toEqual({
      ...NOTHING,
      settled: 1,
      open: 1,
      halted: { [shop]: 'provider_unusable' },
    });
    expect(lookUp).toHaveBeenCalledTimes(2);
    expect(waits).toBe(4);
  });
});
