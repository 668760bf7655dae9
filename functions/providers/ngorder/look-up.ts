import type { CallLimits, LookUpQuery, LookUpReply, OrderFacts, Warning } from '../provider.ts';
import { findIn, type List } from './lists.ts';
import type { NgorderAccount, NgorderRow } from './wire.ts';

/** How the list of orders spells it; the filter of the cancelled list has `CANCEL`. */
const CANCELED = 'CANCELED';
const DAY_MS = 24 * 60 * 60 * 1_000;

/**
 * Put together from the lists, since there is no documented call for one order: `GET /order` by id, then always the
 * cancelled list, which is the only proof that a cancelled order is, and then those of rejected and expired orders.
 */
export async function lookUp(account: NgorderAccount, query: LookUpQuery, call: CallLimits): Promise<LookUpReply> {
  const { clock } = account.http;
  const endsAt = clock.now() + call.timeoutMs;
  const dates = everyDate(clock.now(), account.timeZone);
  const find = (list: List) => findIn(account, list, query.orderId, endsAt);

  const active = await find(ordersById(query.orderId, dates));
  if (active.kind !== 'found' && active.kind !== 'absent') return active;
  if (active.kind === 'found' && active.row.order_status?.toUpperCase() === CANCELED) {
    return { kind: 'cancelled', order: factsOf(active.row, CANCELED) };
  }

  const cancelled = await find(cancelledOrders('CANCEL', dates));
  if (cancelled.kind === 'found') return { kind: 'cancelled', order: factsOf(cancelled.row, CANCELED) };
  if (cancelled.kind !== 'absent') return cancelled;
  if (active.kind === 'found') {
    const status = active.row.order_status ?? 'not shown';
    // Another word for it than the documented one proves neither that it is cancelled nor that it is not.
    if (/cancel/i.test(status)) return { kind: 'deciding', order: factsOf(active.row, status) };
    return notCancelled(active.row, status);
  }

  for (const type of ['REJECTED', 'EXPIRED'] as const) {
    const search = await find(cancelledOrders(type, dates));
    if (search.kind === 'found') return notCancelled(search.row, type);
    if (search.kind !== 'absent') return search;
  }
  return { kind: 'nowhere' };
}

type Dates = Readonly<{ start_date: string; end_date: string }>;

/** Without dates, `GET /order` shows the last 30 days only. The end is two days ahead, as ngorder's time zone is not documented. */
export function everyDate(now: number, timeZone: string): Dates {
  const end = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(now + 2 * DAY_MS);
  return { start_date: '2000-01-01', end_date: end };
}

export function ordersById(orderId: string, dates: Dates): List {
  return { path: '/order', filters: { type: 'ORDER_ID', keyword: orderId, ...dates }, perPage: 100 };
}

export function cancelledOrders(type: 'CANCEL' | 'REJECTED' | 'EXPIRED', dates: Dates): List {
  return { path: '/order-cancel', filters: { type, ...dates }, perPage: 50 };
}

/** ngorder keeps no record of a refusal. */
function notCancelled(row: NgorderRow, status: string): LookUpReply {
  return { kind: 'not_cancelled', order: factsOf(row, status), refusal: null, mark: null };
}

function factsOf(row: NgorderRow, status: string): OrderFacts {
  return { status, warnings: warningsOf(row, status), personalData: personalDataOf(row) };
}

function warningsOf(row: NgorderRow, status: string): Warning[] {
  const isShipped =
    ['ON PROCESS', 'DELIVERED'].includes(row.order_progress_status?.toUpperCase() ?? '') ||
    row.awb_number.trim() !== '';
  const isOfMarketplace = isShown(row.shopee) || row.order_category?.toUpperCase() === 'SHOPEE';
  const isPaid = ['PAID', 'INSTALLMENT'].includes(row.payment_status?.toUpperCase() ?? '');

  const warnings: [boolean, Warning][] = [
    [status === CANCELED, { code: 'already_cancelled', text: 'The order is cancelled already.' }],
    [isShipped, { code: 'shipped', text: 'The order has an airway bill or is on its way.' }],
    [
      isOfMarketplace,
      {
        code: 'marketplace_order',
        text: 'The order came from Shopee, which is not told of the cancellation for sure.',
      },
    ],
    [
      isPaid,
      {
        code: 'paid',
        text: "The order is paid in full or in part. Cancelling it seems to credit the customer's OrderPay balance.",
      },
    ],
  ];
  return warnings.filter(([applies]) => applies).map(([, warning]) => warning);
}

/** An object of which something is shown: `null`, `[]` and `{}` are all ways of saying that there is none. */
function isShown(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

function personalDataOf(row: NgorderRow): string[] {
  const { sender_name, sender_address, sender_phone, receiver_name, receiver_address, receiver_phone } = row;
  const values = [sender_name, sender_address, sender_phone, receiver_name, receiver_address, receiver_phone];
  return [...new Set(values.map((value) => value?.trim() ?? ''))].filter((value) => value !== '');
}
