import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newHandler } from '../functions/cancel-unpaid-orders.ts';
import { sampleEvent } from './events/sample.ts';
import { unpaid, openUnpaidShop } from './operations/unpaid/unpaid-shop.ts';
import { keepingLog, lambdaContext } from './support/api-event.ts';
import { startDynamoDB, type TestDynamoDB } from './support/dynamodb.ts';

describe('cancel-unpaid-orders', () => {
  let database: TestDynamoDB;
  beforeAll(async () => {
    database = await startDynamoDB();
  });
  afterAll(() => database.stop());

  type Shop = Awaited<ReturnType<typeof openUnpaidShop>>;
  const startShops = async (shops: readonly Shop[], more: readonly string[] = []) => {
    const log = keepingLog();
    const [first] = shops;
    if (first === undefined) throw new Error('There is no shop.');
    const shopOf = (name: string) => shops.find((shop) => shop.name === name) ?? first;
    const handler = newHandler({
      connections: {
        names: () => [...shops.map(({ name }) => name), ...more],
        get: (name) => {
          const { cancelUnpaid, ...declaration } = shopOf(name).connections.get(shopOf(name).name);
          return { ...declaration, ...(more.includes(name) ? {} : { cancelUnpaid }) };
        },
      },
      operations: {
        ...first.needs,
        openConnection: (name, options) => shopOf(name).connections.open(name, options),
      },
      log,
    });
    const context = lambdaContext(290_000);
    const result = await handler(sampleEvent('scheduled'), context);
    await Promise.all(shops.map(({ fake }) => fake.close()));
    return { result, log };
  };

  it('goes through the connections that have a rule, and leaves the others alone', async () => {
    const [one, other] = [
      await openUnpaidShop(database, [unpaid(2), unpaid(4, { cod_status: true })]),
      await openUnpaidShop(database, [unpaid(2)], { rule: { dryRun: true } }),
    ];
    const { result, log } = await startShops([one, other], ['silent']);
    expect(result.failed).toEqual([]);
    expect(result.reports.map(({ connection, dryRun, orders }) => [connection, dryRun, orders.length]).sort()).toEqual([
      [one.name, false, 1],
      [other.name, true, 1],
    ]);
    expect([one.asked(), other.asked()]).toEqual([[2], []]);
    expect(log.entries.filter(({ code }) => code === 'UNPAID_RUN_ENDED').map(({ fields }) => fields)).toContainEqual(
      expect.objectContaining({ connection: one.name, orders: 1, vetoes: { cash_on_delivery: 1 } }),
    );
    // Nothing of the customers, in the result or in the log.
    expect(JSON.stringify([result, log.entries])).not.toMatch(/Pelanggan|Jalan|0800/);
  });

  it('does nothing where no connection has a rule', async () => {
    const shop = await openUnpaidShop(database, [unpaid(2)]);
    await shop.fake.close();
    const silent = newHandler({
      connections: {
        names: () => [shop.name],
        get: (name) => ({ ...shop.connections.get(name), cancelUnpaid: undefined }),
      },
      operations: shop.needs,
      log: keepingLog(),
    });
    const context = lambdaContext(290_000);
    expect(await silent(sampleEvent('scheduled'), context)).toEqual({ reports: [], failed: [] });
    expect(shop.fake.seen).toEqual([]);
  });

  it('says of a connection that its provider failed, and goes through the others', async () => {
    const [ill, well] = [
      await openUnpaidShop(database, [], { instead: () => ({ status: 200, body: '<html>' }) }),
      await openUnpaidShop(database, [unpaid(2)]),
    ];
    const { result, log } = await startShops([ill, well]);
    expect(result.reports.map(({ connection }) => connection).sort()).toEqual([ill.name, well.name].sort());
    expect(well.asked()).toEqual([2]);
    const ended = log.entries.find(({ fields }) => JSON.stringify(fields).includes(ill.name));
    expect(ended?.fields).toMatchObject({ stoppedBy: 'provider', problem: 'foreign_reply' });
  });

  it('says of a connection that it could not be gone through at all, and goes through the others', async () => {
    const [lost, well] = [await openUnpaidShop(database, []), await openUnpaidShop(database, [unpaid(2)])];
    lost.connections.open = () => Promise.reject(new Error('no secret'));
    const { result, log } = await startShops([lost, well]);
    expect(result).toMatchObject({ failed: [lost.name], reports: [{ connection: well.name }] });
    expect(log.entries.map(({ code }) => code)).toContain('UNPAID_RUN_FAILED');
  });
});
