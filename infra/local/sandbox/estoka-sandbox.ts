import { empty, json, type Answer, type Dialect, type SandboxRequest } from './dialect.ts';
import { ESTOKA_ORDERS, FIRST_HISTORY_ID, ORGANIZATION_ID, row, type EstokaHistoryRow } from './estoka-orders.ts';
import type { BookedOrder } from './order-book.ts';
import { startSandbox, type Sandbox, type SandboxOptions } from './sandbox.ts';

export const ESTOKA_CREDENTIAL = 'sandbox-estoka-credential';

/** Starts one Estoka account. Several may run side by side. */
export function startEstokaSandbox(options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  return startSandbox({
    credential: ESTOKA_CREDENTIAL,
    port: 0,
    dataDir: null,
    log: () => undefined,
    ...options,
    dialect: estokaDialect,
  });
}

const ORDER_PATH = /^\/api\/v1\/organizations\/(\d+)\/orders\/(\d+)(\/cancel)?$/;
/** São Paulo has had no daylight-saving time since 2019. */
const OFFSET_MS = -3 * 60 * 60 * 1_000;

const REFUSED = json(422, { errors: { base: ['O pedido não pode mais ser cancelado'] } });

const estokaDialect: Dialect = {
  provider: 'estoka',
  orders: ESTOKA_ORDERS,
  credentialOf: ({ headers }) => /^Token token="?([^"]*)"?$/.exec(headers.authorization ?? '')?.[1] ?? '',
  askOf(request) {
    const path = pathOf(request);
    return request.method === 'POST' && path?.isCancel === true ? { kind: 'cancel', orderId: path.orderId } : null;
  },
  read(request, book) {
    const path = pathOf(request);
    if (request.method !== 'GET' || path === null || path.isCancel) return empty(404);
    const order = book.find(path.orderId);
    return order === null ? empty(404) : orderAnswer(order);
  },
  unauthorized: empty(401),
  notFound: empty(404),
  refusalOf({ state }) {
    if (state === 'cancelled') return json(422, { errors: 'O pedido já está cancelado' });
    return state === 'active' ? null : REFUSED;
  },
  refused: REFUSED,
  failureBody: json(200, { errors: [{ status: ['não permite o cancelamento'] }] }),
  taken: orderAnswer,
  takenOfAnother: (order) =>
    json(200, { order: { ...documentOf(order), id: Number(order.id) + 1, status: 'cancelled' } }),
  toldLate(orderId, then) {
    if (then !== 'cancelled' && then !== 'rejected') return null;
    return {
      object_type: 'Order',
      object_id: Number(orderId),
      organization_id: ORGANIZATION_ID,
      event: ROWS[then].status,
    };
  },
};

function pathOf(request: SandboxRequest): { orderId: string; isCancel: boolean } | null {
  const [, organization, orderId, action] = ORDER_PATH.exec(request.url.pathname) ?? [];
  if (orderId === undefined || organization === undefined) return null;
  // Orders belong to one organization: another one has none of them.
  return { orderId: Number(organization) === ORGANIZATION_ID ? orderId : 'none', isCancel: action !== undefined };
}

function orderAnswer(order: BookedOrder): Answer {
  return json(200, { order: documentOf(order) });
}

function documentOf(order: BookedOrder): Record<string, unknown> {
  const base = ESTOKA_ORDERS.find(({ id }) => id === order.id);
  if (base === undefined) throw new Error(`There is no order ${order.id}.`);
  const rows = order.history.map(historyRow(order));
  return {
    ...base.document,
    ...(rows[0] ? { updated_at: rows.at(-1)?.updated_at } : {}),
    status: order.state === 'cancelled' ? 'cancelled' : base.document.status,
    // In the order of the vendor's sample: the new rows first, newest first, then the older ones, ascending.
    order_histories: [...rows.toReversed(), ...base.histories],
  };
}

const ROWS = {
  deciding: { status: 'pending_cancel', message: 'Solicitação de cancelamento recebida' },
  cancelled: { status: 'completed_cancel', message: 'Cancelamento realizado com sucesso' },
  rejected: {
    status: 'rejected_cancel',
    message: 'Cancelamento <strong>recusado</strong>: o pedido já está em transporte',
  },
} as const;

function historyRow(order: BookedOrder): (item: BookedOrder['history'][number]) => EstokaHistoryRow {
  return ({ number, event, at }) => {
    const reportedAt = new Date(at + OFFSET_MS).toISOString().replace('Z', '-03:00');
    return row(FIRST_HISTORY_ID - 1 + number, Number(order.id), ROWS[event].status, reportedAt, ROWS[event].message);
  };
}
