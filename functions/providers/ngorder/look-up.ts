import type { CancelledOrderType, Money } from '../cancelled-order.ts';
import { readingAfter } from '../http-client.ts';
import { noteUnclearStatus, noteUnknownStatus, noteUnreadable } from '../parse-reply.ts';
import type { CallLimits, LookUpQuery, LookUpReply, OrderFacts, Warning } from '../provider.ts';
import { textsWithin, valueOf } from '../shown.ts';
import { saysCancelled, saysShipped, unknownStatusWarnings } from '../status-words.ts';
import { isOfMarketplace, isPaid, listedOf, TYPES, unreadOf } from './cancelled-row.ts';
import { findInactive } from './find-inactive.ts';
import { everyDate, failureOf, findIn, ordersById } from './lists.ts';
import type { NgorderAccount, NgorderRow } from './wire.ts';

/** A cancelled order's status in the list of orders. The filter of the cancelled list has `CANCEL`. */
const CANCELED = 'CANCELED';
/** The documented words for an active order. */
const ACTIVE: ReadonlySet<string> = new Set(['ACCEPTED', 'ACCEPT']);
/** The documented words of both statuses, and the empty text for one that is not shown. */
const KNOWN_STATUSES: readonly string[] = [
  ...[...ACTIVE, CANCELED, ...Object.values(TYPES), ''],
  ...['UNPAID', 'NO AWB', 'ON PROCESS', 'DELIVERED', 'UNPROCESSED', 'INSTALLMENT'],
];

/**
 * Looks an order up in the lists, because no call for a single order is documented: in `GET /order` by id, then always in the
 * cancelled list, which is the only proof that an order is cancelled, and then among rejected and expired orders. An order in none
 * of them may have become active meanwhile, so the first list is read again.
 */
export async function lookUp(given: NgorderAccount, query: LookUpQuery, call: CallLimits): Promise<LookUpReply> {
  const account = { ...given, http: readingAfter(given.http, query.madeAfter) };
  const { clock } = account.http;
  const endsAt = clock.now() + call.timeoutMs;
  const byId = ordersById(query.orderId, everyDate(clock.now(), account.timeZone));
  const inactive = (row: NgorderRow, type: CancelledOrderType, status: string): OrderFacts => ({
    ...factsOf(row, status),
    listed: listedOf(account, row, type),
  });

  const active = await findIn(account, byId, query.orderId, endsAt);
  if (active.kind !== 'found' && active.kind !== 'absent') return failureOf(active);
  if (active.kind === 'found' && active.row.order_status?.toUpperCase() === CANCELED) {
    return { kind: 'cancelled', order: inactive(active.row, 'cancelled', CANCELED) };
  }
  const wanted = { ...query, row: active.kind === 'found' ? active.row : null };
  const find = (type: CancelledOrderType) => findInactive(account, TYPES[type], wanted, endsAt);

  const cancelled = await find('cancelled');
  if (cancelled.kind === 'found') return { kind: 'cancelled', order: inactive(cancelled.row, 'cancelled', CANCELED) };
  if (cancelled.kind !== 'absent') return failureOf(cancelled);
  const status = active.kind === 'found' ? (active.row.order_status?.toUpperCase() ?? null) : null;
  if (active.kind === 'found' && isActive(active.row)) return shownActive(account, active.row, false);

  for (const type of ['rejected', 'expired'] as const) {
    if (active.kind === 'found' && status === TYPES[type]) {
      return { kind: 'closed', order: inactive(active.row, type, TYPES[type]) };
    }
    const search = await find(type);
    if (search.kind === 'found') return { kind: 'closed', order: inactive(search.row, type, TYPES[type]) };
    if (search.kind !== 'absent') return failureOf(search);
  }
  if (active.kind === 'found') return shownActive(account, active.row, status !== null);
  const again = await findIn(account, byId, query.orderId, endsAt);
  if (again.kind === 'absent') return { kind: 'nowhere' };
  // The order moved during the look-up; the next look-up shows its new state.
  if (again.kind !== 'found') return failureOf(again);
  noteUnreadable(account.http, ['the order moved from one list to another during the look-up']);
  return { kind: 'lost', problem: 'unreadable_reply' };
}

export function isActive({ order_status: status }: NgorderRow): boolean {
  return ACTIVE.has(status?.toUpperCase() ?? '');
}

function isCancelLike({ order_status: status }: NgorderRow): boolean {
  return saysCancelled(status ?? '');
}

/** An order in the list of orders. ngorder keeps no record of a refusal. */
function shownActive({ http, connection }: NgorderAccount, row: NgorderRow, isUnclear: boolean): LookUpReply {
  const status = row.order_status ?? 'not shown';
  // An undocumented word for it proves neither that the order is cancelled nor that it is not.
  if (isCancelLike(row)) {
    noteUnclearStatus(http, row.order_id, status);
    return { kind: 'deciding', order: factsOf(row, status) };
  }
  if (isUnclear) noteUnknownStatus(http, connection, status);
  return {
    kind: 'not_cancelled',
    order: factsOf(row, status),
    refusal: null,
    historyMark: null,
    ...(isUnclear && { isUnclear }),
  };
}

function factsOf(row: NgorderRow, status: string): OrderFacts {
  return { status, warnings: warningsOf(row, status), total: totalOf(row), personalData: personalDataOf(row) };
}

export function totalOf({ total_amount }: NgorderRow): Money | null {
  const amount = valueOf(total_amount);
  return amount === null ? null : { amount, currency: 'IDR' };
}

export function warningsOf(row: NgorderRow, status: string): Warning[] {
  const progress = valueOf(row.order_progress_status) ?? '';
  const isShipped = [row.order_status ?? '', progress].some(saysShipped) || !isBlank(row.awb_number);

  const warnings: [boolean, Warning][] = [
    [status === CANCELED, { code: 'already_cancelled', text: 'The order is already cancelled.' }],
    [isShipped, { code: 'shipped', text: 'The order has an airway bill or is on its way.' }],
    [
      isOfMarketplace(row),
      {
        code: 'marketplace_order',
        text: 'The order came from Shopee, which might not be told of the cancellation.',
      },
    ],
    [
      isPaid(row),
      {
        code: 'paid',
        text: "The order is paid in full or in part. Cancelling it seems to credit the customer's OrderPay balance.",
      },
    ],
  ];
  return [
    ...warnings.filter(([applies]) => applies).map(([, warning]) => warning),
    ...unknownStatusWarnings([isCancelLike(row) ? '' : (row.order_status ?? ''), progress], KNOWN_STATUSES),
    ...unreadOf(row),
  ];
}

/** Only `null` and an empty text are documented for an order without an airway bill; any other value counts as one. */
function isBlank(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
}

function personalDataOf(row: NgorderRow): string[] {
  const { sender_name, sender_address, sender_phone, receiver_name, receiver_address, receiver_phone } = row;
  const values = [sender_name, sender_address, sender_phone, receiver_name, receiver_address, receiver_phone];
  return [...new Set(textsWithin(values))];
}
