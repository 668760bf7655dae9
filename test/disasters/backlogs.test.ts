import { expect, it } from '@jest/globals';
import { operationOf } from '../../functions/operations/ledger/items.ts';
import { perform } from '../../functions/operations/perform.ts';
import { cancelCommand, timeLeft } from '../operations/world.ts';
import { disaster, MINUTE_MS, mostInASecond, RUN_MS } from './backlog.ts';

/** Long disasters in virtual time, with the real settler and ledger over the simulation's DynamoDB. */

const HOUR_MS = 60 * MINUTE_MS;
/**
 * As in settle-due.ts: ten operations a second, a tenth of a second apart, so that some second sees an eleventh. Each is a look
 * and, where that proves that nothing was done, an ask.
 */
const MOST_CALLS_IN_A_SECOND = 2 * 11;
const MOST_OPERATIONS_IN_A_RUN = (10 * RUN_MS) / 1_000;

let shops = 0;
const newShop = () => `disaster-${(shops += 1)}`;

type Disaster = ReturnType<typeof disaster>;

/** Nothing of a connection is open any more. */
const nothingOpen =
  ({ needs }: Disaster, ...connections: string[]) =>
  async (): Promise<boolean> => {
    const open = await Promise.all(connections.map((name) => needs.ledger.due(name, Date.parse('2100-01-01'), 1)));
    return open.every(({ operations }) => operations.length === 0);
  };

/** Every operation of a connection: the ledger's state for it, and how often the provider really did it. */
function endsOf({ memory, effects }: Disaster, connection: string): Map<string, string> {
  const operations = memory
    .items('Ledger')
    .map(operationOf)
    .filter((operation) => operation.connection === connection);
  return new Map(operations.map(({ orderId, state }) => [orderId, `${state}, ${effects.get(orderId) ?? 0} effects`]));
}

function expectEachConfirmedOnce(d: Disaster, connection: string, orderIds: readonly string[]) {
  const ends = endsOf(d, connection);
  expect([...ends.keys()].sort()).toEqual([...orderIds].sort());
  expect([...ends].filter(([, end]) => end !== 'confirmed, 1 effects')).toEqual([]);
}

it('a provider that is down for an hour is asked once a minute, and then every ask ends confirmed with one effect', async () => {
  const d = disaster();
  const shop = newShop();
  const orderIds: string[] = [];
  const ask = async () => {
    const command = cancelCommand({ connection: shop });
    orderIds.push(command.orderId);
    return perform(command, d.needs, timeLeft(d.clock));
  };
  await d.run(async () => {
    // What was under way when it went down: some of it has taken effect.
    d.setWeather((orderId) => (Number(orderId) % 2 === 0 ? 'acts_and_hangs' : 'hangs'));
    const caught = await Promise.all(Array.from({ length: 40 }, ask));
    expect(caught.every(({ operation }) => operation.state === 'unknown')).toBe(true);

    d.setWeather(() => 'down');
    d.calls.length = 0;
    const upAt = d.clock.now() + HOUR_MS;
    const asking = (async () => {
      while (d.clock.now() < upAt) {
        const { operation } = await ask();
        expect(operation).toMatchObject({ state: 'pending', detail: 'provider_unreachable' });
        await d.clock.sleep(30_000);
      }
    })();
    const down = await d.settleEveryMinute([shop], () => d.clock.now() >= upAt);
    await asking;
    expect(down).toHaveLength(60);
    expect(d.calls.filter(({ call }) => call === 'look-up').length).toBeLessThanOrEqual(60);
    expect(d.effects.size).toBe(20);

    d.setWeather(() => 'up');
    d.calls.length = 0;
    await d.settleEveryMinute([shop], nothingOpen(d, shop));
    expect(mostInASecond(d.calls)).toBeLessThanOrEqual(MOST_CALLS_IN_A_SECOND);
  });
  expect(orderIds.length).toBeGreaterThanOrEqual(140);
  expectEachConfirmedOnce(d, shop, orderIds);
});

it('what a day without the settler left open is settled, the longest due first, and nothing is parked', async () => {
  const d = disaster();
  const shop = newShop();
  const orderIds: string[] = [];
  await d.run(async () => {
    const kinds = ['down', 'hangs', 'acts_and_hangs'] as const;
    d.setWeather((orderId) => kinds[Number(orderId) % kinds.length] ?? 'down');
    const dayIsOver = d.clock.now() + 24 * HOUR_MS;
    while (d.clock.now() < dayIsOver) {
      const command = cancelCommand({ connection: shop });
      orderIds.push(command.orderId);
      const { operation } = await perform(command, d.needs, timeLeft(d.clock));
      expect(['pending', 'unknown']).toContain(operation.state);
      await d.clock.sleep(5 * MINUTE_MS);
    }
    d.setWeather(() => 'up');
    d.calls.length = 0;
    await d.settleEveryMinute([shop], nothingOpen(d, shop));
  });
  expect(orderIds.length).toBeGreaterThan(280);
  const looks = d.calls.filter(({ call }) => call === 'look-up').map(({ orderId }) => orderId);
  expect(looks).toEqual(orderIds);
  expectEachConfirmedOnce(d, shop, orderIds);
  expect(d.logged.filter(({ code }) => code === 'OPERATION_NEEDS_ATTENTION')).toEqual([]);
});

