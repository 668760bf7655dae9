import { describe, expect, it } from '@jest/globals';
import { createHttpClient } from '../../../functions/providers/http-client.ts';
import { cancelledOrders, readPage } from '../../../functions/providers/ngorder/lists.ts';
import { ngorder } from '../../../functions/providers/ngorder/ngorder.ts';
import type { LookUpReply, OrderFacts } from '../../../functions/providers/provider.ts';
import { openClient } from '../conformance.ts';
import { startFakeProvider, type Delivery, type SeenRequest } from '../fake-provider.ts';

const list = (rows: readonly object[]): Delivery => {
  const pagination = { total: rows.length, current_page: 1, total_pages: 1 };
  return { status: 200, body: JSON.stringify({ data: rows, meta: { pagination } }) };
};

async function lookUp(script: (request: SeenRequest, nth: number) => Delivery): Promise<LookUpReply> {
  const fake = await startFakeProvider(script);
  try {
    const client = openClient({ provider: ngorder, settings: { timeZone: 'Asia/Jakarta' } }, fake.baseUrl);
    return await client.lookUp({ orderId: '1338', askedAt: 0, historyMark: null }, { timeoutMs: 10_000 });
  } finally {
    await fake.close();
  }
}

/** An order that only the list of orders shows. */
const lookUpActive = (fields: object) =>
  lookUp(({ path }) => list(path.endsWith('/order') ? [{ order_id: 1338, ...fields }] : []));

async function factsOf(fields: object): Promise<OrderFacts> {
  const reply = await lookUpActive({ order_status: 'ACCEPTED', ...fields });
  if (!('order' in reply)) throw new Error(`The look-up ended as ${reply.kind}.`);
  return reply.order;
}

describe('the warnings of an order at ngorder', () => {
  it.each<[string, object, string[]]>([
    ['nothing special', {}, []],
    ['the word for a cancelled one', { order_status: 'Canceled' }, ['already_cancelled']],
    ['one on its way', { order_progress_status: 'On Process' }, ['shipped']],
    ['a delivered one', { order_progress_status: 'DELIVERED' }, ['shipped']],
    ['a progress that is not known', { order_progress_status: 'PACKED' }, ['status_unknown']],
    ['a status that is not known', { order_status: 'ON HOLD' }, ['status_unknown']],
    ['a status that cannot be read', { order_status: {} }, ['status_unknown']],
    ...['NO AWB', 'no_awb', 'Unpaid', ' ', null].map((order_progress_status): [string, object, string[]] => [
      `the progress ${order_progress_status}`,
      { order_progress_status },
      [],
    ]),
    ...['SENT', 'ON_PROCESS', 'On Delivery', 'DIKIRIM'].map((order_progress_status): [string, object, string[]] => [
      `the progress ${order_progress_status}`,
      { order_progress_status },
      ['shipped'],
    ]),
    ...['DELIVERED', 'SHIPPED', 'COMPLETED', 'SELESAI'].map((order_status): [string, object, string[]] => [
      `the status ${order_status}`,
      { order_status },
      ['shipped'],
    ]),
    ['an airway bill', { awb_number: ' JX0001 ' }, ['shipped']],
    ['an airway bill that is a number', { awb_number: 0 }, ['shipped']],
    ['an airway bill of one digit', { awb_number: '0' }, ['shipped']],
    ['an airway bill that is an empty list', { awb_number: [] }, ['shipped']],
    ['no airway bill', { awb_number: null }, []],
    ['an airway bill of a shape that nobody knows', { awb_number: { number: 'JX0001' } }, ['shipped']],
    ['an empty airway bill', { awb_number: ' ' }, []],
    ['an order of Shopee', { shopee: { invoice: 'X' } }, ['marketplace_order']],
    ['an order of that category', { order_category: 'Shopee' }, ['marketplace_order']],
    ['an order of another category', { order_category: 'APP', shopee: [] }, []],
    ['a paid one', { payment_status: 'Paid' }, ['paid']],
    ['one paid in part', { payment_status: 'INSTALLMENT' }, ['paid']],
    ['an unpaid one', { payment_status: 'UNPAID' }, []],
  ])('with %s', async (_name, fields, codes) => {
    expect((await factsOf(fields)).warnings.map(({ code }) => code)).toEqual(codes);
  });

  it('say what is wrong, each in its own words', async () => {
    const { warnings } = await factsOf({
      order_status: 'CANCELED',
      awb_number: 'JX0001',
      order_category: 'SHOPEE',
      payment_status: 'PAID',
    });
    const texts = warnings.map(({ text }) => text);
    expect(texts).toHaveLength(4);
    expect(new Set(texts).size).toBe(4);
    expect(texts.filter((text) => text.length < 20)).toEqual([]);
  });
});

