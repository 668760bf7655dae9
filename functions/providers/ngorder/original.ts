import type { CallLimits, OriginalPage, OriginalPageQuery, OriginalReply } from '../provider.ts';
import type { CallFailure } from '../call-failure.ts';
import { TYPES } from './cancelled-row.ts';
import { findInactive } from './find-inactive.ts';
import { everyDate, failureOf, findIn, ordersById, readPage, type List } from './lists.ts';
import type { NgorderAccount } from './wire.ts';

/** Returns the order's row as ngorder wrote it: from the list of orders, otherwise from those of cancelled, rejected and expired orders. */
export async function original(account: NgorderAccount, orderId: string, call: CallLimits): Promise<OriginalReply> {
  const { clock } = account.http;
  const now = clock.now();
  const endsAt = now + call.timeoutMs;
  const active = await findIn(account, ordersById(orderId, everyDate(now, account.timeZone)), orderId, endsAt);
  if (active.kind === 'found') return { kind: 'original', order: active.original };
  if (active.kind !== 'absent') return failureOf(active);

  for (const type of Object.values(TYPES)) {
    const search = await findInactive(account, type, { orderId, askedAt: now, row: null }, endsAt);
    if (search.kind === 'found') return { kind: 'original', order: search.original };
    if (search.kind !== 'absent') return failureOf(search);
  }
  return { kind: 'absent' };
}

/** Returns a page of `GET /order-cancel` as ngorder wrote it. */
export async function originalPage(
  account: NgorderAccount,
  { type, fromDate, toDate, perPage, page }: OriginalPageQuery,
  call: CallLimits,
): Promise<OriginalPage | CallFailure> {
  const dates = { ...(fromDate && { start_date: fromDate }), ...(toDate && { end_date: toDate }) };
  const list: List = { path: '/order-cancel', filters: { type: TYPES[type], ...dates }, perPage };
  const read = await readPage(account, list, page, account.http.clock.now() + call.timeoutMs);
  if (read.kind !== 'page') return read;
  const { total, total_pages: totalPages } = read.pagination ?? { total: read.rows.length, total_pages: page + 1 };
  return { kind: 'page', rows: read.originals(), total, totalPages };
}
