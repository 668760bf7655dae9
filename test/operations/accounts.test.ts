import {
  DynamoDBClient,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  type PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createAccounts } from '../../functions/operations/accounts.ts';
import { AccountTurnedAway } from '../../functions/operations/errors.ts';
import { settleDue } from '../../functions/operations/settle-due.ts';
import { answerWithoutAsking, performLater } from '../../functions/operations/perform.ts';
import { readOrder } from '../../functions/operations/read-back.ts';
import { startFakeProvider, type FakeProvider } from '../providers/fake-provider.ts';
import { accounts, startFakeEstoka } from '../support/accounts.ts';
import { startDynamoDB, type TestDynamoDB } from '../support/dynamodb.ts';
import { LARGEST_ITEM, weighingClient } from '../support/item-bytes.ts';
import { cancelCommand, handClock } from './world.ts';

/** An ngorder that cancels whatever it is asked to. */
function startFakeNgorder(): Promise<FakeProvider> {
  return startFakeProvider(({ method, body }) => {
    if (method === 'GET') return { status: 200, body: JSON.stringify({ data: [] }) };
    const data = { order_id: Number(/"id":(\d+)/.exec(body)?.[1]), po_number: 1 };
    return { status: 200, body: JSON.stringify({ response: 'success', message: 'Order has been Canceled', data }) };
  });
}
const asksOf = ({ seen }: FakeProvider) => seen.filter(({ method }) => method === 'POST').length;

let dynamodb: TestDynamoDB;
let fakes: FakeProvider[];
let names = 0;
/** A name that no other test has. */
const newName = () => `loja-${(names += 1)}`;
const keepFake = async (fake: Promise<FakeProvider>) => {
  fakes.push(await fake);
  return fake;
};
const estokaAt = () => keepFake(startFakeEstoka(() => '2026-03-01'));
const ngorderAt = () => keepFake(startFakeNgorder());

beforeAll(async () => {
  dynamodb = await startDynamoDB();
});
afterAll(() => dynamodb.stop());
beforeEach(() => {
  fakes = [];
});
afterEach(() => Promise.all(fakes.map((fake) => fake.close())));

/** A container's knowledge of names. */
const namesOver = (client: TestDynamoDB['client']) =>
  createAccounts({
    dynamodb: client,
    table: dynamodb.tables.connectionHealth,
    clock: handClock(),
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    declared: () => ({ place: 'ngorder elsewhere.example', formerPlaces: [], marks: [] }),
    isDeclared: () => true,
  });
const accountAt = async (fake: Promise<FakeProvider>) => {
  const name = newName();
  return (await deployed({ [name]: { provider: 'ngorder', fake: await fake } }).connections.open(name)).account;
};

/** Of a deployment whose connections are these, all containers new. */
const deployed = (connections: Parameters<typeof accounts>[1]) => accounts(dynamodb, connections, handClock());

