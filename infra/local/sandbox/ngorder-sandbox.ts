import * as z from 'zod';
import { json, parseJson, type Answer, type Dialect } from './dialect.ts';
import {
  NGORDER_ORDERS,
  type NgorderList,
  type NgorderSandboxOrder,
  type NgorderSandboxRow,
} from './ngorder-orders.ts';
import type { BookedOrder, OrderBook } from './order-book.ts';
import { startSandbox, type Sandbox, type SandboxOptions } from './sandbox.ts';

export const NGORDER_CREDENTIAL = 'sandbox-ngorder-credential';

/** Starts one ngorder account. Several may run side by side. */
export function startNgorderSandbox(options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  return startSandbox({
    credential: NGORDER_CREDENTIAL,
    port: 0,
    dataDir: null,
    log: () => undefined,
    ...options,
    dialect: ngorderDialect,
  });
}

const PREFIX = '/api/open';
const DAY_MS = 24 * 60 * 60 * 1_000;

const REFUSED = json(422, failed({ id: ['The order can no longer be canceled.'] }));

const ngorderDialect: Dialect = {
  provider: 'ngorder',
  orders: NGORDER_ORDERS,
  credentialOf: ({ headers }) => /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '',
  askOf(request) {
    const call = `${request.method} ${request.url.pathname}`.replace(PREFIX, '');
    const body = z.object({ id: z.int() }).safeParse(parseJson(request.body));
    const orderId = body.success ? String(body.data.id) : 'none';
    if (call === 'POST /order/cancel') return { kind: 'cancel', orderId };
    if (call === 'POST /order-cancel/return') return { kind: 'restore', orderId };
    const deleted = /^DELETE \/order-cancel\/([^/]+)$/.exec(call)?.[1];
    // The documentation shows the id in the path and in the body. Both must be there and equal.
    return deleted === undefined ? null : { kind: 'delete', orderId: deleted === orderId ? orderId : 'none' };
  },
  read(request, book) {
    const call = `${request.method} ${request.url.pathname}`;
    const query = request.url.searchParams;
    if (call === `GET ${PREFIX}/order`) return ordersAnswer(query, book);
    if (call === `GET ${PREFIX}/order-cancel`) return cancelledAnswer(query, book);
    return json(404, { message: 'Not Found' });
  },
  unauthorized: json(401, failed('Unauthenticated.')),
  notFound: json(404, failed('Order not found')),
  refusalOf(order, kind) {
    if (kind === 'cancel') {
      if (order.state === 'cancelled') return json(422, failed({ id: ['The order is already canceled.'] }));
      return order.state === 'active' ? null : REFUSED;
    }
    return listOf(order) === 'ACTIVE' ? json(422, failed({ id: ['The order is not canceled.'] })) : null;
  },
  refused: REFUSED,
  failureBody: json(200, failed({ id: ['The order can not be canceled.'] })),
  // The answer to a delete is not documented, so it need not name the deleted order.
  taken: (order, kind) =>
    kind === 'delete' ? json(200, { response: 'Sukses', message: 'OK', data: null }) : success(rowOf(order), kind),
  takenOfAnother: (order) => {
    const { order_id, po_number } = rowOf(order);
    return success({ order_id: order_id + 1, po_number: po_number + 1 }, 'cancel');
  },
  // ngorder documents no webhooks.
  toldLate: () => null,
};

function failed(message: unknown) {
  return { response: 'Failed', message, data: null };
}

function success({ order_id, po_number }: { order_id: number; po_number: number }, kind: 'cancel' | 'restore'): Answer {
  const message = kind === 'cancel' ? 'Order has been Canceled' : 'Order has been Returned';
  return json(200, { response: 'success', message, data: { order_id, po_number } });
}

/** Filters of `GET /order` that compare a field of a row. */
const FILTERS = ['payment_status', 'order_progress_status', 'order_category'];

/** Answers `GET /order`. Without dates it shows the last 30 days; `keyword` matches any part of the id. */
function ordersAnswer(query: URLSearchParams, book: OrderBook): Answer {
  const from = query.get('start_date') ?? day(Date.now() - 30 * DAY_MS);
  const to = query.get('end_date') ?? day(Date.now());
  const keyword = query.get('type') === 'ORDER_ID' ? (query.get('keyword') ?? '') : '';
  const rows = rowsIn('ACTIVE', book)
    .filter(({ order_id }) => String(order_id).includes(keyword))
    .map((row) => (keyword === '' ? row : paidMeanwhile(row)))
    .filter((row) => FILTERS.every((name) => [null, row[name]].includes(query.get(name))));
  return pageOf(between(rows, from, to), query, { path: '/api/order', maxPerPage: 100 });
}

