import { afterEach, describe, expect, it } from '@jest/globals';
import { ngorder } from '../../../functions/providers/ngorder/ngorder.ts';
import type { CancelledOrderType } from '../../../functions/providers/cancelled-order.ts';
import type { ListedOrder, WindowReply } from '../../../functions/providers/provider.ts';
import { openClient } from '../conformance.ts';
import { startFakeNgorder, type FakeNgorder, type FakeOptions, type FakeOrder } from './fake-ngorder.ts';

const account = { provider: ngorder, settings: { timeZone: 'Asia/Jakarta' } };
const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function start(orders: FakeOrder[], options: FakeOptions = {}): Promise<FakeNgorder> {
  const fake = await startFakeNgorder(orders, options);
  cleanups.push(() => fake.close());
  return fake;
}

const at = (text: string) => Date.parse(text);
const YEAR = { from: at('2026-01-01T00:00:00+07:00'), to: at('2026-12-31T23:59:59.999+07:00') };
const DAY_MS = 24 * 3600 * 1000;
/** A local time in Jakarta, as ngorder writes it. */
const local = (ms: number) => new Date(ms + 7 * 3600 * 1000).toISOString().slice(0, 19).replace('T', ' ');

async function readWindow(
  fake: FakeNgorder,
  query: { from: number; to: number },
  type: CancelledOrderType = 'cancelled',
  of = account,
): Promise<Extract<WindowReply, { kind: 'window' }>> {
  const { listCancelled } = openClient(of, fake.baseUrl);
  if (!listCancelled.offered) throw new Error('ngorder has a list.');
  const reply = await listCancelled.call({ ...query, type }, { timeoutMs: 120_000 });
  if (reply.kind !== 'window') throw new Error(JSON.stringify(reply));
  return reply;
}

/** Window after window, as the listing does. */
async function readEverything(fake: FakeNgorder, query: { from: number; to: number }) {
  const orders: ListedOrder[] = [];
  let stoodStill = true;
  for (let { to } = query; to >= query.from;) {
    const window = await readWindow(fake, { from: query.from, to });
    orders.push(...window.orders);
    stoodStill &&= window.stoodStill;
    to = window.from - 1;
  }
  return { orders, stoodStill };
}

const ids = (orders: readonly ListedOrder[]) => orders.map(({ order }) => Number(order.orderId)).sort((a, b) => a - b);

/** So many cancelled orders, some to a day and many on one day, none at the year's ends. */
function cancelledOrders(count: number): FakeOrder[] {
  return Array.from({ length: count }, (_, index) => ({
    id: 1001 + index,
    list: 'CANCEL' as const,
    // A third of them on one day, as after a sale.
    orderDate: local(
      at('2026-06-10T00:00:00+07:00') + (index % 3 === 0 ? (index % 1000) * 60_000 : index * 2 * 3600_000),
    ),
  }));
}

