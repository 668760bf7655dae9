import { createServer } from 'node:http';
import { setTimeout } from 'node:timers/promises';

/**
 * An ngorder with a million cancelled orders of three years, in a process of its own: `PAGE_MS SORT DATE FOUND ACTIVE`. `FOUND`: the index of an
 * order that was cancelled just now and not before. `ACTIVE`: how many days old the one order is that the list of orders shows, or `none`.
 * Tells its port to who started it.
 */
const [pageMs = '', sort = '', date = '', found = '', active = ''] = process.argv.slice(2);
const ORDERS = 1_000_000;
const DAY_MS = 24 * 3_600_000;
const BETWEEN_MS = (3 * 365 * DAY_MS) / ORDERS;
/** Has no divisor in common with the number of orders: its multiples are all of them, in no order to speak of. */
const STRIDE = 611_953;
const now = Date.now();

const madeAt = (index: number) => now - (ORDERS - index) * BETWEEN_MS;
/** Up to six days after it was made, if that is over. */
const cancelledAt = (index: number) => {
  const at = madeAt(index) + (index % 7) * DAY_MS;
  return index === Number(found) ? now : at <= now ? at : madeAt(index);
};
/** A local time in Jakarta. */
const local = (ms: number) => new Date(ms + 7 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');
const dayOf = (ms: number) => Math.floor((ms + 7 * 3_600_000) / DAY_MS);

const days = Int32Array.from({ length: ORDERS }, (_, index) =>
  dayOf(date === 'cancelled' ? cancelledAt(index) : madeAt(index)),
);
const places = Int32Array.from({ length: ORDERS }, (_, place) => {
  if (sort === 'oldest first') return place;
  return sort === 'newest first' ? ORDERS - 1 - place : (place * STRIDE) % ORDERS;
});

const lists = new Map<string, Int32Array>();
function listOf(from: string, to: string): Int32Array {
  const [first, last] = [Date.parse(from) / DAY_MS, Date.parse(to) / DAY_MS];
  const list =
    lists.get(`${from} ${to}`) ?? places.filter((index) => (days[index] ?? 0) >= first && (days[index] ?? 0) <= last);
  lists.set(`${from} ${to}`, list);
  return list;
}

function rowOf(id: number, madeMs: number, status: string): Record<string, unknown> {
  const made = local(madeMs);
  return {
    ...{ order_id: id, po_number: id + 5_000, order_date: made, created_at: made, updated_at: made },
    ...{ order_status: status, payment_status: 'UNPAID', payment_date: null, total_amount: 100_000, awb_number: null },
    ...{ receiver_name: 'Siti', receiver_address: 'Jalan Contoh 1', receiver_phone: '080000000000', shopee: null },
    products: [{ product_meta_id: 1, sku: 'K-1', name: 'Kaos', price: 10_000, quantity: 10 }],
  };
}

function answer(path: string, query: URLSearchParams): object {
  if (path.endsWith('/order')) {
    const id = Number(query.get('keyword'));
    const rows = active === 'none' ? [] : [rowOf(id, now - Number(active) * DAY_MS, 'ACCEPTED')];
    return pageOf(rows, rows.length, 1, 1);
  }
  const page = Number(query.get('pagination_offset'));
  const perPage = Number(query.get('per_page'));
  const isOther = query.get('type') !== 'CANCEL';
  const list = isOther ? new Int32Array() : listOf(query.get('start_date') ?? '', query.get('end_date') ?? '');
  const rows = [...list.slice((page - 1) * perPage, page * perPage)];
  const shown = rows.map((index) => rowOf(2 * index + 2, madeAt(index), 'CANCELED'));
  return pageOf(shown, list.length, page, Math.max(1, Math.ceil(list.length / perPage)));
}

function pageOf(data: readonly object[], total: number, current: number, pages: number): object {
  return { data, meta: { pagination: { total, count: data.length, current_page: current, total_pages: pages } } };
}

const server = createServer((request, response) => {
  const began = performance.now();
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const body = JSON.stringify(answer(url.pathname, url.searchParams));
  const restMs = Math.max(0, Number(pageMs) - (performance.now() - began));
  void setTimeout(restMs).then(() => response.setHeader('content-type', 'application/json').end(body));
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.(typeof address === 'object' ? address?.port : null);
});
