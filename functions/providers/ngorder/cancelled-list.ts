import type { CallLimits, WindowQuery, WindowReply } from '../provider.ts';
import type { CallFailure } from '../call-failure.ts';
import { addDays, dateAt, daysFrom, startOf } from '../time-zone.ts';
import { listedOf, TYPES } from './cancelled-row.ts';
import { cancelledOrders, readPage, type List, type Page } from './lists.ts';
import { spanOf } from './times.ts';
import type { NgorderAccount, NgorderRow } from './wire.ts';

/** The most rows in a window, unless a single day has more. Small windows make the first rows available soon. */
const MOST_ROWS = 200;
/** The most readings of a list of several pages, before a reading shows nothing new. */
const MOST_READINGS = 6;

/**
 * Reads the orders of a type from the end of a period backwards, as many as one window holds. ngorder does not document how it
 * sorts, so a window is a span of days that is read to its end. ngorder's dates have no zone: one more day is requested on either
 * side, and rows outside the period in the connection's own zone are left out.
 */
export async function readWindow(
  account: NgorderAccount,
  { type, from: earliest, to }: WindowQuery,
  call: CallLimits,
): Promise<WindowReply> {
  const endsAt = account.http.clock.now() + call.timeoutMs;
  const last = dateAt(to, account.timeZone);
  let pages = 0;

  for (let from = earliest; ;) {
    const first = dateAt(from, account.timeZone);
    const list = cancelledOrders(TYPES[type], { start_date: addDays(first, -1), end_date: addDays(last, 1) });
    const page = await readPage(account, list, 1, endsAt);
    pages += 1;
    if (page.kind !== 'page') return page;

    const days = daysFrom(first, last);
    const total = page.pagination?.total ?? 0;
    if (total > MOST_ROWS && days > 1) {
      const fewer = Math.min(days - 1, Math.max(1, Math.floor((days * MOST_ROWS) / total)));
      from = startOf(addDays(last, 1 - fewer), account.timeZone);
      continue;
    }
    const all = await readAll(account, list, page, endsAt);
    if (all.kind !== 'rows') return all;
    const orders = all.rows
      .filter((row) => isWithin(row, from, to, account))
      .map((row) => listedOf(account, row, type));
    return { kind: 'window', orders, from, pages: pages + all.pages, stoodStill: all.stoodStill };
  }
}

/** Whether an order may belong to the period. A row without a readable date belongs to the period by ngorder's filter alone. */
function isWithin(row: NgorderRow, from: number, to: number, { timeZone }: NgorderAccount): boolean {
  const ordered = spanOf(row.order_date, timeZone);
  return ordered === null || (ordered.earliest <= to && ordered.latest >= from);
}

type Rows = { kind: 'rows'; rows: NgorderRow[]; pages: number; stoodStill: boolean };

/**
 * Reads all rows of a list, without duplicates. A single page shows the list at one moment. Several pages do not: rows can move
 * over a page's edge while they are read. So the pages are read again until a whole reading shows no new row. Every row that was
 * seen counts.
 */
async function readAll(
  account: NgorderAccount,
  list: List,
  firstPage: Page,
  endsAt: number,
): Promise<Rows | CallFailure> {
  const rows = new Map<string, NgorderRow>();
  let pages = 0;
  let given: Page | null = firstPage;
  for (let reading = 1; reading <= MOST_READINGS; reading += 1) {
    const known = rows.size;
    const read = await readThrough(account, list, given, rows, endsAt);
    given = null;
    if (read.kind !== 'read') return read;
    pages += read.pages;
    const isAtOnce = reading === 1 && read.pages === 0;
    if (read.isWhole && (isAtOnce || (reading > 1 && rows.size === known))) {
      return { kind: 'rows', rows: [...rows.values()], pages, stoodStill: true };
    }
  }
  return { kind: 'rows', rows: [...rows.values()], pages, stoodStill: false };
}

/**
 * Reads the list from its first page to its last, into `rows`. `isWhole`: as many rows were seen as the list claims to have.
 * `pages`: the requests made, not counting the one for `given`.
 */
async function readThrough(
  account: NgorderAccount,
  list: List,
  given: Page | null,
  rows: Map<string, NgorderRow>,
  endsAt: number,
): Promise<{ kind: 'read'; isWhole: boolean; pages: number } | CallFailure> {
  const seen = new Set<string>();
  const skipped = given === null ? 0 : 1;
  for (let page = 1; ; page += 1) {
    const read = page === 1 && given !== null ? given : await readPage(account, list, page, endsAt);
    if (read.kind !== 'page') return read;
    const isRepeated = read.rows.every(({ order_id }) => seen.has(order_id));
    for (const row of read.rows) {
      seen.add(row.order_id);
      rows.set(row.order_id, row);
    }

    const pages = page - skipped;
    if (read.pagination === null) {
      // No paging is shown, and the page size may not be the requested one: only an empty page is certainly after the last.
      if (isRepeated) return { kind: 'read', isWhole: read.rows.length === 0, pages };
      continue;
    }
    const { current_page: shown, total_pages: last, total } = read.pagination;
    if (shown !== page) return { kind: 'read', isWhole: false, pages };
    if (page >= last) return { kind: 'read', isWhole: seen.size >= total, pages };
  }
}