describe('hundreds of cancelled orders at ngorder', () => {
  const SORTS: Record<string, FakeOptions['sorted']> = {
    'newest first': undefined,
    'by id': (one, other) => one.id - other.id,
    'in no order to speak of': (one, other) => ((one.id * 7919) % 1237) - ((other.id * 7919) % 1237),
  };

  it.each(Object.entries(SORTS))('are all read, none twice, when the list is %s', async (_, sorted) => {
    const fake = await start(cancelledOrders(634), sorted && { sorted });
    const { orders, stoodStill } = await readEverything(fake, YEAR);
    expect(ids(orders)).toEqual(allIds());
    expect(stoodStill).toBe(true);
    expect(fake.mostPerPage()).toBe(50);
    // `links.next` has no filters, and another path.
    expect(new Set(fake.seen.map(({ path }) => path))).toEqual(new Set(['/api/open/order-cancel']));
    for (const { query } of fake.seen)
      expect([...query.keys()]).toEqual(['type', 'start_date', 'end_date', 'per_page', 'pagination_offset']);
  });

  const allIds = () => Array.from({ length: 634 }, (_, index) => 1001 + index);
  const remove = (orders: FakeOrder[], index: number) => orders.splice(index % orders.length, 1);
  let added = 0;
  const add = (orders: FakeOrder[], orderDate: string) => {
    orders.push({ id: 50_000 + (added += 1), list: 'CANCEL', orderDate });
  };
  const inDay = (nth: number) => local(at('2026-06-10T00:00:00+07:00') + nth * 977_000);
  /** What happens to the list between two requests, for as long as it goes on. */
  const MOVES: Record<string, (orders: FakeOrder[], nth: number) => void> = {
    'new ones come in': (orders, nth) => {
      if (nth % 2 === 0) add(orders, local(at('2026-09-30T00:00:00+07:00') + nth * 60_000));
    },
    'old ones come in, on a busy day': (orders, nth) => {
      if (nth % 3 === 0) add(orders, inDay(nth));
    },
    'some go away': (orders, nth) => {
      if (nth % 2 === 0) remove(orders, nth * 31);
    },
    'some go away as others come in, so that the total stays': (orders, nth) => {
      if (nth % 4 !== 0) return;
      remove(orders, nth * 31);
      add(orders, inDay(nth));
    },
    'one goes away at every request': (orders, nth) => {
      remove(orders, nth * 17);
    },
  };

  for (const [sortName, sorted] of Object.entries(SORTS)) {
    it.each(Object.entries(MOVES))(
      `that stay are all read, none twice, ${sortName}, while %s`,
      async (_, afterListing) => {
        const fake = await start(cancelledOrders(434), { afterListing, ...(sorted && { sorted }) });
        const { orders } = await readEverything(fake, YEAR);
        const read = ids(orders);
        const stayed = fake.orders.map(({ id }) => id).filter((id) => id < 50_000);
        expect(stayed.length).toBeGreaterThan(300);
        expect(stayed.filter((id) => !read.includes(id))).toEqual([]);
        expect(new Set(read).size).toBe(read.length);
      },
    );
  }

  it('are all read when one slips from a page to the one before, and nothing shows it', async () => {
    const orders = Array.from({ length: 120 }, (_, index) => ({
      id: 1 + index,
      list: 'CANCEL' as const,
      orderDate: '2026-06-10 12:00:00',
    }));
    const fake = await start(orders, {
      sorted: (one, other) => one.id - other.id,
      // Between the first page and the second one goes away in front and one comes in behind: the 51st is on neither.
      afterListing: (list, nth) => {
        if (nth !== 1) return;
        remove(list, 0);
        add(list, '2026-06-10 12:00:00');
      },
    });
    const { orders: read, stoodStill } = await readWindow(fake, YEAR);
    expect(ids(read)).toContain(51);
    expect(stoodStill).toBe(true);
  });

  it('says so where the list never stands still', async () => {
    const orders = cancelledOrders(120).map((order) => ({ ...order, orderDate: '2026-06-10 12:00:00' }));
    const fake = await start(orders, {
      afterListing: (list) => {
        add(list, '2026-06-10 13:00:00');
      },
    });
    const window = await readWindow(fake, YEAR);
    expect(window.stoodStill).toBe(false);
    expect(ids(window.orders).filter((id) => id < 50_000)).toHaveLength(120);
  });
});

