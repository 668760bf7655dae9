import { afterEach, describe, expect, it } from '@jest/globals';
import { ngorder } from '../../../functions/providers/ngorder/ngorder.ts';
import type { LookUpReply, OriginalReply } from '../../../functions/providers/provider.ts';
import { openClient } from '../conformance.ts';
import { rowOf, startFakeNgorder, type FakeNgorder, type FakeOptions, type FakeOrder } from './fake-ngorder.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOW = Date.now();
/** A local time in Jakarta, as ngorder writes it. */
const local = (ms: number) => new Date(ms + 7 * HOUR_MS).toISOString().slice(0, 19).replace('T', ' ');
const FIRST_ID = 100_000;

/**
 * So many cancelled orders, 50 to a day until an hour ago, each cancelled up to six days after it was made. Every other id is an order's that
 * is not cancelled.
 */
function cancelledOrders(count: number): FakeOrder[] {
  return Array.from({ length: count }, (_, index): FakeOrder => {
    const age = count - index;
    return { id: FIRST_ID + 2 * index, list: 'CANCEL', ...datesOf(HOUR_MS + (age * DAY_MS) / 50, (age % 7) * DAY_MS) };
  });
}

/** The dates of an order that was made so long ago, and cancelled so long after that. */
function datesOf(ageMs: number, openForMs: number) {
  const madeAt = local(NOW - ageMs);
  const cancelledAt = local(Math.min(NOW, NOW - ageMs + openForMs));
  return { orderDate: madeAt, cancelledAt, fields: { created_at: madeAt, updated_at: madeAt } };
}

/** An order among the others: made so many days ago. Its id lies between theirs. */
function orderOf(days: number, orders: readonly FakeOrder[], list: FakeOrder['list']): FakeOrder {
  const age = Math.min(orders.length - 1, Math.max(1, Math.round(days * 50)));
  const id = FIRST_ID + 2 * (orders.length - age) + 1;
  return { id, list, ...datesOf(days * DAY_MS, days * DAY_MS) };
}

const SORTS = {
  'newest first': (one: FakeOrder, other: FakeOrder) => other.id - one.id,
  'oldest first': (one: FakeOrder, other: FakeOrder) => one.id - other.id,
  'in no order to speak of': (one: FakeOrder, other: FakeOrder) =>
    ((one.id * 7919) % 10_007) - ((other.id * 7919) % 10_007),
} satisfies Record<string, FakeOptions['sorted']>;
const DATES = {
  'when they were ordered': ({ orderDate }: FakeOrder) => orderDate,
  'when they were cancelled': ({ orderDate, cancelledAt }: FakeOrder) => cancelledAt ?? orderDate,
} satisfies Record<string, FakeOptions['datedBy']>;
const sortsAndDates = Object.entries(SORTS).flatMap(([sort, sorted]) =>
  Object.entries(DATES).map(([date, datedBy]) => [sort, date, { sorted, datedBy }] as const),
);

const PAGE_MS = 150;

interface Shop {
  readonly fake: FakeNgorder;
  /** Looks for an order whose last ask was a minute ago. */
  look(order: FakeOrder, timeoutMs?: number): Promise<LookUpReply>;
  original(order: FakeOrder): Promise<OriginalReply>;
  /** How long the looks took, by the clock that they go by: {@link PAGE_MS} for each request. */
  tookMs(): number;
}

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function start(orders: FakeOrder[], options: FakeOptions = {}): Promise<Shop> {
  let now = NOW;
  const fake = await startFakeNgorder(orders, {
    ...options,
    instead: (request, nth) => {
      now += PAGE_MS;
      return options.instead?.(request, nth);
    },
  });
  cleanups.push(() => fake.close());
  const clock = { now: () => now, sleep: () => Promise.resolve(), random: () => 0 };
  const client = openClient(
    { provider: ngorder, settings: { timeZone: 'Asia/Jakarta' } },
    fake.baseUrl,
    () => undefined,
    clock,
  );
  const look: Shop['look'] = ({ id }, timeoutMs = 30_000) =>
    client.lookUp({ orderId: String(id), askedAt: now - 60_000, historyMark: null }, { timeoutMs });
  const original: Shop['original'] = ({ id }) => client.original(String(id), { timeoutMs: 15_000 });
  return { fake, look, original, tookMs: () => now - NOW };
}

const TOO_LARGE = { kind: 'lost', problem: 'look_up_too_large' };

