import { describe, expect, it } from '@jest/globals';
import { ngorder } from '../../../functions/providers/ngorder/ngorder.ts';
import type { UnpaidReply } from '../../../functions/providers/provider.ts';
import { openClient } from '../conformance.ts';
import { startFakeProvider, type Delivery, type SeenRequest } from '../fake-provider.ts';
import { AS_READ, DOCUMENTED } from './documented-unpaid.ts';

async function withClient<T>(
  script: (request: SeenRequest, nth: number) => Delivery,
  use: (unpaid: ReturnType<typeof unpaidOf>) => Promise<T>,
) {
  const fake = await startFakeProvider(script);
  try {
    return { reply: await use(unpaidOf(fake.baseUrl)), seen: fake.seen };
  } finally {
    await fake.close();
  }
}

function unpaidOf(baseUrl: URL) {
  const { unpaidOrders } = openClient({ provider: ngorder, settings: { timeZone: 'Asia/Jakarta' } }, baseUrl);
  if (!unpaidOrders.offered) throw new Error('ngorder lists unpaid orders.');
  return unpaidOrders.call;
}

const list = (script: (request: SeenRequest, nth: number) => Delivery, timeoutMs = 60_000) =>
  withClient(script, (unpaid) => unpaid.list({ orderedBefore: Date.parse('2026-03-08T18:00:00Z') }, { timeoutMs }));

function page(rows: readonly object[], totalPages: number | null = 1, currentPage = 1): Delivery {
  const pagination = { total: 1000, current_page: currentPage, total_pages: totalPages };
  const meta = totalPages === null ? {} : { meta: { pagination } };
  return { status: 200, body: JSON.stringify({ data: rows, ...meta }) };
}
const rows = (from: number, length: number) =>
  Array.from({ length }, (_, index) => ({ ...DOCUMENTED, order_id: from + index }));
const idsOf = (reply: UnpaidReply) =>
  reply.kind === 'unpaid' ? reply.orders.map(({ orderId }) => Number(orderId)) : [];

describe("ngorder's unpaid orders", () => {
  it('are asked for by status of payment, over all dates up to a day after the moment, 100 to a page', async () => {
    const { seen } = await list(() => page([]));
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ method: 'GET', path: '/api/open/order' });
    expect(Object.fromEntries(seen[0]?.query ?? [])).toEqual({
      payment_status: 'UNPAID',
      start_date: '2000-01-01',
      end_date: '2026-03-10',
      per_page: '100',
      pagination_offset: '1',
    });
  });

  it('are read as the documentation has them', async () => {
    const { reply } = await list(() => page([DOCUMENTED]));
    expect(reply).toEqual({
      kind: 'unpaid',
      isWhole: true,
      orders: [AS_READ],
    });
  });

  it('are read page by page to the last one, each once though rows move', async () => {
    const pages = [rows(1, 100), rows(100, 100), rows(200, 3)];
    const { reply, seen } = await list(({ query }) => {
      const current = Number(query.get('pagination_offset'));
      return page(pages[current - 1] ?? [], 3, current);
    });
    expect(reply).toMatchObject({ kind: 'unpaid', isWhole: true });
    expect(idsOf(reply)).toEqual(Array.from({ length: 202 }, (_, index) => index + 1));
    expect(seen).toHaveLength(3);
  });

  it('end with an empty page where no paging is shown', async () => {
    const { reply, seen } = await list((_, nth) => page(nth === 1 ? rows(1, 10) : [], null));
    expect(reply).toMatchObject({ isWhole: true });
    expect(idsOf(reply)).toHaveLength(10);
    expect(seen).toHaveLength(2);
  });

  it('are not read for ever: the same page again, or more pages than can be read, and the list is not whole', async () => {
    const same = await list(() => page(rows(1, 2), 9));
    expect(same.reply).toMatchObject({ isWhole: false });
    expect(same.seen).toHaveLength(2);
    const endless = await list((_, nth) => page(rows(nth, 1), 1_000, nth));
    expect(endless.reply).toMatchObject({ isWhole: false });
    expect(endless.seen).toHaveLength(100);
  });

  it('are those of the pages that there was time for', async () => {
    const { reply, seen } = await list((_, nth) => page(rows(nth, 1), 9, nth), 1_999);
    expect(reply).toMatchObject({ isWhole: false });
    expect(idsOf(reply)).toEqual([1]);
    expect(seen).toHaveLength(1);
  });

  it.each<[string, Delivery, object]>([
    ['a failure', { status: 400, body: '{"response":"Failed"}' }, { kind: 'lost', problem: 'provider_error' }],
    ['a page of HTML', { status: 200, body: '<html>' }, { kind: 'lost', problem: 'foreign_reply', status: 200 }],
    ['a row without an id', page([{ ...DOCUMENTED, order_id: null }]), { kind: 'lost', problem: 'unreadable_reply' }],
    ['a rejected credential', { status: 401, body: '{"response":"Failed"}' }, { kind: 'credential_rejected' }],
  ])('are none where a later page is %s', async (_, delivery, expected) => {
    const { reply } = await list((_request, nth) => (nth === 1 ? page(rows(1, 100), 2) : delivery));
    expect(reply).toEqual(expected);
  });
});

describe("one of ngorder's orders, read for its payment", () => {
  const read = (script: (request: SeenRequest) => Delivery) =>
    withClient(script, (unpaid) => unpaid.read('1114', { timeoutMs: 10_000 }));

  it('is asked for by its id over all dates, by one request', async () => {
    const { reply, seen } = await read(() => page([{ ...DOCUMENTED, order_id: 11140 }, DOCUMENTED]));
    expect(reply).toMatchObject({ kind: 'read', order: { orderId: '1114', payment: 'none' } });
    expect(seen).toHaveLength(1);
    expect(Object.fromEntries(seen[0]?.query ?? [])).toMatchObject({
      type: 'ORDER_ID',
      keyword: '1114',
      start_date: '2000-01-01',
    });
  });

  it('is null where the list of orders does not have it, and a failure where it cannot be read', async () => {
    const none = { data: [], meta: { pagination: { total: 0, current_page: 1, total_pages: 1 } } };
    expect((await read(() => ({ status: 200, body: JSON.stringify(none) }))).reply).toEqual({
      kind: 'read',
      order: null,
    });
    expect((await read(() => ({ status: 200, body: '{}' }))).reply).toEqual({
      kind: 'lost',
      problem: 'unreadable_reply',
    });
    expect((await read(() => ({ status: 401, body: '{"response":"Failed"}' }))).reply).toEqual({
      kind: 'credential_rejected',
    });
  });
});
