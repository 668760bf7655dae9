import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { readCancelledOrders, readPage, type CancelledOrdersQuery } from '../../functions/listing/cancelled-orders.ts';
import type { Place } from '../../functions/listing/entry.ts';
import type { ListingNeeds } from '../../functions/listing/open-sources.ts';
import type { CancelledOrder } from '../../functions/providers/cancelled-order.ts';
import type { OpenConnection } from '../../functions/providers/connections.ts';
import type { WindowReply } from '../../functions/providers/provider.ts';
import {
  startFakeNgorder,
  type FakeNgorder,
  type FakeOptions,
  type FakeOrder,
} from '../providers/ngorder/fake-ngorder.ts';
import { accounts, startFakeEstoka } from '../support/accounts.ts';
import { startDynamoDB, type TestDynamoDB } from '../support/dynamodb.ts';

let dynamodb: TestDynamoDB;
beforeAll(async () => {
  dynamodb = await startDynamoDB();
});
afterAll(() => dynamodb.stop());
const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

const LONG_MS = 300_000;
const forever = () => LONG_MS;
const world = (providers: Parameters<typeof accounts>[1]) => accounts(dynamodb, providers);

const query = (connections: readonly string[], changes: Partial<CancelledOrdersQuery> = {}): CancelledOrdersQuery => ({
  connections,
  types: ['cancelled', 'rejected', 'expired'],
  from: '2026-01-01',
  to: '2026-12-31',
  includeCustomer: false,
  ...changes,
});

async function start(orders: FakeOrder[], options?: FakeOptions): Promise<FakeNgorder> {
  const fake = await startFakeNgorder(orders, options);
  cleanups.push(() => fake.close());
  return fake;
}

/** So many orders, `everyMinutes` apart, the newest last. */
const orders = (first: number, count: number, everyMinutes: number, from = '2026-06-01T00:00:00Z'): FakeOrder[] =>
  Array.from({ length: count }, (_, index) => ({
    id: first + index,
    list: (['CANCEL', 'CANCEL', 'REJECTED', 'EXPIRED'] as const)[index % 4] ?? 'CANCEL',
    orderDate: new Date(Date.parse(from) + (7 * 60 + index * everyMinutes) * 60_000)
      .toISOString()
      .slice(0, 19)
      .replace('T', ' '),
  }));

async function readAll(one: CancelledOrdersQuery, needs: ListingNeeds, remainingMs = forever) {
  const rows: CancelledOrder[] = [];
  let last;
  for await (const batch of readCancelledOrders(one, needs, remainingMs)) {
    rows.push(...batch.rows);
    last = batch;
  }
  return { rows, incomplete: last?.incomplete, pages: last?.pages, sources: last?.sources };
}

/** Page after page, as a caller would read them; `between` happens between two pages. */
async function readPages(
  one: CancelledOrdersQuery,
  limit: number,
  needs: ListingNeeds,
  between: () => void = () => undefined,
) {
  const rows: CancelledOrder[] = [];
  let after: Place | null = null;
  for (let page = 1; ; page += 1) {
    const read = await readPage(one, { after, limit }, needs, forever);
    expect(read.orders.length).toBeLessThanOrEqual(limit);
    rows.push(...read.orders);
    expect(read.incomplete).toEqual([]);
    if (read.next === null) return rows;
    expect(read.orders).toHaveLength(limit);
    after = read.next;
    between();
  }
}

const named = (rows: readonly CancelledOrder[]) => rows.map(({ connection, orderId }) => `${connection}:${orderId}`);
const isNewestFirst = (rows: readonly CancelledOrder[]) =>
  rows.every((row, index) => index === 0 || (rows[index - 1]?.orderedAt ?? '') >= (row.orderedAt ?? ''));

async function threeConnections() {
  const jaya = await start(orders(1_001, 260, 97));
  const baru = await start(orders(1_001, 140, 211));
  const estoka = await startFakeEstoka((orderId) => `2026-06-0${(Number(orderId) % 9) + 1}T12:00:00.000-03:00`);
  cleanups.push(() => estoka.close());
  const suffix = `${Math.random()}`.slice(2, 8);
  const names = { jaya: `toko-jaya-${suffix}`, baru: `toko-baru-${suffix}`, rio: `loja-rio-${suffix}` };
  const made = world({
    [names.jaya]: { provider: 'ngorder', fake: jaya },
    [names.baru]: { provider: 'ngorder', fake: baru },
    [names.rio]: { provider: 'estoka', fake: estoka },
  });
  for (let id = 1; id <= 30; id += 1) await made.cancel(names.rio, String(id));
  return { ...made, jaya, baru, rio: names.rio, jayaName: names.jaya, baruName: names.baru };
}

