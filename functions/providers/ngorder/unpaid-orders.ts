import type { CallLimits, UnpaidOrder, UnpaidOrders, UnpaidReply } from '../provider.ts';
import type { CallFailure } from '../call-failure.ts';
import { addDays, dateAt } from '../time-zone.ts';
import { everyDate, failureOf, findIn, ordersById, readPage, type List } from './lists.ts';
import { unpaidOrderOf } from './unpaid-row.ts';
import type { NgorderAccount } from './wire.ts';

/** 10,000 orders. Any further orders of an account are not read. */
const MOST_PAGES = 100;
/** With less time left than this, no further page is read. */
const PAGE_MS = 2_000;

/**
 * Lists unpaid orders by `GET /order` with `payment_status=UNPAID`, which is documented. The category filter is not used: it lacks
 * some of the categories that orders have. A list that changes while it is read may hide a row; the next reading shows it.
 */
export async function listUnpaid(
  account: NgorderAccount,
  { orderedBefore }: Parameters<UnpaidOrders['list']>[0],
  call: CallLimits,
): Promise<UnpaidReply> {
  const { clock } = account.http;
  const endsAt = clock.now() + call.timeoutMs;
  const dates = {
    ...everyDate(clock.now(), account.timeZone),
    // One more day, because the time zone of ngorder's dates is not documented.
    end_date: addDays(dateAt(orderedBefore, account.timeZone), 1),
  };
  const list: List = { path: '/order', filters: { payment_status: 'UNPAID', ...dates }, perPage: 100 };
  const orders = new Map<string, UnpaidOrder>();
  const listed = (isWhole: boolean): UnpaidReply => ({ kind: 'unpaid', orders: [...orders.values()], isWhole });

  for (let page = 1; page <= MOST_PAGES; page += 1) {
    if (page > 1 && endsAt - clock.now() < PAGE_MS) return listed(false);
    const read = await readPage(account, list, page, endsAt);
    if (read.kind !== 'page') return read;
    const known = orders.size;
    for (const row of read.rows) orders.set(row.order_id, unpaidOrderOf(account, row));
    if (read.rows.length === 0 || page >= (read.pagination?.total_pages ?? Infinity)) return listed(true);
    // The same page came again, so no later page can be reached.
    if (orders.size === known) return listed(false);
  }
  return listed(false);
}

/** Reads the order's row in the list of orders, usually with one request. */
export async function readUnpaid(
  account: NgorderAccount,
  orderId: string,
  call: CallLimits,
): Promise<{ kind: 'read'; order: UnpaidOrder | null } | CallFailure> {
  const { clock } = account.http;
  const list = ordersById(orderId, everyDate(clock.now(), account.timeZone));
  const found = await findIn(account, list, orderId, clock.now() + call.timeoutMs);
  switch (found.kind) {
    case 'found':
      return { kind: 'read', order: unpaidOrderOf(account, found.row) };
    case 'absent':
      return { kind: 'read', order: null };
    case 'too_large':
    case 'credential_rejected':
    case 'rate_limited':
    case 'not_sent':
    case 'lost':
      return failureOf(found);
  }
}