describe('the days of a list at ngorder', () => {
  const day = { from: at('2026-08-01T00:00:00+07:00'), to: at('2026-08-01T23:59:59.999+07:00') };
  const order = (id: number, orderDate: string): FakeOrder => ({ id, list: 'CANCEL', orderDate });

  it('are those of the time zone of the connection, to the second', async () => {
    const fake = await start([
      order(1, '2026-07-31 23:59:59'),
      order(2, '2026-08-01 00:00:00'),
      order(3, '2026-08-01 23:30:00'),
      order(4, '2026-08-01 23:59:59'),
      order(5, '2026-08-02 00:00:00'),
    ]);
    const { orders } = await readWindow(fake, day);
    expect(ids(orders)).toEqual([2, 3, 4]);
    expect(orders.find(({ order: { orderId } }) => orderId === '3')?.order.orderedAt).toBe('2026-08-01T16:30:00.000Z');
    expect(fake.seen.map(({ query }) => [query.get('start_date'), query.get('end_date')])).toEqual([
      ['2026-07-31', '2026-08-02'],
    ]);
  });

  it('hold an order that ngorder filters by another zone than that of the connection', async () => {
    // 23:30 in Jakarta; for an ngorder that reckons in UTC+9 it is the next day.
    const shifted = { ...order(3, '2026-08-02 01:30:00'), fields: { order_date: '2026-08-01 23:30:00' } };
    const fake = await start([shifted]);
    expect(ids((await readWindow(fake, day)).orders)).toEqual([3]);
  });

  it('may be many: a window is no more than a few pages, and the next begins where it ended', async () => {
    const orders = Array.from({ length: 900 }, (_, index) =>
      order(1 + index, local(YEAR.from + (index % 300) * DAY_MS)),
    );
    const fake = await start(orders);
    const first = await readWindow(fake, YEAR);
    expect(first.from).toBeGreaterThan(YEAR.from);
    expect(first.orders.length).toBeLessThanOrEqual(200);
    expect(ids(first.orders)).toEqual(ids((await readWindow(fake, { ...YEAR, from: first.from })).orders));
    expect(ids((await readEverything(fake, YEAR)).orders)).toHaveLength(900);
  });

  it('read each of the three types from its own list', async () => {
    const orders = (['CANCEL', 'REJECTED', 'EXPIRED'] as const).map((list, index) => ({
      ...order(1 + index, '2026-08-01 12:00:00'),
      list,
    }));
    const fake = await start(orders);
    for (const [index, type] of (['cancelled', 'rejected', 'expired'] as const).entries()) {
      const window = await readWindow(fake, day, type);
      expect(window.orders.map(({ order: { orderId, type: shown } }) => [orderId, shown])).toEqual([
        [`${index + 1}`, type],
      ]);
    }
  });
});

describe('a local time that clocks show twice, or not at all', () => {
  it.each([
    ['twice', '2026-11-01 01:30:00', '2026-11-01T05:30:00.000Z', '2026-11-01T06:30:00.000Z'],
    ['not at all', '2026-03-08 02:30:00', '2026-03-08T06:30:00.000Z', '2026-03-08T07:30:00.000Z'],
  ])('leaves an order out of no period that it may be of: %s', async (_name, orderDate, earliest, latest) => {
    const fake = await start([{ id: 566, list: 'CANCEL', orderDate }]);
    const newYork = { provider: ngorder, settings: { timeZone: 'America/New_York' } };
    const ordersOf = async (from: number, to: number) =>
      (await readWindow(fake, { from, to }, 'cancelled', newYork)).orders;
    const [first, last] = [Date.parse(earliest), Date.parse(latest)];
    expect(await ordersOf(first, first)).toHaveLength(1);
    expect(await ordersOf(last, last)).toHaveLength(1);
    expect(await ordersOf(first - 60_000, first - 1)).toEqual([]);
    expect(await ordersOf(last + 1, last + 60_000)).toEqual([]);
    expect(await ordersOf(first, last)).toMatchObject([
      { order: { orderedAt: null, unread: ['orderedAt', 'createdAt', 'updatedAt'] }, orderedAbout: earliest },
    ]);
  });
});

