import * as z from 'zod';
import { parseReply } from '../parse-reply.ts';
import type { CallLimits, OriginalPage, OriginalPageQuery, OriginalReply } from '../provider.ts';
import type { CallFailure } from '../call-failure.ts';
import { unreadable } from '../voice.ts';
import { TYPES } from './cancelled-row.ts';
import { cancelledOrders, type List } from './lists.ts';
import { everyDate, ordersById } from './look-up.ts';
import { hear } from './voice.ts';
import { pageSchema, requestTo, rowsOf, type NgorderAccount } from './wire.ts';

/** The order's row, word for word: of the list of orders, or else of those of cancelled, rejected and expired ones. */
export async function original(account: NgorderAccount, orderId: string, call: CallLimits): Promise<OriginalReply> {
  const { clock } = account.http;
  const endsAt = clock.now() + call.timeoutMs;
  const dates = everyDate(clock.now(), account.timeZone);
  const others = (['CANCEL', 'REJECTED', 'EXPIRED'] as const).map((type) => cancelledOrders(type, dates));
  for (const list of [ordersById(orderId, dates), ...others]) {
    const found = await findOriginal(account, list, orderId, endsAt);
    if (found.kind !== 'absent') return found;
  }
  return { kind: 'absent' };
}

async function findOriginal(
  account: NgorderAccount,
  list: List,
  orderId: string,
  endsAt: number,
): Promise<OriginalReply> {
  for (let page = 1; ; page += 1) {
    const read = await pageOf(account, list, page, endsAt);
    if (read.kind !== 'page') return read;
    const order = read.rows.find((row) => String(row['order_id']) === orderId);
    if (order !== undefined) return { kind: 'original', order };
    if (read.rows.length === 0 || page >= read.totalPages) return { kind: 'absent' };
  }
}

/** A page of `GET /order-cancel`, word for word. */
export function originalPage(
  account: NgorderAccount,
  { type, fromDate, toDate, perPage, page }: OriginalPageQuery,
  call: CallLimits,
): Promise<OriginalPage | CallFailure> {
  const dates = { ...(fromDate && { start_date: fromDate }), ...(toDate && { end_date: toDate }) };
  const list: List = { path: '/order-cancel', filters: { type: TYPES[type], ...dates }, perPage };
  return pageOf(account, list, page, account.http.clock.now() + call.timeoutMs);
}

const originalPageSchema = z.object({ data: rowsOf(z.record(z.string(), z.unknown())) });

/** One page of a list, word for word. */
async function pageOf(
  account: NgorderAccount,
  list: List,
  page: number,
  endsAt: number,
): Promise<OriginalPage | CallFailure> {
  const query = { ...list.filters, per_page: String(list.perPage), pagination_offset: String(page) };
  const result = await account.http.read({
    method: 'GET',
    ...requestTo(account, list.path, { query }),
    body: null,
    timeoutMs: endsAt - account.http.clock.now(),
  });
  const heard = hear(result, account.http);
  if (heard.kind === 'no' || heard.kind === 'not_found') return { kind: 'lost', problem: 'provider_error' };
  if (heard.kind !== 'answer') return heard;

  const parsed = parseReply(pageSchema, heard.json, account.http);
  const whole = parsed === null ? null : parseReply(originalPageSchema, heard.json, account.http);
  if (parsed === null || whole === null) return unreadable(heard);
  const { total, total_pages: totalPages } = parsed.meta?.pagination ?? {
    total: whole.data.length,
    total_pages: page + 1,
  };
  return { kind: 'page', rows: whole.data, total, totalPages };
}