it('10,000 open operations are settled in bounded runs, the longest due first', async () => {
  const d = disaster();
  const shop = newShop();
  const orderIds = await d.fill(shop, 10_000, { state: 'unknown', detail: 'timed_out', askReach: 'sent' });
  // Three quarters had taken effect, and only the answers were lost.
  for (const orderId of orderIds) if (Number(orderId) % 4 !== 0) d.effects.set(orderId, 1);
  const runs = await d.run(async () => {
    const before = new Map(d.sent);
    const first = await d.runOnce([shop]);
    const cost = (command: string) => (d.sent.get(command) ?? 0) - (before.get(command) ?? 0);
    const looks = d.calls.filter(({ call }) => call === 'look-up').map(({ orderId }) => orderId);
    expect(looks).toEqual(orderIds.slice(0, looks.length));
    expect(looks.length).toBeGreaterThan(100);
    expect(looks.length).toBeLessThanOrEqual(MOST_OPERATIONS_IN_A_RUN);
    expect(first).toMatchObject({ settled: looks.length, open: 0, failed: 0, halted: { [shop]: 'out_of_time' } });
    // At most: a take, a new ask and an end for each operation, and a read of the index for every hundred of them.
    expect(cost('PutItem')).toBeLessThanOrEqual(3 * looks.length);
    expect(cost('Query')).toBeLessThanOrEqual(looks.length / 100 + 2);
    expect(d.calls.length).toBeLessThanOrEqual(2 * looks.length);

    return [first, ...(await d.settleEveryMinute([shop], nothingOpen(d, shop)))];
  });
  expect(runs.reduce((sum, { settled }) => sum + settled, 0)).toBe(10_000);
  expect(runs.length).toBeLessThanOrEqual(20);
  for (const { settled } of runs) expect(settled).toBeLessThanOrEqual(MOST_OPERATIONS_IN_A_RUN);
  expect(d.calls.filter(({ call }) => call === 'look-up')).toHaveLength(10_000);
  expectEachConfirmedOnce(d, shop, orderIds);
});

it('a connection whose turn comes last does not wait for the end of nine backlogs', async () => {
  // Chance that grows leaves the connections in their order: the quiet one is the tenth, and eight are worked on at once.
  let chance = 0;
  const d = disaster({ random: () => (chance += 1e-6) });
  const busy = Array.from({ length: 9 }, newShop);
  const quiet = newShop();
  const backlogs: string[][] = [];
  for (const shop of busy) backlogs.push(await d.fill(shop, 130));
  const few = await d.fill(quiet, 5);
  await d.run(() => d.runOnce([...busy, quiet]));
  expectEachConfirmedOnce(d, quiet, few);
  const order = d.calls.map(({ orderId }) => orderId);
  const quietEnd = Math.max(...few.map((orderId) => order.lastIndexOf(orderId)));
  const ends = backlogs.map((backlog) => Math.max(...backlog.map((orderId) => order.lastIndexOf(orderId))));
  expect(Math.min(...ends)).toBeGreaterThan(quietEnd);
});

it('a connection that needs a new credential is not called for its 1,000 pending operations, and not stormed when it has one', async () => {
  const d = disaster({ latencyMs: 5 });
  const shop = newShop();
  const orderIds = await d.fill(shop, 1_000, { detail: 'credential_rejected' });
  await d.run(async () => {
    d.setWeather(() => 'credential_rejected');
    const rejected = await d.settleEveryMinute([shop], () => d.clock.now() >= Date.parse('2026-03-01T13:00:00.000Z'));
    expect(rejected).toHaveLength(60);
    // The one that found it out.
    expect(d.calls).toHaveLength(1);

    // A wrong one again: one call more.
    d.credentials.set(shop, 'a second one');
    await d.runOnce([shop]);
    expect(d.calls).toHaveLength(2);

    d.credentials.set(shop, 'a third one');
    d.setWeather(() => 'up');
    d.calls.length = 0;
    const backAt = d.clock.now();
    await d.settleEveryMinute([shop], nothingOpen(d, shop));
    const within = (seconds: number) => d.calls.filter(({ at }) => at < backAt + seconds * 1_000).length;
    expect([1, 2, 3].map(within)).toEqual([2, 8, 22]);
    expect(mostInASecond(d.calls)).toBeLessThanOrEqual(MOST_CALLS_IN_A_SECOND);
  });
  expectEachConfirmedOnce(d, shop, orderIds);
});