describe('an account whose credential says which one it is', () => {
  it('is not asked, or read, under a second name, and the line names the first', async () => {
    const [first, second, shop] = [newName(), newName(), await ngorderAt()];
    const two = { [first]: { provider: 'ngorder', fake: shop }, [second]: { provider: 'ngorder', fake: shop } };
    const { cancel, credentials, needs } = deployed(two);
    credentials.set(first, 'one token').set(second, 'one token');

    expect((await cancel(first, '6')).state).toBe('confirmed');
    await expect(cancel(second, '6')).rejects.toThrow(first);
    await expect(cancel(second, '7')).rejects.toThrow(AccountTurnedAway);
    const asked = shop.seen.length;
    await expect(readOrder({ connection: second, orderId: '6' }, needs, () => 20_000)).rejects.toThrow(first);
    expect(shop.seen).toHaveLength(asked);
    expect(asksOf(shop)).toBe(1);
    expect(await needs.ledger.findCurrent(second, '6')).toBeNull();
    expect((await cancel(first, '7')).state).toBe('confirmed');
  });

  it('is asked under one of two names that are asked for the first time at once', async () => {
    const [first, second, shop] = [newName(), newName(), await ngorderAt()];
    const connections = { [first]: { provider: 'ngorder', fake: shop }, [second]: { provider: 'ngorder', fake: shop } };
    const containers = Array.from({ length: 8 }, () => deployed(connections));
    const asks = containers.map(({ cancel, credentials }, index) => {
      credentials.set(first, 'shared token').set(second, 'shared token');
      return cancel(index % 2 === 0 ? first : second, '6');
    });
    const ends = await Promise.allSettled(asks);
    expect(asksOf(shop)).toBe(1);
    const turnedAway = ends.filter((end) => end.status === 'rejected' && end.reason instanceof AccountTurnedAway);
    expect(turnedAway.length).toBeGreaterThan(0);
  });

  it('gets no second name from a container that saw it free and writes late', async () => {
    const [first, second, account] = [newName(), newName(), await accountAt(ngorderAt())];
    let reach: () => void = () => undefined;
    let release: () => void = () => undefined;
    const reached = new Promise<void>((resolve) => (reach = resolve));
    const released = new Promise<void>((resolve) => (release = resolve));
    const late = Object.assign(Object.create(dynamodb.client) as TestDynamoDB['client'], {
      send: async (command: PutItemCommand) => {
        if (command instanceof TransactWriteItemsCommand) {
          reach();
          await released;
        }
        return dynamodb.client.send(command);
      },
    });
    const kept = namesOver(late).claim({ name: second, account });
    await reached;
    await namesOver(dynamodb.client).claim({ name: first, account });
    release();
    await expect(kept).rejects.toThrow(first);
    await expect(namesOver(dynamodb.client).check({ name: first, account })).resolves.toBeUndefined();
  });

  it('is known by its first credential after hundreds of others, in an item that stays small', async () => {
    const [name, other, { place }] = [newName(), newName(), await accountAt(ngorderAt())];
    const { client, sizes } = weighingClient(dynamodb.endpoint);
    const account = (rotation: number) => ({
      place,
      formerPlaces: [],
      marks: [`${name} ${'x'.repeat(250)}${rotation}`],
    });
    const made = { connection: name, provider: 'ngorder', account: account(0).marks[0] ?? '' };
    for (let rotation = 0; rotation < 200; rotation += 1)
      await namesOver(client).claim({ name, account: account(rotation) });
    expect(Math.max(...sizes)).toBeLessThanOrEqual(LARGEST_ITEM);
    expect(await namesOver(client).isOwn(made)).toBe(true);
    expect(await namesOver(client).isOwn({ ...made, connection: other })).toBe(false);
    await expect(namesOver(client).claim({ name: other, account: account(0) })).rejects.toThrow(name);
    await namesOver(client).claim({ name, account: account(0) });
    const again = namesOver(client);
    await again.claim({ name, account: account(0) });
    expect(again.markOf(name)).toBe(made.account);
    client.destroy();
  });

  it('is claimed six times in vain where others are quicker, with a longer wait each time, and is not asked', async () => {
    const waits: number[] = [];
    const clock = { ...handClock(), sleep: (ms: number) => Promise.resolve(void waits.push(ms)) };
    let writes = 0;
    const send = (command: unknown) => {
      if (!(command instanceof TransactWriteItemsCommand)) return Promise.resolve({});
      writes += 1;
      const CancellationReasons = [{ Code: 'ConditionalCheckFailed' }];
      return Promise.reject(new TransactionCanceledException({ message: '', $metadata: {}, CancellationReasons }));
    };
    const account = { place: 'ngorder elsewhere.example', formerPlaces: [], marks: ['m'] };
    const overtaken = createAccounts({
      dynamodb: Object.assign(new DynamoDBClient({ region: 'local' }), { send }),
      table: 'ConnectionHealth',
      clock,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      declared: () => account,
      isDeclared: () => true,
    });
    await expect(overtaken.claim({ name: 'loja', account })).rejects.toThrow('again and again');
    expect(writes).toBe(6);
    expect(waits).toEqual([20, 40, 80, 160, 320, 640]);
  });

  it('keeps its name when its credential is rotated, also back again, and what was asked before is remembered', async () => {
    const [name, shop] = [newName(), await ngorderAt()];
    for (const token of ['of last year', 'of this year', 'of last year']) {
      const { cancel, credentials } = deployed({ [name]: { provider: 'ngorder', fake: shop } });
      credentials.set(name, token);
      expect((await cancel(name, '6')).state).toBe('confirmed');
    }
    expect(asksOf(shop)).toBe(1);
    const other = newName();
    const { cancel, credentials } = deployed({ [other]: { provider: 'ngorder', fake: shop } });
    credentials.set(other, 'of this year');
    await expect(cancel(other, '6')).rejects.toThrow(`Declare it as ${name} again`);
  });

  it('keeps its name when two connections swap their credentials: neither is asked until they are put right', async () => {
    const [first, second, shop] = [newName(), newName(), await ngorderAt()];
    const two = { [first]: { provider: 'ngorder', fake: shop }, [second]: { provider: 'ngorder', fake: shop } };
    const container = deployed(two);
    await container.cancel(first, '6');
    await container.cancel(second, '6');
    const swap = ({ credentials }: typeof container) =>
      credentials.set(first, `credential of ${second}`).set(second, `credential of ${first}`);

    for (const swapped of [container, deployed(two)]) {
      swap(swapped);
      const kept = await swapped.cancel(first, '7').catch((error: unknown) => error);
      // A container that knows its name finds it out beside its claim: then the ask waits.
      if (kept instanceof Error) expect(kept.message).toContain(`store its own credential`);
      else expect(kept).toMatchObject({ state: 'pending', detail: 'account_has_another_name', askReach: 'not_sent' });
      await expect(swapped.cancel(first, '8')).rejects.toThrow(second);
    }
    expect(asksOf(shop)).toBe(2);
    expect((await deployed(two).cancel(first, '8')).state).toBe('confirmed');
  });

  it('is told by a digest that is not the credential', async () => {
    const [name, shop] = [newName(), await ngorderAt()];
    const { cancel, credentials } = deployed({ [name]: { provider: 'ngorder', fake: shop } });
    credentials.set(name, 'tok-3f9a7c1e-secret');
    const { account } = await cancel(name, '6');
    expect(account).toMatch(/^ngorder [\w-]{43}$/);
    expect(account).not.toContain('tok-3f9a7c1e');
  });
});