describe('among 12,000 cancelled orders at ngorder', () => {
  const many = cancelledOrders(12_000);

  it.each(sortsAndDates)(
    'an order that was just cancelled is found by a few requests: %s, by %s',
    async (sort, date, options) => {
      const order = orderOf(100, many, 'CANCEL');
      const shop = await start([...many, order], options);
      // Where neither is of use, it cannot be found at all.
      const isHopeless = sort === 'in no order to speak of' && date === 'when they were ordered';
      expect(await shop.look(order)).toMatchObject(isHopeless ? TOO_LARGE : { kind: 'cancelled' });
      expect(shop.fake.seen.length).toBeLessThan(25);
    },
  );

  it.each(sortsAndDates)(
    'a young order is proven not to be by the days since it was made: %s, by %s',
    async (_sort, _date, options) => {
      const order = orderOf(2, many, 'ACTIVE');
      const shop = await start([...many, order], options);
      expect(await shop.look(order, 15_000)).toMatchObject({ kind: 'not_cancelled' });
      expect(shop.fake.seen.length).toBeLessThan(20);
    },
  );

  it('a young order is not proven not to be where no order is known that is as young', async () => {
    const order = orderOf(2, many, 'ACTIVE');
    // The youngest in the middle of the list, the oldest at both of its ends.
    const place = ({ id }: FakeOrder) => (id % 4 === 0 ? id : 2 * (FIRST_ID + 2 * many.length) - id);
    const shop = await start([...many, order], { sorted: (one, other) => place(one) - place(other) });
    expect(await shop.look(order)).toEqual(TOO_LARGE);
  });

  it('a young order is not proven not to be where the dates hide one that is known', async () => {
    const order = orderOf(2, many, 'ACTIVE');
    const hidden = many.at(-3);
    const datedBy = (other: FakeOrder) => (other.id === hidden?.id ? '2001-01-01' : other.orderDate);
    const shop = await start([...many, order], { datedBy, sorted: SORTS['newest first'] });
    expect(await shop.look(order)).toEqual(TOO_LARGE);
  });

  it.each(['order_date', 'created_at', 'payment_date'])(
    'a young order is not proven not to be where its own %s cannot be read',
    async (name) => {
      const order = orderOf(2, many, 'ACTIVE');
      const unread = { ...order, fields: { ...order.fields, [name]: 'yesterday' } };
      const shop = await start([...many, unread], { sorted: SORTS['newest first'] });
      expect(await shop.look(order)).toEqual(TOO_LARGE);
    },
  );

  it.each(sortsAndDates)(
    'none is said not to be there that the list of orders still calls accepted: %s, by %s',
    async (_sort, _date, options) => {
      for (const days of [0.1, 2, 40, 239]) {
        const order = orderOf(days, many, 'CANCEL');
        const accepted = { ...order, list: 'ACTIVE' as const };
        const shop = await start([...many, order, accepted], options);
        const reply = await shop.look(order);
        expect(reply.kind === 'lost' ? reply : reply.kind).toEqual(reply.kind === 'lost' ? TOO_LARGE : 'cancelled');
      }
    },
  );

  it('none is said not to be there where the dates filter by something that is not shown', async () => {
    const order = orderOf(2, many, 'CANCEL');
    const accepted = { ...order, list: 'ACTIVE' as const };
    // Say, when the goods were last in the shop's hands.
    const datedBy = ({ orderDate }: FakeOrder) =>
      local(Date.parse(`${orderDate.replace(' ', 'T')}+07:00`) - 9 * DAY_MS);
    const shop = await start([...many, order, accepted], { datedBy, sorted: SORTS['in no order to speak of'] });
    expect(await shop.look(order)).toEqual(TOO_LARGE);
    const sorted = await start([...many, order, accepted], { datedBy, sorted: SORTS['newest first'] });
    expect(await sorted.look(order)).toMatchObject({ kind: 'cancelled' });
  });

  it.each(['ACTIVE', 'REJECTED'] as const)(
    'an old order of the list %s is told too large to be looked for',
    async (list) => {
      const order = orderOf(230, many, list);
      const shop = await start([...many, order]);
      expect(await shop.look(order)).toEqual(TOO_LARGE);
      expect(shop.fake.seen.length).toBeLessThan(35);
    },
  );

  it('the original of an order that was just cancelled is found by a few requests too', async () => {
    const order = orderOf(100, many, 'CANCEL');
    const shop = await start([...many, order], { sorted: SORTS['newest first'] });
    expect(await shop.original(order)).toEqual({ kind: 'original', order: rowOf(order) });
    expect(shop.fake.seen.length).toBeLessThan(25);
    expect(await shop.original(orderOf(2, many, 'CANCEL'))).toEqual(TOO_LARGE);
  });

  it('an order that is gone is not told to be nowhere', async () => {
    const shop = await start([...many]);
    expect(await shop.look(orderOf(2, many, 'CANCEL'))).toEqual(TOO_LARGE);
  });
});

describe('among 3,000 cancelled orders at ngorder', () => {
  const some = cancelledOrders(3_000);

  it('an old order is proven not to be by the whole list', async () => {
    const order = orderOf(59, some, 'ACTIVE');
    const shop = await start([...some, order]);
    expect(await shop.look(order)).toMatchObject({ kind: 'not_cancelled' });
    expect(shop.fake.seen.length).toBeGreaterThan(60);
    expect(shop.fake.seen.length).toBeLessThan(90);
  });

  it('a look that cannot end in its time ends soon, and not as one that timed out', async () => {
    const order = orderOf(59, some, 'ACTIVE');
    const shop = await start([...some, order]);
    expect(await shop.look(order, 9_000)).toEqual(TOO_LARGE);
    expect(shop.tookMs()).toBeLessThan(3_500);
  });
});

it('a list of orders that does not heed the order’s id is not read for ever', async () => {
  const orders = Array.from({ length: 30_000 }, (_, index) => ({
    order_id: 1_000_000 + index,
    order_status: 'ACCEPTED',
  }));
  const shop = await start([], {
    instead: ({ path, query }) => {
      if (!path.endsWith('/order')) return undefined;
      const page = Number(query.get('pagination_offset'));
      const pagination = { total: orders.length, current_page: page, total_pages: 300 };
      return {
        status: 200,
        body: JSON.stringify({ data: orders.slice((page - 1) * 100, page * 100), meta: { pagination } }),
      };
    },
  });
  expect(await shop.look({ id: 7, list: 'ACTIVE', orderDate: '' })).toEqual(TOO_LARGE);
  expect(shop.fake.seen.length).toBe(1);
});
