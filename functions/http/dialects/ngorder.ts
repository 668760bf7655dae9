import * as z from 'zod';
import { LongNumber, wholeNumber } from '../../runtime/exact-json.ts';
import type { OperationKind } from '../../operations/operation.ts';
import type { ConnectionDeclaration } from '../../providers/connections.ts';
import type { OriginalOrder, OriginalPage, OriginalPageQuery } from '../../providers/provider.ts';
import type { Problem } from '../problems.ts';
import type { HttpReply } from '../request.ts';
import { dropInHeaders, type DropInAnswer } from './drop-in.ts';
import type { ListQuery } from './ngorder-input.ts';

/** How ngorder speaks: as documented, and where that ends, in the form in which its documentation shows failures. */

/** What ngorder says where a change is done, and what we say while it is not. */
const WORDS: Readonly<Record<OperationKind, { done: string; open: string }>> = {
  cancel: { done: 'Order has been Canceled', open: 'The order is being canceled' },
  restore: { done: 'Order has been Returned', open: 'The order is being returned' },
  delete: { done: 'Order has been Deleted', open: 'The order is being deleted' },
};

/** The reply to a changing call. `number`: the order's `po_number`, null where it is not known. */
export function ngorderReply(answer: DropInAnswer, order: { id: string; number: unknown }): HttpReply {
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
export function ngorderProblem({ slug, status, detail, members, headers = {} }: Problem): HttpReply {
  if (slug === 'unknown-connection')
    return { status, headers, body: failed('The access token is for no such ngorder connection.') };
  const fields = fieldErrorsSchema.safeParse(members?.['errors']).data ?? [];
  const message =
    fields.length === 0
      ? detail
      : Object.fromEntries(fields.map(({ field, message: text }) => [field === 'orderId' ? 'id' : field, [text]]));
  // A state that stands in the way is a failure of the order, as ngorder shows it; what is no state of the order is not.
  if (status === 409 && slug !== 'operation-in-progress' && slug !== 'connection-turned-away')
    return { status: 422, headers, body: failed({ id: [detail] }) };
  return { status, headers, body: failed(message) };
}

const fieldErrorsSchema = z.array(z.object({ field: z.string(), message: z.string() }));

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
export function ngorderPage({ rows, total, totalPages }: OriginalPage, query: ListQuery, base: string): HttpReply {
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

/** Names, phones and addresses, and what people wrote. The names of goods, banks and warehouses are not personal. */
const PERSONAL = /name|phone|address|e-?mail|^note$|^shopee$/i;
const NOT_PERSONAL: ReadonlySet<string> = new Set(['bank_name', 'warehouse_name']);

/** The row without what is personal: null in its place, so that its shape stays. Of what lies deeper, only the products are known. */
export function withoutPersonalData(row: OriginalOrder): OriginalOrder {
  const isStruck = (name: string, value: unknown) =>
    (PERSONAL.test(name) && !NOT_PERSONAL.has(name)) ||
    (typeof value === 'object' && value !== null && !(value instanceof LongNumber) && name !== 'products');
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, isStruck(name, value) ? null : value]));
}