/** Answers `GET /order-cancel`. */
function cancelledAnswer(query: URLSearchParams, book: OrderBook): Answer {
  const type = z
    .enum(['CANCEL', 'REJECTED', 'EXPIRED'])
    .default('CANCEL')
    .safeParse(query.get('type') ?? undefined);
  if (!type.success) return json(422, failed({ type: ['The selected type is invalid.'] }));
  const rows = between(rowsIn(type.data, book), query.get('start_date') ?? '', query.get('end_date') ?? '9999-12-31');
  return pageOf(rows, query, { path: '/api/open/order-cancel', maxPerPage: 50 });
}

/** A cancelled order moves to the cancelled list, a restored one moves back, and a deleted one is in no list. */
function listOf(order: BookedOrder): NgorderList | null {
  switch (order.state) {
    case 'cancelled':
      return 'CANCEL';
    case 'active':
      return 'ACTIVE';
    case 'deleted':
      return null;
    case 'closed':
    case 'deciding':
      return orderOf(order).list;
  }
}

/** Returns the rows of a list, newest first. */
function rowsIn(list: NgorderList, book: OrderBook): NgorderSandboxRow[] {
  return book
    .all()
    .filter((order) => listOf(order) === list)
    .map(rowOf)
    .sort((one, other) => other.order_id - one.order_id);
}

function between(rows: NgorderSandboxRow[], from: string, to: string): NgorderSandboxRow[] {
  return rows.filter(({ order_date }) => order_date.slice(0, 10) >= from && order_date.slice(0, 10) <= to);
}

function pageOf(rows: NgorderSandboxRow[], query: URLSearchParams, list: { path: string; maxPerPage: number }): Answer {
  const perPage = Math.min(list.maxPerPage, Number(query.get('per_page')) || 10);
  const page = Number(query.get('pagination_offset')) || 1;
  const data = rows.slice((page - 1) * perPage, page * perPage);
  const totalPages = Math.max(1, Math.ceil(rows.length / perPage));
  // As in the vendor's samples: the links drop the filters, their path may differ, and a single page has `[]`.
  const link = (to: number) => `https://api.ngorder.id${list.path}?per_page=${perPage}&pagination_offset=${to}`;
  const links = {
    ...(page < totalPages ? { next: link(page + 1) } : {}),
    ...(page > 1 ? { previous: link(page - 1) } : {}),
  };
  return json(200, {
    data,
    meta: {
      pagination: {
        total: rows.length,
        count: data.length,
        per_page: perPage,
        current_page: page,
        total_pages: totalPages,
        links: Object.keys(links).length === 0 ? [] : links,
      },
    },
  });
}

function orderOf(order: BookedOrder): NgorderSandboxOrder {
  const found = NGORDER_ORDERS.find(({ id }) => id === order.id);
  if (found === undefined) throw new Error(`There is no order ${order.id}.`);
  return found;
}

/** A cancelled order keeps its payment status but no longer shows an amount. */
function rowOf(order: BookedOrder): NgorderSandboxRow {
  const initially = orderOf(order).row;
  const row = order.paidAt === null ? initially : paid(initially, day(order.paidAt));
  if (order.state === 'active') return { ...row, order_status: 'ACCEPTED' };
  return order.state === 'cancelled' ? { ...row, order_status: 'CANCELED', total_amount: 0, remaining_amount: 0 } : row;
}

function paid(row: NgorderSandboxRow, date: string): NgorderSandboxRow {
  const progress = { payment_status: 'PAID', payment_date: date, order_progress_status: 'NO AWB' };
  return { ...row, ...progress, remaining_amount: 0 };
}

function paidMeanwhile(row: NgorderSandboxRow): NgorderSandboxRow {
  const order = NGORDER_ORDERS.find(({ id }) => id === String(row.order_id));
  return order?.isPaidMeanwhile ? paid(row, day(Date.now())) : row;
}

function day(ms: number): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Jakarta', dateStyle: 'short' }).format(ms);
}