describe('an order at ngorder', () => {
  it('has a total in rupiah where it shows one', async () => {
    expect((await factsOf({ total_amount: 'Rp0' })).total).toEqual({ amount: 0, currency: 'IDR' });
    expect((await factsOf({ total_amount: 'much' })).total).toBeNull();
    expect((await factsOf({})).total).toBeNull();
  });

  it('shows all that it holds of persons, each once', async () => {
    const fields = {
      sender_name: 'Toko',
      sender_address: 'Jalan A',
      sender_phone: '081',
      receiver_name: ' Siti ',
      receiver_address: 'Jalan A',
      receiver_phone: '082',
    };
    expect((await factsOf(fields)).personalData).toEqual(['Toko', 'Jalan A', '081', 'Siti', '082']);
    expect((await factsOf({ sender_name: null, receiver_name: ' ' })).personalData).toEqual([]);
  });

  it.each(['Canceled by system', 'CANCEL', 'cancelled', 'DIBATALKAN', 'Pesanan batal', 'VOID'])(
    'whose word is %s is neither active nor cancelled',
    async (word) => {
      expect(await lookUpActive({ order_status: word })).toMatchObject({ kind: 'deciding', order: { status: word } });
    },
  );

  it('that shows no word is not cancelled, and its status is not shown', async () => {
    const reply = await lookUpActive({ order_status: null });
    expect(reply).toEqual({
      kind: 'not_cancelled',
      order: { status: 'not shown', warnings: [], total: null, personalData: [] },
      refusal: null,
      historyMark: null,
    });
  });

  it.each(['accepted', 'ACCEPT'])('whose word is %s is active after two lists', async (word) => {
    const paths: (string | null)[] = [];
    const reply = await lookUp(({ path, query }) => {
      paths.push(query.get('type'));
      return list(path.endsWith('/order') ? [{ order_id: 1338, order_status: word }] : []);
    });
    expect(reply).toMatchObject({ kind: 'not_cancelled', order: { status: word }, refusal: null, historyMark: null });
    expect('isUnclear' in reply && reply.isUnclear).toBe(false);
    expect(paths).toEqual(['ORDER_ID', 'CANCEL']);
  });

  it('that the list of orders itself calls cancelled is listed as cancelled', async () => {
    expect(await lookUpActive({ order_status: 'Canceled' })).toMatchObject({
      kind: 'cancelled',
      order: { status: 'CANCELED', listed: { order: { orderId: '1338', type: 'cancelled' } } },
    });
  });

  it('that the cancelled list shows is listed as cancelled', async () => {
    const reply = await lookUp(({ query }) => list(query.get('type') === 'CANCEL' ? [{ order_id: '1338' }] : []));
    expect(reply).toMatchObject({
      kind: 'cancelled',
      order: { status: 'CANCELED', listed: { order: { orderId: '1338', type: 'cancelled' } } },
    });
  });

  it.each(['rejected', 'expired'] as const)('that the list of orders itself calls %s is closed', async (type) => {
    const paths: (string | null)[] = [];
    const reply = await lookUp(({ path, query }) => {
      paths.push(query.get('type'));
      return list(path.endsWith('/order') ? [{ order_id: 1338, order_status: type }] : []);
    });
    expect(reply).toMatchObject({
      kind: 'closed',
      order: { status: type.toUpperCase(), listed: { order: { type } } },
    });
    expect(paths).toEqual(['ORDER_ID', 'CANCEL', ...(type === 'expired' ? ['REJECTED'] : [])]);
  });

  it.each([1, 2, 3, 4, 5])('is not told of where the list number %i cannot be read', async (broken) => {
    const paths: (string | null)[] = [];
    const reply = await lookUp(({ query }, nth) => {
      paths.push(query.get('type'));
      return nth === broken ? { status: 403, body: '<html>' } : list([]);
    });
    expect(reply).toEqual({ kind: 'lost', problem: 'foreign_reply', status: 403 });
    expect(paths).toEqual(['ORDER_ID', 'CANCEL', 'REJECTED', 'EXPIRED', 'ORDER_ID'].slice(0, broken));
  });

  it('is nowhere after all lists, the first of them twice', async () => {
    expect(await lookUp(() => list([]))).toEqual({ kind: 'nowhere' });
  });
});