describe('two ngorder connections and an Estoka in one list', () => {
  it('are told newest first, each order once, and where they come from', async () => {
    const { needs, names, rio, jayaName, baruName } = await threeConnections();
    const { rows, incomplete, sources } = await readAll(query(names), needs);
    expect(rows).toHaveLength(260 + 140 + 30);
    expect(new Set(named(rows)).size).toBe(rows.length);
    expect(isNewestFirst(rows)).toBe(true);
    expect(incomplete).toEqual([]);
    expect(sources).toEqual({ [rio]: 'ledger', [jayaName]: 'provider', [baruName]: 'provider' });
    expect(new Set(rows.slice(0, 250).map(({ connection }) => connection)).size).toBe(3);
  });

  it('tell of Estoka what the ledger kept, and nothing personal', async () => {
    const { needs, rio } = await threeConnections();
    const { rows } = await readAll(query([rio]), needs);
    expect(rows).toHaveLength(30);
    expect(rows.find(({ orderId }) => orderId === '8')).toEqual({
      connection: rio,
      provider: 'estoka',
      orderId: '8',
      number: 'C-8',
      type: 'cancelled',
      orderedAt: '2026-06-09T15:00:00.000Z',
      cancelledAt: expect.stringMatching(/^20/),
      createdAt: null,
      updatedAt: null,
      total: { amount: 62.5, currency: 'BRL' },
      paymentStatus: null,
      items: [],
      source: 'ledger',
    });
    expect(JSON.stringify(rows)).not.toContain('Ana');
    expect((await readAll(query([rio], { types: ['rejected'] }), needs)).rows).toEqual([]);
    expect((await readAll(query([rio], { from: '2026-06-09', to: '2026-06-09' }), needs)).rows).toHaveLength(3);
  });

  it('page by page: the cursor stands still while rows are added', async () => {
    const { needs, names, jaya, baru } = await threeConnections();
    const before = await readAll(query(names), needs);
    let added = 0;
    const rows = await readPages(query(names), 37, needs, () => {
      // A new one in front, and one in the midst of what is told already or is still to come.
      jaya.orders.push({ id: 9_000 + (added += 1), list: 'CANCEL', orderDate: '2026-11-01 12:00:00' });
      baru.orders.push({ id: 9_000 + added, list: 'CANCEL', orderDate: `2026-06-0${(added % 9) + 1} 12:00:00` });
    });
    expect(added).toBeGreaterThan(10);
    expect(isNewestFirst(rows)).toBe(true);
    expect(new Set(named(rows)).size).toBe(rows.length);
    expect(named(rows).filter((name) => !/:9\d\d\d$/.test(name))).toEqual(named(before.rows));
  });

  it('page by page, with many orders of one moment: none is lost or told twice', async () => {
    const moment = '2026-06-10 12:00:00';
    const many = Array.from({ length: 130 }, (_, index): FakeOrder => ({
      id: 1 + index,
      list: 'CANCEL',
      orderDate: moment,
    }));
    const ngorderFake = await start(many);
    const estoka = await startFakeEstoka(() => '2026-06-10T02:00:00.000-03:00');
    cleanups.push(() => estoka.close());
    const made = world({
      'toko-penuh': { provider: 'ngorder', fake: ngorderFake },
      'loja-cheia': { provider: 'estoka', fake: estoka },
    });
    for (let id = 1; id <= 120; id += 1) await made.cancel('loja-cheia', String(id));
    const rows = await readPages(query(made.names), 50, made.needs);
    expect(rows).toHaveLength(250);
    expect(new Set(named(rows)).size).toBe(250);
  });
});

it('rows are read no more than some hundreds ahead of those that are told, however many there are', async () => {
  const many = await start(orders(1_001, 2_000, 60));
  const { needs, names } = world({ 'toko-ahead': { provider: 'ngorder', fake: many } });
  let rows = 0;
  const requests: number[] = [];
  for await (const batch of readCancelledOrders(query(names, { types: ['cancelled'] }), needs, forever)) {
    rows += batch.rows.length;
    requests.push(many.seen.length);
  }
  expect(rows).toBe(1_000);
  expect(requests.length).toBeGreaterThan(1);
  // Of a thousand rows, five hundred and a window more are read before the first is told.
  expect(requests[0]).toBeLessThan((requests.at(-1) ?? 0) * 0.9);
});

