import { noteUnreadable, parseReply } from '../parse-reply.ts';
import type { OriginalOrder } from '../provider.ts';
import type { CallFailure } from '../call-failure.ts';
import { addDays, dateAt } from '../time-zone.ts';
import { unreadable } from '../voice.ts';
import { hear } from './voice.ts';
import { originalPageSchema, pageSchema, requestTo, type NgorderAccount, type NgorderRow } from './wire.ts';

/** One of ngorder's lists: its path, its filters, and the most rows on a page. */
export interface List {
  readonly path: '/order' | '/order-cancel';
  readonly filters: Readonly<Record<string, string>>;
  readonly perPage: number;
}

/** `original`: the row as ngorder wrote it. */
export interface Found {
  readonly kind: 'found';
  readonly row: NgorderRow;
  readonly original: OriginalOrder;
}

export type Search =
  | Found
  /** The list was read to its end and did not change meanwhile. `seen`: the ids of all its orders. */
  | { readonly kind: 'absent'; readonly seen: ReadonlySet<string> }
  | TooLarge
  | CallFailure;

/** The list has more pages than the limit or the time left allows. */
export interface TooLarge {
  readonly kind: 'too_large';
  readonly firstRows: readonly NgorderRow[];
  /** Null if the list does not show its number of pages. */
  readonly pages: number | null;
}

/** Returns, for callers, a search that proved nothing about the order. */
export function failureOf(search: TooLarge | CallFailure): CallFailure {
  return search.kind === 'too_large' ? { kind: 'lost', problem: 'look_up_too_large' } : search;
}

export type InactiveType = 'CANCEL' | 'REJECTED' | 'EXPIRED';

/** Returns a list of inactive orders. Its pages hold at most 50 rows. */
export function cancelledOrders(type: InactiveType, dates: Dates): List {
  return { path: '/order-cancel', filters: { type, ...dates }, perPage: 50 };
}

/** Dates of orders, `yyyy-mm-dd`, both included. */
export type Dates = Readonly<{ start_date: string; end_date: string }>;

/**
 * Returns dates that include every order: without dates, `GET /order` shows only the last 30 days. The end is two days ahead,
 * because ngorder's time zone is not documented.
 */
export function everyDate(now: number, timeZone: string): Dates {
  return { start_date: '2000-01-01', end_date: addDays(dateAt(now, timeZone), 2) };
}

export function ordersById(orderId: string, dates: Dates): List {
  return { path: '/order', filters: { type: 'ORDER_ID', keyword: orderId, ...dates }, perPage: 100 };
}

/** How often a search starts again because the list changed. */
const MAX_STARTS = 3;
/** About half a minute, at 150 ms a page. */
export const MOST_PAGES = 200;
const PAGES_THAT_TELL_THE_PACE = 5;

/**
 * Looks for an order in a list until it is found or the list ends, through at most `mostPages` pages.
 *
 * The lists are live: while their pages are read, rows can move over a page's edge unseen. A changed total, a repeated row, or
 * fewer rows than the total show this; the list is then read from its start again.
 */
export async function findIn(
  account: NgorderAccount,
  list: List,
  orderId: string,
  endsAt: number,
  mostPages = MOST_PAGES,
): Promise<Search> {
  for (let start = 1; start <= MAX_STARTS; start += 1) {
    const search = await readThrough(account, list, orderId, { endsAt, mostPages });
    if (search.kind !== 'moved') return search;
  }
  noteUnreadable(account.http, ['the list kept changing while it was read']);
  return { kind: 'lost', problem: 'unreadable_reply' };
}

async function readThrough(
  account: NgorderAccount,
  list: List,
  orderId: string,
  { endsAt, mostPages }: { endsAt: number; mostPages: number },
): Promise<Search | { kind: 'moved' }> {
  const { clock } = account.http;
  const startedAt = clock.now();
  const seen = new Set<string>();
  let total: number | null = null;
  let firstRows: readonly NgorderRow[] = [];

  for (let page = 1; ; page += 1) {
    const read = await readPage(account, list, page, endsAt);
    if (read.kind !== 'page') return read;
    if (page === 1) firstRows = read.rows;

    const found = foundIn(read, orderId);
    if (found !== null) return found;

    if (read.rows.some((other) => seen.has(other.order_id))) return { kind: 'moved' };
    for (const other of read.rows) seen.add(other.order_id);

    if (read.pagination === null) {
      // No paging is shown, and the page size may not be the requested one: only an empty page is certainly after the last.
      if (read.rows.length === 0) return { kind: 'absent', seen };
      if (page >= mostPages) return { kind: 'too_large', firstRows, pages: null };
      continue;
    }
    const { current_page: shown, total: shownTotal, total_pages: pages } = read.pagination;
    if (shown !== page) return { kind: 'moved' };
    if (total !== null && shownTotal !== total) return { kind: 'moved' };
    total = shownTotal;
    if (page >= pages) return seen.size < total ? { kind: 'moved' } : { kind: 'absent', seen };
    const leftMs = ((pages - page) * (clock.now() - startedAt)) / page;
    // The time that the first pages took says little about the others.
    const leastLeftMs = page < PAGES_THAT_TELL_THE_PACE ? leftMs / 3 : leftMs;
    if (pages > mostPages || clock.now() + leastLeftMs > endsAt) return { kind: 'too_large', firstRows, pages };
  }
}

export function foundIn({ rows, originals }: Page, orderId: string): Found | null {
  const at = rows.findIndex((row) => row.order_id === orderId);
  if (at === -1) return null;
  const [row, original] = [rows[at], originals()[at]];
  return row === undefined || original === undefined ? null : { kind: 'found', row, original };
}

export interface Page {
  readonly kind: 'page';
  readonly rows: readonly NgorderRow[];
  /** The same rows as ngorder wrote them. Few callers need them, so they are parsed on demand. */
  readonly originals: () => readonly OriginalOrder[];
  readonly pagination: { readonly total: number; readonly current_page: number; readonly total_pages: number } | null;
}

/** Reads one page of a list; `page` counts from 1. */
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
  return {
    kind: 'page',
    rows: parsed.data,
    originals: () => originalPageSchema.parse(heard.json).data,
    pagination: parsed.meta?.pagination ?? null,
  };
}