describe('a name that is pointed at another account', () => {
  it.each(['estoka', 'ngorder'])(
    'answers nothing of what was done at the earlier one, and asks nothing: %s',
    async (provider) => {
      const at = provider === 'estoka' ? estokaAt : ngorderAt;
      const [name, one, other] = [newName(), await at(), await at()];
      const before = deployed({ [name]: { provider, fake: one } });
      expect((await before.cancel(name, '6')).state).toBe('confirmed');

      const { cancel, needs } = deployed({ [name]: { provider, fake: other } });
      await expect(cancel(name, '6')).rejects.toThrow('formerly');
      await expect(cancel(name, '7')).rejects.toThrow(AccountTurnedAway);
      const key = { connection: name, orderId: '6', kind: 'cancel' as const, idempotency: null };
      await expect(performLater(cancelCommand({ connection: name, provider, orderId: '6' }), needs)).rejects.toThrow(
        name,
      );
      await expect(readOrder(key, needs, () => 20_000)).rejects.toThrow(name);
      expect(other.seen).toEqual([]);
      await expect(answerWithoutAsking(key, deployed({ [name]: { provider, fake: other } }).needs)).rejects.toThrow(
        name,
      );
      expect(needs.accounts.isKnown(name)).toBe(false);
      expect(await needs.ledger.findCurrent(name, '7')).toBeNull();
    },
  );

  it('goes on where the declaration says that the account has moved, and need not say so for ever', async () => {
    const [name, one, other] = [newName(), await estokaAt(), await estokaAt()];
    await deployed({ [name]: { provider: 'estoka', fake: one } }).cancel(name, '6');
    const moved = { provider: 'estoka', fake: other, formerly: [one.baseUrl.href] };
    const { cancel } = deployed({ [name]: moved });
    expect((await cancel(name, '6')).number).toBe(1);
    expect((await cancel(name, '7')).state).toBe('confirmed');
    expect(asksOf(other)).toBe(1);
    const later = deployed({ [name]: { provider: 'estoka', fake: other } });
    expect((await later.cancel(name, '6')).number).toBe(1);
    // Its earlier address is its own still.
    const second = newName();
    await expect(deployed({ [second]: { provider: 'estoka', fake: one } }).cancel(second, '6')).rejects.toThrow(name);
  });

  it('cannot be declared to be where another name is', async () => {
    const [name, second, one, other] = [newName(), newName(), await estokaAt(), await estokaAt()];
    await deployed({ [name]: { provider: 'estoka', fake: one } }).cancel(name, '6');
    const renamed = deployed({ [second]: { provider: 'estoka', fake: other, formerly: [one.baseUrl.href] } });
    await expect(renamed.cancel(second, '6')).rejects.toThrow(`Declare it as ${name} again`);
    expect(other.seen).toEqual([]);
  });

  it('leaves what is open as it is, unasked, and parks it when it is too old', async () => {
    const [name, one, other] = [newName(), await estokaAt(), await estokaAt()];
    const before = deployed({ [name]: { provider: 'estoka', fake: one } });
    await before.cancel(name, '6');
    const { operation } = await performLater(cancelCommand({ connection: name, orderId: '7' }), before.needs);

    const { needs } = deployed({ [name]: { provider: 'estoka', fake: other } });
    const clock = handClock();
    const settle = () => settleDue([name], { ...needs, clock }, () => 100_000);
    clock.advance(1_000);
    expect((await settle()).halted).toEqual({ [name]: 'name_has_another_account' });
    expect(await needs.ledger.findCurrent(name, '7')).toEqual(operation);
    clock.advance(73 * 3_600_000);
    await settle();
    expect(await needs.ledger.findCurrent(name, '7')).toMatchObject({
      state: 'needs_attention',
      detail: 'name_has_another_account',
      attempts: 0,
    });
    expect(other.seen).toEqual([]);
  });
});