describe("a search in ngorder's lists", () => {
  const page = (rows: readonly object[], pagination?: object): Delivery => ({
    status: 200,
    body: JSON.stringify({ data: rows, ...(pagination && { meta: { pagination } }) }),
  });
  const row = (id: number) => ({ order_id: id });

  it('goes on behind a page without paging until one is empty', async () => {
    const offsets: (string | null)[] = [];
    const reply = await lookUp(({ path, query }) => {
      const offset = query.get('pagination_offset');
      if (!path.endsWith('/order')) return list([]);
      offsets.push(offset);
      return page(offset === '3' ? [{ order_id: 1338, order_status: 'ACCEPTED' }] : [row(Number(offset))]);
    });
    expect(reply.kind).toBe('not_cancelled');
    expect(offsets).toEqual(['1', '2', '3']);
  });

  it.each<[string, (offset: number) => Delivery]>([
    [
      'shows another page than was asked for',
      (offset) => page([row(offset)], { total: 2, current_page: 3 - offset, total_pages: 2 }),
    ],
    ['shows a row again', (offset) => page([row(1)], { total: 2, current_page: offset, total_pages: 2 })],
    ['changes its total', (offset) => page([row(offset)], { total: 3 - offset, current_page: offset, total_pages: 2 })],
    ['shows the same page again and again, without paging', () => page([row(1)])],
    ['shows fewer rows than its total', (offset) => page([], { total: 1, current_page: offset, total_pages: 1 })],
  ])('begins anew, three times in all, where a list %s', async (_name, answer) => {
    let starts = 0;
    const reply = await lookUp(({ query }) => {
      const offset = Number(query.get('pagination_offset'));
      if (offset === 1) starts += 1;
      return answer(offset);
    });
    expect(reply).toEqual({ kind: 'lost', problem: 'unreadable_reply' });
    expect(starts).toBe(3);
  });

  it('is not begun where no time is left, and does not say then that ngorder was not reached', async () => {
    const baseUrl = new URL('https://api.example');
    const clock = { now: () => 1_000, sleep: () => Promise.resolve(), random: () => 0 };
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const http = createHttpClient({ connection: 'toko', provider: 'ngorder', baseUrl }, { clock, log });
    const account = { connection: 'toko', baseUrl, timeZone: 'Asia/Jakarta', credential: 'x', http };
    const orders = cancelledOrders('CANCEL', { start_date: '2026-01-01', end_date: '2026-01-02' });
    expect(await readPage(account, orders, 1, 1_000)).toEqual({ kind: 'lost', problem: 'timed_out' });
  });

  it('finds an order on the last of thirty pages, and says that it is nowhere only behind that', async () => {
    const thirty = (found: boolean) => {
      const pages: number[] = [];
      const reply = lookUp(({ path, query }) => {
        if (!path.endsWith('/order-cancel') || query.get('type') !== 'CANCEL') return list([]);
        const offset = Number(query.get('pagination_offset'));
        pages.push(offset);
        const rows = [found && offset === 30 ? { order_id: 1338 } : row(offset)];
        return page(rows, { total: 30, current_page: offset, total_pages: 30 });
      });
      return { reply, pages };
    };
    expect(await thirty(true).reply).toMatchObject({ kind: 'cancelled' });
    const { reply, pages } = thirty(false);
    expect(await reply).toEqual({ kind: 'nowhere' });
    const all = [...new Set(pages)].sort((one, other) => one - other);
    expect(all).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
  });

  it('ends where all rows of the total were seen, or more', async () => {
    const many = () => page([row(1), row(2)], { total: 1, current_page: 1, total_pages: 1 });
    expect(await lookUp(many)).toEqual({ kind: 'nowhere' });
  });
});