it('a window of a provider’s list is waited for for a minute at most, and for no longer than there is time', async () => {
  const hung = await start(orders(1_001, 3, 60), { instead: () => 'hang' });
  const { needs, names } = world({ 'toko-window': { provider: 'ngorder', fake: hung } });
  const given: number[] = [];
  const { openConnection } = needs;
  needs.openConnection = async (...args) => {
    const connection = await openConnection(...args);
    const call = (_: unknown, { timeoutMs }: { timeoutMs: number }) => {
      given.push(timeoutMs);
      return Promise.resolve({ kind: 'lost', problem: 'timed_out' } as const);
    };
    return { ...connection, client: { ...connection.client, listCancelled: { offered: true, call } } };
  };
  await readAll(query(names, { types: ['cancelled'] }), needs);
  await readAll(query(names, { types: ['cancelled'] }), needs, () => 5_000);
  expect(given).toEqual([60_000, 5_000]);
});

describe('a bare date', () => {
  it('is the day of each connection: 23:30 in Jakarta and 00:30 in São Paulo', async () => {
    const fake = await start([
      { id: 1, list: 'CANCEL', orderDate: '2026-07-31 23:30:00' },
      { id: 2, list: 'CANCEL', orderDate: '2026-08-01 00:30:00' },
      { id: 3, list: 'CANCEL', orderDate: '2026-08-01 23:30:00' },
      { id: 4, list: 'CANCEL', orderDate: '2026-08-02 00:30:00' },
    ]);
    const placed: Record<string, string> = {
      '11': '2026-07-31T23:30:00.000-03:00',
      '12': '2026-08-01T00:30:00.000-03:00',
      '13': '2026-08-01T23:30:00.000-03:00',
      '14': '2026-08-02T00:30:00.000-03:00',
    };
    const estoka = await startFakeEstoka((orderId) => placed[orderId] ?? '');
    cleanups.push(() => estoka.close());
    const made = world({
      'toko-hari': { provider: 'ngorder', fake },
      'loja-dia': { provider: 'estoka', fake: estoka },
    });
    for (const orderId of Object.keys(placed)) await made.cancel('loja-dia', orderId);
    const day = await readAll(query(made.names, { from: '2026-08-01', to: '2026-08-01' }), made.needs);
    expect(named(day.rows)).toEqual(['loja-dia:13', 'toko-hari:3', 'loja-dia:12', 'toko-hari:2']);
    const moments = { from: '2026-08-01T16:30:00.000Z', to: '2026-08-01T17:30:00.000Z' };
    expect(named((await readAll(query(made.names, moments), made.needs)).rows)).toEqual(['toko-hari:4', 'toko-hari:3']);
  });
});

describe('what the ledger adds', () => {
  it('is when an order was cancelled through us, and only that', async () => {
    const fake = await start([
      { id: 1, list: 'ACTIVE', orderDate: '2026-06-01 12:00:00' },
      { id: 2, list: 'CANCEL', orderDate: '2026-06-01 12:00:00' },
      { id: 3, list: 'CANCEL', orderDate: '2026-06-01 12:00:00' },
    ]);
    const made = world({ 'toko-waktu': { provider: 'ngorder', fake } });
    const cancelled = await made.cancel('toko-waktu', '1');
    // It was cancelled before anybody asked us: when, nobody knows.
    expect(await made.cancel('toko-waktu', '2')).toMatchObject({ state: 'confirmed', detail: 'already_cancelled' });
    const { rows } = await readAll(query(made.names), made.needs);
    expect(Object.fromEntries(rows.map(({ orderId, cancelledAt }) => [orderId, cancelledAt]))).toEqual({
      '1': cancelled.state === 'confirmed' ? cancelled.settledAt : 'not confirmed',
      '2': null,
      '3': null,
    });
  });

  it('is never personal; a customer is shown only where it was asked for', async () => {
    const fake = await start(orders(1, 3, 60));
    const made = world({ 'toko-nama': { provider: 'ngorder', fake } });
    const plain = await readAll(query(made.names), made.needs);
    expect(JSON.stringify(plain.rows)).not.toMatch(/Pelanggan|Jalan|0800|customer/);
    const { rows } = await readAll(query(made.names, { includeCustomer: true }), made.needs);
    expect(rows.map(({ customer }) => customer?.name)).toEqual(['Pelanggan 3', 'Pelanggan 2', 'Pelanggan 1']);
  });
});

