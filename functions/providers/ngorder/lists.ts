import { noteUnreadable, parseReply } from '../parse-reply.ts';
import type { CallFailure } from '../call-failure.ts';
import { unreadable } from '../voice.ts';
import { hear } from './voice.ts';
import { pageSchema, requestTo, type NgorderAccount, type NgorderRow } from './wire.ts';

/** One of ngorder's lists: its path, its filters, and how many rows a page of it holds at the most. */
export interface List {
  readonly path: '/order' | '/order-cancel';
  readonly filters: Readonly<Record<string, string>>;
  readonly perPage: number;
}

export type Search =
  | { readonly kind: 'found'; readonly row: NgorderRow }
  /** The list was read to its end, and it stood still meanwhile. */
  | { readonly kind: 'absent' }
  | CallFailure;

/** The lists of what is not active. A page of them holds 50 rows at the most. */
export function cancelledOrders(type: 'CANCEL' | 'REJECTED' | 'EXPIRED', dates: Dates): List {
  return { path: '/order-cancel', filters: { type, ...dates }, perPage: 50 };
}

/** Dates of orders, `yyyy-mm-dd`, both inclusive. */
export type Dates = Readonly<{ start_date: string; end_date: string }>;

/** How often a list that moved under the search is begun anew. */
const MAX_STARTS = 3;

/**
 * Looks for an order in a list until it is found or the list has ended.
 *
 * The lists are live: while they are paged, rows can slip over a page's edge unseen. That is noticed by a changed total,
 * a repeated row, or fewer rows than the total; then the list is read from its start again.
 */
export async function findIn(account: NgorderAccount, list: List, orderId: string, endsAt: number): Promise<Search> {
  for (let start = 1; start <= MAX_STARTS; start += 1) {
    const search = await readThrough(account, list, orderId, endsAt);
    if (search.kind !== 'moved') return search;
  }
  noteUnreadable(account.http, ['the list kept moving while it was read']);
  return { kind: 'lost', problem: 'unreadable_reply' };
}

async function readThrough(
  account: NgorderAccount,
  list: List,
  orderId: string,
  endsAt: number,
): Promise<Search | { kind: 'moved' }> {
  const seen = new Set<string>();
  let total: number | null = null;

  for (let page = 1; ; page += 1) {
    const read = await readPage(account, list, page, endsAt);
    if (read.kind !== 'page') return read;

    const row = read.rows.find((candidate) => candidate.order_id === orderId);
    if (row !== undefined) return { kind: 'found', row };

    if (read.rows.some((other) => seen.has(other.order_id))) return { kind: 'moved' };
    for (const other of read.rows) seen.add(other.order_id);

    if (read.pagination === null) {
      // No paging shown, and perhaps not the page size that was asked for: only an empty page is surely behind the last one.
      if (read.rows.length === 0) return { kind: 'absent' };
      continue;
    }
    if (read.pagination.current_page !== page) return { kind: 'moved' };
    if (total !== null && read.pagination.total !== total) return { kind: 'moved' };
    total = read.pagination.total;
    if (page >= read.pagination.total_pages) return seen.size < total ? { kind: 'moved' } : { kind: 'absent' };
  }
}

export interface Page {
  kind: 'page';
  rows: NgorderRow[];
  pagination: { total: number; current_page: number; total_pages: number } | null;
}

/** One page of a list; `page` counts from 1. */
export async function readPage(
  account: NgorderAccount,
  list: List,
  page: number,
  endsAt: number,
): Promise<Page | CallFailure> {
  const query = { ...list.filters, per_page: String(list.perPage), pagination_offset: String(page) };
  const timeoutMs = endsAt - account.http.clock.now();
  if (timeoutMs <= 0) return { kind: 'lost', problem: 'timed_out' };
  const result = await account.http.read({
    method: 'GET',
    ...requestTo(account, list.path, { query }),
    body: null,
    timeoutMs,
  });
  const heard = hear(result, account.http);
  if (heard.kind === 'no' || heard.kind === 'not_found') return { kind: 'lost', problem: 'provider_error' };
  if (heard.kind !== 'answer') return heard;
  const parsed = parseReply(pageSchema, heard.json, account.http);
  if (parsed === null) return unreadable(heard);
  return { kind: 'page', rows: parsed.data, pagination: parsed.meta?.pagination ?? null };
}
