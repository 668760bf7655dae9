import type { Kind, ProviderName } from './plan.ts';

/** What a provider keeps of an order, as far as its replies show it. */
export interface KeptOrder {
  readonly id: string;
  standing: 'active' | 'cancelled' | 'missing';
  /** In none of ngorder's lists for a moment, on its way from one to the other. */
  isMoving: boolean;
  readonly clockOffMs: number;
  /** Asks that it decides over. */
  undecided: number;
  /** Estoka's history of cancellations. */
  readonly rows: { id: number; status: 'pending_cancel' | 'rejected_cancel' | 'completed_cancel'; at: number }[];
}

export interface WireReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** How a provider writes what it has to say, and what it reads out of a request. Made from the vendors' documents, not from our parsers. */
export interface Wire {
  /** The order that a request asks to change, and how; null for a read. */
  askOf(method: string, url: URL, body: string | null): { orderId: string; kind: Kind } | null;
  done(order: KeptOrder): WireReply;
  accepted(order: KeptOrder): WireReply;
  refused(order: KeptOrder, shows: 'in_reply' | 'in_history', words: string): WireReply;
  notFound(): WireReply;
  unauthorized(): WireReply;
  failureBody(order: KeptOrder): WireReply;
  ofAnother(order: KeptOrder): WireReply;
  read(url: URL, orders: ReadonlyMap<string, KeptOrder>): WireReply;
}

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };
/** As an application answers that has nothing to say. */
const OWN_MARKS = { ...JSON_TYPE, 'x-request-id': 'c0ffee' };

export function json(status: number, body: unknown): WireReply {
  return { status, headers: JSON_TYPE, body: JSON.stringify(body) };
}

const WORDS = 'Pedido ou estado inválido';

function estokaOrder(order: KeptOrder) {
  return {
    order: {
      id: Number(order.id),
      organization_id: 1,
      data: { code: `28153${order.id}`, customer: { name: 'Felipe Flores', phones: [] }, payments: [] },
      status: order.standing === 'cancelled' ? 'cancelled' : 'billing',
      // Not sorted: the newest comes first, and then the others as they came.
      order_histories: [...order.rows.slice(-1), ...order.rows.slice(0, -1)].map(({ id, status, at }) => ({
        id,
        order_id: Number(order.id),
        status,
        message: status === 'rejected_cancel' ? 'Nota fiscal emitida' : 'Cancelamento',
        reported_at: new Date(at).toISOString(),
      })),
      order_returns: [],
    },
  };
}

const estoka: Wire = {
  askOf: (method, url) => {
    const [, orderId] =
      method === 'POST' ? (/\/organizations\/1\/orders\/(\d+)\/cancel$/.exec(url.pathname) ?? []) : [];
    return orderId === undefined ? null : { orderId, kind: 'cancel' };
  },
  done: (order) => json(200, estokaOrder(order)),
  accepted: (order) => json(200, estokaOrder(order)),
  refused: (order, shows, words) =>
    shows === 'in_history' ? json(200, estokaOrder(order)) : json(422, { errors: words }),
  notFound: () => ({ status: 404, headers: OWN_MARKS, body: '' }),
  unauthorized: () => ({ status: 401, headers: OWN_MARKS, body: '' }),
  failureBody: () => json(200, { errors: { base: [WORDS] } }),
  ofAnother: (order) => json(200, estokaOrder({ ...order, id: `${order.id}9` })),
  read: (url, orders) => {
    const order = orders.get(/\/orders\/(\d+)$/.exec(url.pathname)?.[1] ?? '');
    return order === undefined || order.standing === 'missing' ? estoka.notFound() : json(200, estokaOrder(order));
  },
};

function ngorderKind(method: string, path: string): Kind | null {
  if (method === 'DELETE') return 'delete';
  if (method !== 'POST') return null;
  return path.endsWith('/order/cancel') ? 'cancel' : path.endsWith('/order-cancel/return') ? 'restore' : null;
}

function ngorderRow(orderId: string, status: string) {
  return {
    order_id: Number(orderId),
    po_number: 10735,
    order_status: status,
    payment_status: 'UNPAID',
    awb_number: '',
    shopee: null,
  };
}

const ngorder: Wire = {
  askOf: (method, url, body) => {
    const kind = ngorderKind(method, url.pathname);
    const [, orderId] = /"id":(\d+)/.exec(body ?? '') ?? [];
    return kind === null || orderId === undefined ? null : { orderId, kind };
  },
  done: ({ id }) =>
    json(200, {
      response: 'success',
      message: 'Order has been Canceled',
      data: { order_id: Number(id), po_number: 10735 },
    }),
  // ngorder has no such thing; a success that shows no order is the nearest.
  accepted: () => json(200, { response: 'success', message: 'processing' }),
  refused: (_, shows, words) =>
    json(shows === 'in_history' ? 200 : 422, { response: 'Failed', message: { id: [words] }, data: null }),
  notFound: () => json(404, { response: 'Failed', message: 'Not found' }),
  unauthorized: () => json(401, { response: 'Failed', message: 'Unauthenticated.' }),
  failureBody: () => json(200, { response: 'Gagal', message: { id: [WORDS] }, data: null }),
  ofAnother: ({ id }) => json(200, { response: 'Sukses', data: { order_id: Number(`${id}9`) } }),
  read: (url, orders) => {
    const query = url.searchParams;
    const isCancelledList = url.pathname.endsWith('/order-cancel');
    if (isCancelledList && query.get('type') !== 'CANCEL') return page([], 50);
    const shown = [...orders.values()].filter(({ id, standing, isMoving }) =>
      isCancelledList ? standing === 'cancelled' && !isMoving : standing === 'active' && id === query.get('keyword'),
    );
    const rows = shown.map(({ id }) => ngorderRow(id, isCancelledList ? 'CANCELED' : 'ACCEPTED'));
    return page(rows, Number(query.get('per_page')));
  },
};

function page(rows: unknown[], perPage: number): WireReply {
  const pagination = {
    total: rows.length,
    count: rows.length,
    per_page: perPage,
    current_page: 1,
    total_pages: 1,
    links: [],
  };
  return json(200, { data: rows, meta: { pagination } });
}

export const WIRES: Readonly<Record<ProviderName, Wire>> = { estoka, ngorder };