describe('a provider that fails', () => {
  /** The list call of one connection, replaced by a test's own. */
  function replacing(needs: ListingNeeds, name: string, list: () => Promise<WindowReply>): ListingNeeds {
    const openConnection: ListingNeeds['openConnection'] = async (connection, options): Promise<OpenConnection> => {
      const opened = await needs.openConnection(connection, options);
      if (connection !== name) return opened;
      return { ...opened, client: { ...opened.client, listCancelled: { offered: true, call: list } } };
    };
    return { ...needs, openConnection };
  }

  it('by hanging keeps no other from being read to its end', async () => {
    const fake = await start(orders(1, 700, 97));
    const hanging = await start([]);
    const made = world({
      'toko-cepat': { provider: 'ngorder', fake },
      'toko-macet': { provider: 'ngorder', fake: hanging },
    });
    const alone = await readAll(query(['toko-cepat']), made.needs);
    const wanted = fake.seen.length;
    // It gives up only after the other was asked for a whole page of 500: where that waited for this one, nobody would ever be told.
    const givesUp = async () => {
      while (fake.seen.length < wanted + wanted / 2) await new Promise((resolve) => setTimeout(resolve, 5));
      return { kind: 'lost', problem: 'timed_out' } as const;
    };
    const needs = replacing(made.needs, 'toko-macet', givesUp);
    const { rows, incomplete } = await readAll(query(made.names), needs);
    expect(named(rows)).toEqual(named(alone.rows));
    expect(incomplete).toEqual([{ connection: 'toko-macet', problem: 'timed_out' }]);
  });

  it('by hanging is given up when the time is over', async () => {
    const fake = await start([], { instead: () => 'hang' });
    const made = world({ 'toko-diam': { provider: 'ngorder', fake } });
    const { rows, incomplete } = await readAll(query(made.names), made.needs, () => 2_000);
    expect(rows).toEqual([]);
    expect(incomplete).toEqual([{ connection: 'toko-diam', problem: 'timed_out' }]);
  });

  it.each([
    ['provider_error', { status: 500, body: '{}' }],
    ['rate_limited', { status: 429, headers: { 'retry-after': '600' }, body: '' }],
    ['foreign_reply', { status: 200, body: '<h1>Sign in</h1>' }],
    ['unknown_reply', { status: 403, body: '{"message":"Forbidden"}' }],
    ['unreadable_reply', { status: 200, body: '{}' }],
  ] as const)(
    'with %s is named beside the rows of the others, and its own that were read',
    async (problem, delivery) => {
      const good = await start(orders(1, 20, 60));
      const bad = await start(orders(1, 20, 60), {
        instead: ({ query: asked }) => (asked.get('type') === 'EXPIRED' ? delivery : undefined),
      });
      const made = world({
        [`toko-baik-${problem.replace('_', '-')}`]: { provider: 'ngorder', fake: good },
        [`toko-buruk-${problem.replace('_', '-')}`]: { provider: 'ngorder', fake: bad },
      });
      const { rows, incomplete } = await readAll(query(made.names), made.needs);
      expect(rows).toHaveLength(20 + 15);
      expect(incomplete).toEqual([{ connection: made.names[1], problem }]);
    },
  );

  it('by rejecting the credential is not asked again until another one is stored', async () => {
    const fake = await start(orders(1, 4, 60), {
      instead: ({ headers }) =>
        headers.authorization === 'Bearer credential of toko-kunci'
          ? { status: 401, body: '{"response":"Failed"}' }
          : undefined,
    });
    const made = world({ 'toko-kunci': { provider: 'ngorder', fake } });
    const incomplete = [{ connection: 'toko-kunci', problem: 'needs_reauth' }];
    expect((await readAll(query(made.names), made.needs)).incomplete).toEqual(incomplete);
    const calls = fake.seen.length;
    expect((await readAll(query(made.names), made.needs)).incomplete).toEqual(incomplete);
    expect(fake.seen.length).toBe(calls);
    const old = await made.needs.openConnection('toko-kunci');
    made.credentials.set('toko-kunci', 'another');
    expect(await readAll(query(made.names), made.needs)).toMatchObject({ incomplete: [], rows: { length: 4 } });
    const openConnection: ListingNeeds['openConnection'] = (name, options) =>
      options?.fresh === true ? made.needs.openConnection(name) : Promise.resolve(old);
    const stale = { ...made.needs, openConnection };
    expect(await readAll(query(made.names), stale)).toMatchObject({ incomplete: [], rows: { length: 4 } });
  });

  it('to be opened is named, and the others are read', async () => {
    const fake = await start(orders(1, 4, 60));
    const made = world({ 'toko-ada': { provider: 'ngorder', fake }, 'toko-tiada': { provider: 'ngorder', fake } });
    const openConnection: ListingNeeds['openConnection'] = (name, options) =>
      name === 'toko-tiada' ? Promise.reject(new Error('no secret')) : made.needs.openConnection(name, options);
    const { rows, incomplete } = await readAll(query(made.names), { ...made.needs, openConnection });
    expect(rows).toHaveLength(4);
    expect(incomplete).toEqual([{ connection: 'toko-tiada', problem: 'connection_unavailable' }]);
  });
});
