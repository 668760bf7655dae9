import * as z from 'zod';
import { json, type Answer, type Dialect } from './dialect.ts';
import {
  NGORDER_ORDERS,
  type NgorderList,
  type NgorderSandboxOrder,
  type NgorderSandboxRow,
} from './ngorder-orders.ts';
import type { BookedOrder, OrderBook } from './order-book.ts';
import { startSandbox, type Sandbox, type SandboxOptions } from './sandbox.ts';

export const NGORDER_CREDENTIAL = 'sandbox-ngorder-credential';

/** One ngorder account. Several may run side by side. */
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

const ngorderDialect: Dialect = {
  provider: 'ngorder',
  orders: NGORDER_ORDERS,
  credentialOf: ({ headers }) => /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '',
  cancelAskOf(request) {
    if (request.method !== 'POST' || request.url.pathname !== `${PREFIX}/order/cancel`) return null;
    const body = z.object({ id: z.int() }).safeParse(parseJson(request.body));
    return body.success ? String(body.data.id) : 'none';
  },
  read(request, book) {
    const call = `${request.method} ${request.url.pathname}`;
    const query = request.url.searchParams;
    if (call === `GET ${PREFIX}/order`) return ordersAnswer(query, book);
    if (call === `GET ${PREFIX}/order-cancel`) return cancelledAnswer(query, book);
    return json(404, { message: 'Not Found' });
  },
  unauthorized: json(401, { message: 'Unauthenticated.' }),
  notFound: json(404, failed('Order not found')),
  alreadyCancelled: json(422, failed({ id: ['The order is already canceled.'] })),
  refused: json(422, failed({ id: ['The order can no longer be canceled.'] })),
  failureBody: json(200, failed({ id: ['The order can not be canceled.'] })),
  taken: (order) => success(rowOf(order)),
  takenOfAnother: (order) => {
    const { order_id, po_number } = rowOf(order);
    return success({ order_id: order_id + 1, po_number: po_number + 1 });
  },
};

function failed(message: unknown) {
  return { response: 'Failed', message, data: null };
}

function success({ order_id, po_number }: { order_id: number; po_number: number }): Answer {
  return json(200, { response: 'success', message: 'Order has been Canceled', data: { order_id, po_number } });
}

/** `GET /order`. Without dates it shows the last 30 days, and `keyword` matches a part of the id. */
function ordersAnswer(query: URLSearchParams, book: OrderBook): Answer {
  const from = query.get('start_date') ?? day(Date.now() - 30 * DAY_MS);
  const to = query.get('end_date') ?? day(Date.now());
  const keyword = query.get('type') === 'ORDER_ID' ? (query.get('keyword') ?? '') : '';
  const rows = rowsIn('ACTIVE', book).filter(({ order_id }) => String(order_id).includes(keyword));
  return pageOf(between(rows, from, to), query, { path: '/api/order', maxPerPage: 100 });
}

/** `GET /order-cancel`. */
function cancelledAnswer(query: URLSearchParams, book: OrderBook): Answer {
  const type = z
    .enum(['CANCEL', 'REJECTED', 'EXPIRED'])
    .default('CANCEL')
    .safeParse(query.get('type') ?? undefined);
  if (!type.success) return json(422, failed({ type: ['The selected type is invalid.'] }));
  const rows = between(rowsIn(type.data, book), query.get('start_date') ?? '', query.get('end_date') ?? '9999-12-31');
  return pageOf(rows, query, { path: '/api/open/order-cancel', maxPerPage: 50 });
}

/** Newest first. A cancelled order goes from the one list to the other. */
function rowsIn(list: NgorderList, book: OrderBook): NgorderSandboxRow[] {
  return book
    .all()
    .filter((order) => (order.state === 'cancelled' ? 'CANCEL' : orderOf(order).list) === list)
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
  // As the vendor's samples have it: the filters are dropped, the path may be another, and one page has `[]`.
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

/** A cancelled order keeps its payment status, and shows no amount any more. */
function rowOf(order: BookedOrder): NgorderSandboxRow {
  const { row } = orderOf(order);
  return order.state === 'cancelled' ? { ...row, order_status: 'CANCELED', total_amount: 0, remaining_amount: 0 } : row;
}

function day(ms: number): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Jakarta', dateStyle: 'short' }).format(ms);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
