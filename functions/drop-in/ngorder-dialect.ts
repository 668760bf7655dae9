import { wholeNumber, type LongNumber } from '../runtime/exact-json.ts';
import type { OperationKind } from '../operations/rules/operation.ts';
import type { ConnectionDeclaration } from '../providers/connections.ts';
import type { OriginalOrder, OriginalPage, OriginalPageQuery } from '../providers/provider.ts';
import type { Problem } from '../http/problems.ts';
import type { ApiReply } from '../http/request.ts';
import { allOf, onlyAllowed, type Members } from './allow-list.ts';
import { dropInHeaders, type DropInAnswer } from './drop-in.ts';
import { fieldErrorsIn } from './field-errors.ts';
import type { ListQuery } from './ngorder-input.ts';

/** ngorder's dialect: as documented, and beyond that in the form in which its documentation shows failures. */

/** ngorder's message for a completed change, and ours while it is not complete. */
const WORDS: Readonly<Record<OperationKind, { done: string; open: string }>> = {
  cancel: { done: 'Order has been Canceled', open: 'The order is being canceled' },
  restore: { done: 'Order has been Returned', open: 'The order is being returned' },
  delete: { done: 'Order has been Deleted', open: 'The order is being deleted' },
};

/** Returns the reply to a changing call. `number`: the order's `po_number`; null if not known. */
export function ngorderReply(answer: DropInAnswer, order: { id: string; number: unknown }): ApiReply {
  const { operation } = answer;
  const headers = dropInHeaders(answer);
  const data = { order_id: wholeNumber(order.id), po_number: numberOf(order.number) };
  const { done, open } = WORDS[operation.kind];
  switch (operation.outcome) {
    case 'confirmed':
      return { status: 200, headers, body: { response: 'success', message: done, data } };
    case 'pending':
    case 'unknown':
    case 'needs_attention':
      // Not ngorder's word for success: nothing is certain to be done yet.
      return { status: 202, headers, body: { response: 'pending', message: open, data } };
    case 'refused':
      return operation.detail === 'order_not_found'
        ? { status: 404, headers, body: failed('Order not found') }
        : { status: 422, headers, body: failed({ id: [wordsOf(operation.words)] }) };
  }
}

/** The documentation shows a number; other endpoints of ngorder write it as a string. */
function numberOf(value: unknown): number | LongNumber | null {
  const digits = String(value);
  return /^\d{1,19}$/.test(digits) ? wholeNumber(digits) : null;
}

/** The ledger keeps a failure by field with the field's name before it. */
function wordsOf(kept: string | null): string {
  return kept?.replace(/^id: /, '') || 'The order was not changed.';
}

/** Returns a problem in ngorder's envelope. */
export function ngorderProblem({ slug, status, detail, members, headers = {} }: Problem): ApiReply {
  if (slug === 'unknown-connection')
    return { status, headers, body: failed('The access token may not use any such ngorder connection.') };
  const fields = fieldErrorsIn(members);
  const message =
    fields.length === 0
      ? detail
      : Object.fromEntries(fields.map(({ field, message: text }) => [field === 'orderId' ? 'id' : field, [text]]));
  // If the order's state forbids the change, ngorder reports a failure of the order. Other conflicts do not concern the order's
  // state.
  if (status === 409 && slug !== 'operation-in-progress' && slug !== 'connection-turned-away')
    return { status: 422, headers, body: failed({ id: [detail] }) };
  return { status, headers, body: failed(message) };
}

function failed(message: unknown) {
  return { response: 'Failed', message, data: null };
}

export function isNgorders({ provider }: ConnectionDeclaration): boolean {
  return provider === 'ngorder';
}

const TYPES = { CANCEL: 'cancelled', REJECTED: 'rejected', EXPIRED: 'expired' } as const;

/** Translates a query of ngorder's list. */
export function pageMeant(query: ListQuery): OriginalPageQuery {
  return {
    type: TYPES[query.type],
    fromDate: query.start_date ?? null,
    toDate: query.end_date ?? null,
    perPage: query.per_page,
    page: query.pagination_offset,
  };
}

/** Returns a page as ngorder shows it, except that its links lead to this API and keep the filters. */
export function ngorderPage({ rows, total, totalPages }: OriginalPage, query: ListQuery, base: string): ApiReply {
  const { per_page, pagination_offset: page, ...filters } = query;
  const link = (to: number) => {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries({ ...filters, per_page, pagination_offset: to })) {
      if (value !== undefined) parameters.set(name, String(value));
    }
    return `${base}/api/open/order-cancel?${parameters.toString()}`;
  };
  const links = {
    ...(page < totalPages && { next: link(page + 1) }),
    ...(page > 1 && { previous: link(page - 1) }),
  };
  const pagination = {
    total,
    count: rows.length,
    per_page,
    current_page: page,
    total_pages: totalPages,
    // ngorder writes an empty list if there are no links.
    links: Object.keys(links).length === 0 ? [] : links,
  };
  return { status: 200, body: { data: rows, meta: { pagination } } };
}

/** Returns the row as a caller without access to personal data may see it. */
export function withoutPersonalData(row: OriginalOrder): OriginalOrder {
  return onlyAllowed(row, ROW);
}

/** Statuses of more than one word. They and carriers are known texts. */
const STATUSES = ['NO AWB', 'ON PROCESS', 'WAITING PAYMENT', 'Confirmed Pay', 'Waiting for Payment'];
const CARRIERS = ['Lion Parcel', 'Ambil di Toko'];

/** The members of an order in ngorder's documentation. A supplier, or the holder of a bank account, may be a person. */
const ROW: Members = {
  ...allOf('number', 'order_id', 'po_number', 'shop_id', 'shipping_id', 'weight', 'shipping_cost'),
  ...allOf('number', 'total_amount', 'remaining_amount', 'other_cost_amount', 'cost_of_goods_sales'),
  ...allOf('code', 'invoice', 'sender_category', 'sender_category_code', 'order_category', 'product_status'),
  ...allOf('code', 'order_source', 'shipping_rate', 'awb_number'),
  ...allOf('time', 'order_date', 'payment_date', 'created_at', 'updated_at'),
  ...allOf(STATUSES, 'order_status', 'order_progress_status', 'payment_status'),
  shipping_logistic: CARRIERS,
  cod_status: 'boolean',
  ...allOf('personal', 'username', 'sender_name', 'sender_address', 'receiver_name', 'receiver_address'),
  ...allOf('personal', 'receiver_phone', 'created_by_name', 'updated_by_name'),
  ...allOf('prose', 'origin_name', 'origin_address', 'bank_name', 'warehouse_name', 'note', 'shopee', 'order_cost'),
  products: {
    listOf: {
      object: {
        ...allOf('number', 'product_meta_id', 'price', 'quantity'),
        ...allOf('goods', 'name', 'color', 'size'),
        sku: 'code',
        thumbnail_url: 'address',
      },
    },
  },
};
