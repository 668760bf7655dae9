import { startFakeProvider, type Delivery, type FakeProvider, type SeenRequest } from '../fake-provider.ts';

/** One order as the fake keeps it. */
export interface FakeOrder {
  id: number;
  list: 'ACTIVE' | 'CANCEL' | 'REJECTED' | 'EXPIRED';
  /** As ngorder writes it: the shop's local time, without a zone. */
  orderDate: string;
  fields?: Record<string, unknown>;
  /** ngorder shows it nowhere. */
  cancelledAt?: string;
}

export interface FakeNgorder extends FakeProvider {
  /** The live lists: a test changes them as it likes. */
  orders: FakeOrder[];
  /** The largest page that was asked for. */
  mostPerPage(): number;
}

export interface FakeOptions {
  /** In which order a list is shown: nothing documents it. */
  sorted?: (one: FakeOrder, other: FakeOrder) => number;
  /** By what the dates of a list filter: nothing documents it. When an order was ordered, where nothing is said. */
  datedBy?: (order: FakeOrder) => string;
  /** Called after every answer of a list, to let it move. */
  afterListing?: (orders: FakeOrder[], nth: number) => void;
  /** Answers before the fake does. */
  instead?: (request: SeenRequest, nth: number) => Delivery | undefined;
}

const NEWEST_FIRST = (one: FakeOrder, other: FakeOrder) =>
  other.orderDate.localeCompare(one.orderDate) || other.id - one.id;

/**
 * An ngorder that does what its documentation says, and has the quirks of its samples: pages of 50 at the most, whatever is asked
 * for; ids, counts and amounts as numbers and as strings; `links` that drop the filters and are `[]` for one page; dates
 * without a zone; success in two languages; a return and a delete that answer nothing documented.
 */
export async function startFakeNgorder(orders: FakeOrder[], options: FakeOptions = {}): Promise<FakeNgorder> {
  let most = 0;
  let listings = 0;
  const fake = await startFakeProvider((request, nth) => {
    const instead = options.instead?.(request, nth);
    if (instead !== undefined) return instead;
    const path = request.path.replace('/api/open', '');
    const call = `${request.method} ${path}`;
    if (call === 'GET /order' || call === 'GET /order-cancel') {
      if (path === '/order-cancel') most = Math.max(most, Number(request.query.get('per_page')));
      const answer = page(listed(path, request.query, orders, options), path, request.query);
      if (path === '/order-cancel') options.afterListing?.(orders, (listings += 1));
      return answer;
    }
    return change(call, request.body, orders);
  });
  return { ...fake, orders, mostPerPage: () => most };
}

function listed(
  path: string,
  query: URLSearchParams,
  orders: FakeOrder[],
  { sorted = NEWEST_FIRST, datedBy = ({ orderDate }) => orderDate }: FakeOptions,
): FakeOrder[] {
  const list = path === '/order' ? 'ACTIVE' : (query.get('type') ?? 'CANCEL');
  const from = query.get('start_date') ?? '0000-00-00';
  const to = query.get('end_date') ?? '9999-99-99';
  const keyword = query.get('type') === 'ORDER_ID' ? (query.get('keyword') ?? '') : '';
  const status = query.get('payment_status');
  return orders
    .filter((order) => order.list === list && String(order.id).includes(keyword))
    .filter((order) => datedBy(order).slice(0, 10) >= from && datedBy(order).slice(0, 10) <= to)
    .filter((order) => status === null || rowOf(order)['payment_status'] === status)
    .sort(sorted);
}

export function rowOf({ id, list, orderDate, fields }: FakeOrder): Record<string, unknown> {
  const odd = id % 2 === 1;
  return {
    order_id: odd ? String(id) : id,
    po_number: odd ? id + 5000 : String(id + 5000),
    order_date: orderDate,
    sender_name: 'Toko Contoh',
    receiver_name: `Pelanggan ${id}`,
    receiver_address: 'Jalan Contoh 1',
    receiver_phone: '080000000000',
    total_amount: odd ? 'Rp100.000' : 100000,
    order_status: list === 'ACTIVE' ? 'ACCEPTED' : list === 'CANCEL' ? 'CANCELED' : list,
    payment_status: odd ? 'PAID' : 'UNPAID',
    products: [
      { product_meta_id: 1, sku: null, name: 'Kaos', price: odd ? '10000' : 10000, quantity: odd ? '10' : 10 },
    ],
    shopee: odd ? [] : null,
    created_at: orderDate,
    updated_at: orderDate,
    awb_number: null,
    ...fields,
  };
}

function page(rows: FakeOrder[], path: string, query: URLSearchParams): Delivery {
  const perPage = Math.min(path === '/order' ? 100 : 50, Number(query.get('per_page')) || 10);
  const current = Number(query.get('pagination_offset')) || 1;
  const data = rows.slice((current - 1) * perPage, current * perPage).map(rowOf);
  const last = Math.max(1, Math.ceil(rows.length / perPage));
  const next = current < last ? { next: `https://api.example/api/order?pagination_offset=${current + 1}` } : {};
  const previous = current > 1 ? { previous: `https://api.example//api/order?pagination_offset=${current - 1}` } : {};
  const links = { ...next, ...previous };
  const pagination = {
    total: rows.length,
    count: data.length,
    per_page: String(perPage),
    current_page: String(current),
    total_pages: last,
    links: Object.keys(links).length === 0 ? [] : links,
  };
  return json(200, { data, meta: { pagination } });
}

function change(call: string, body: string, orders: FakeOrder[]): Delivery {
  const id = Number((JSON.parse(body || '{}') as { id?: unknown }).id);
  const order = orders.find((one) => one.id === id);
  if (order === undefined) return json(404, { response: 'Failed', message: 'Order not found', data: null });
  if (call === 'POST /order/cancel') return move(order, 'ACTIVE', 'CANCEL');
  if (call === 'POST /order-cancel/return') return move(order, 'CANCEL', 'ACTIVE');
  if (call === `DELETE /order-cancel/${id}`) {
    if (order.list === 'ACTIVE') return failed('The order is not canceled.');
    orders.splice(orders.indexOf(order), 1);
    return json(200, { response: 'Sukses', message: 'OK', data: null });
  }
  return json(404, { message: 'Not Found' });
}

function move(order: FakeOrder, from: FakeOrder['list'], to: FakeOrder['list']): Delivery {
  if (order.list !== from) return failed(`The order is ${order.list}.`);
  order.list = to;
  return json(200, { response: 'success', message: 'OK', data: { order_id: order.id, po_number: order.id + 5000 } });
}

function failed(words: string): Delivery {
  return json(422, { response: 'Failed', message: { id: [words] }, data: null });
}

function json(status: number, body: unknown): Delivery {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
