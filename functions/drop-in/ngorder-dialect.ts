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

/** How ngorder speaks: as documented, and where that ends, in the form in which its documentation shows failures. */

/** What ngorder says where a change is done, and what we say while it is not. */
const WORDS: Readonly<Record<OperationKind, { done: string; open: string }>> = {
  cancel: { done: 'Order has been Canceled', open: 'The order is being canceled' },
  restore: { done: 'Order has been Returned', open: 'The order is being returned' },
  delete: { done: 'Order has been Deleted', open: 'The order is being deleted' },
};

/** The reply to a changing call. `number`: the order's `po_number`, null where it is not known. */
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
      // Not the word that means success: nothing is done yet for sure.
      return { status: 202, headers, body: { response: 'pending', message: open, data } };
    case 'refused':
      return operation.detail === 'order_not_found'
        ? { status: 404, headers, body: failed('Order not found') }
        : { status: 422, headers, body: failed({ id: [wordsOf(operation.words)] }) };
  }
}

/** The documentation shows numbers; other endpoints of ngorder write them as strings. */
function numberOf(value: unknown): number | LongNumber | null {
  const digits = String(value);
  return /^\d{1,19}$/.test(digits) ? wholeNumber(digits) : null;
}

/** The ledger keeps a failure by field with its field before it. */
function wordsOf(kept: string | null): string {
  return kept?.replace(/^id: /, '') || 'The order was left as it is.';
}

/** A problem in ngorder's envelope. */
export function ngorderProblem({ slug, status, detail, members, headers = {} }: Problem): ApiReply {
  if (slug === 'unknown-connection')
    return { status, headers, body: failed('The access token is for no such ngorder connection.') };
  const fields = fieldErrorsIn(members);
  const message =
    fields.length === 0
      ? detail
      : Object.fromEntries(fields.map(({ field, message: text }) => [field === 'orderId' ? 'id' : field, [text]]));
  // A state that stands in the way is a failure of the order, as ngorder shows it; what is no state of the order is not.
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

/** What a query of ngorder's list means. */
export function pageMeant(query: ListQuery): OriginalPageQuery {
  return {
    type: TYPES[query.type],
    fromDate: query.start_date ?? null,
    toDate: query.end_date ?? null,
    perPage: query.per_page,
    page: query.pagination_offset,
  };
}

/** A page as ngorder shows it, but that its links stay here and keep the filters. */
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
    // An empty list where there is nothing to link to, as ngorder has it.
    links: Object.keys(links).length === 0 ? [] : links,
  };
  return { status: 200, body: { data: rows, meta: { pagination } } };
}

/** The row as far as a caller may see it who may see nothing personal. */
export function withoutPersonalData(row: OriginalOrder): OriginalOrder {
  return onlyAllowed(row, ROW);
}

/** Statuses of more than one word, and carriers. */
const STATUSES = ['NO AWB', 'ON PROCESS', 'WAITING PAYMENT', 'Confirmed Pay', 'Waiting for Payment'];
const CARRIERS = ['Lion Parcel', 'Ambil di Toko'];

/** What ngorder's documentation shows of an order. Who has a bank account, or is a supplier, is a person as likely as not. */
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