describe('a row of ngorder’s lists', () => {
  const row = async (fields: Record<string, unknown>): Promise<ListedOrder> => {
    const fake = await start([{ id: 566, list: 'CANCEL', orderDate: '2026-08-01 12:00:00', fields }]);
    const [listed] = (await readWindow(fake, YEAR)).orders;
    if (listed === undefined) throw new Error('not listed');
    return listed;
  };

  it('is told in our words, personal data apart', async () => {
    const { order, customer } = await row({});
    expect(order).toEqual({
      connection: 'test',
      provider: 'ngorder',
      orderId: '566',
      number: '5566',
      type: 'cancelled',
      orderedAt: '2026-08-01T05:00:00.000Z',
      cancelledAt: null,
      createdAt: '2026-08-01T05:00:00.000Z',
      updatedAt: '2026-08-01T05:00:00.000Z',
      total: { amount: 100_000, currency: 'IDR' },
      paymentStatus: 'UNPAID',
      items: [{ sku: null, name: 'Kaos', quantity: 10, unitPrice: 10_000 }],
      source: 'provider',
    });
    expect(customer).toEqual({
      name: 'Pelanggan 566',
      document: null,
      email: null,
      phones: ['080000000000'],
      address: 'Jalan Contoh 1',
    });
  });

  it.each([
    [0, 0],
    [62_500, 62_500],
    ['10000', 10_000],
    ['10000.00', 10_000],
    ['Rp100.000', 100_000],
    ['Rp 1.250.000', 1_250_000],
    ['Rp1.250.000,00', 1_250_000],
    ['100.000', 100_000],
    ['many', null],
    [null, null],
    [{}, null],
  ])('has the amount %j as %j rupiah', async (written, amount) => {
    const { order } = await row({ total_amount: written });
    expect(order.total).toEqual(amount === null ? null : { amount, currency: 'IDR' });
  });

  it.each([
    ['2021-01-18 10:37:42', '2021-01-18T03:37:42.000Z'],
    ['2021-01-18', '2021-01-17T17:00:00.000Z'],
    ['2021-01-18T10:37:42.123456Z', '2021-01-18T10:37:42.123Z'],
    ['2021-01-18T10:37:42+07:00', '2021-01-18T03:37:42.000Z'],
    [{ $date: { $numberLong: '1610941062000' } }, '2021-01-18T03:37:42.000Z'],
    ['yesterday', null],
    ['', null],
    [null, null],
    [[], null],
  ])('has the time %j as %j', async (written, instant) => {
    expect((await row({ created_at: written })).order.createdAt).toBe(instant);
  });

  it.each([
    [[], [], undefined],
    [{}, null, ['items']],
    [null, null, undefined],
    ['none', null, ['items']],
    [{ name: 'Kaos' }, null, ['items']],
    [
      [{ price: '100,000', quantity: 1 }],
      [{ sku: null, name: null, quantity: 1, unitPrice: null }],
      ['items.unitPrice'],
    ],
    [
      { 3: { sku: 'B' }, 1: { sku: 'A' } },
      ['A', 'B'].map((sku) => ({ sku, name: null, quantity: null, unitPrice: null })),
      undefined,
    ],
  ])('has, where the products are %j, the items %j', async (products, items, unread) => {
    const { order } = await row({ products });
    expect(order.items).toEqual(items);
    expect(order.unread).toEqual(unread);
  });

  it('has its customer, whatever type his values have, and says what cannot be read', async () => {
    const numbers = await row({ receiver_phone: 6281234567890, receiver_name: 5 });
    expect(numbers.customer).toMatchObject({ phones: ['6281234567890'], name: '5' });
    const lists = await row({
      receiver_phone: ['0812', 813],
      receiver_name: { first: 'Siti' },
      receiver_address: ['x'],
    });
    expect(lists.customer).toMatchObject({
      phones: ['0812', '813'],
      name: null,
      address: null,
      unread: ['name', 'address'],
    });
  });

  it('is in its place where its time is one of two, and has none', async () => {
    expect((await row({ order_date: '2026-08-01 12:00:00' })).orderedAbout).toBe('2026-08-01T05:00:00.000Z');
  });

  it('changes its version with whatever changes in it, and with nothing else', async () => {
    const { version } = await row({});
    expect((await row({})).version).toBe(version);
    expect((await row({ order_id: '566' })).version).toBe(version);
    for (const fields of [{ receiver_phone: '081' }, { updated_at: '2026-08-02 12:00:00' }, { anything: 1 }]) {
      expect((await row(fields)).version).not.toBe(version);
    }
    expect(version).toMatch(/^[\w-]{32}$/);
  });
});