describe('an operation', () => {
  it('carries the account that it was made at', async () => {
    const [name, fake] = [newName(), await estokaAt()];
    const { cancel } = deployed({ [name]: { provider: 'estoka', fake } });
    expect((await cancel(name, '6')).account).toBe(`estoka localhost:${fake.baseUrl.port}/1`);
  });

  it('that was kept for an account is not asked at another one that got the name before it was asked', async () => {
    const [name, one, other] = [newName(), await estokaAt(), await estokaAt()];
    const before = deployed({ [name]: { provider: 'estoka', fake: one } });
    await performLater(cancelCommand({ connection: name, orderId: '7' }), before.needs);

    const { cancel, needs } = deployed({ [name]: { provider: 'estoka', fake: other } });
    expect((await cancel(name, '6')).state).toBe('confirmed');
    await expect(cancel(name, '7')).rejects.toThrow(AccountTurnedAway);
    const clock = handClock();
    clock.advance(1_000);
    await settleDue([name], { ...needs, clock }, () => 100_000);
    expect(await needs.ledger.findCurrent(name, '7')).toMatchObject({
      state: 'needs_attention',
      detail: 'other_account',
    });
    expect(asksOf(other)).toBe(1);
  });

  it('of an older version, which kept no account, is of the account that has the name', async () => {
    const [name, fake] = [newName(), await estokaAt()];
    const { cancel, needs } = deployed({ [name]: { provider: 'estoka', fake } });
    const first = await cancel(name, '6');
    await needs.ledger.write(first, { ...first, account: null, version: first.version + 1 });
    expect((await cancel(name, '6')).number).toBe(1);
    const ask = { connection: name, orderId: '6', kind: 'cancel' as const, idempotency: null };
    expect(await answerWithoutAsking(ask, needs)).toMatchObject({ replayed: true });
    expect(asksOf(fake)).toBe(1);
  });
});
