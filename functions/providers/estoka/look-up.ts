import { readingAfter } from '../http-client.ts';
import { noteUnreadable, parseReply } from '../parse-reply.ts';
import type { CallLimits, LookUpQuery, LookUpReply, OrderFacts, Warning } from '../provider.ts';
import { newReading, unreadWarnings, valueOf } from '../shown.ts';
import { saysShipped, unknownStatusWarnings } from '../status-words.ts';
import { unreadable } from '../voice.ts';
import { listedOf } from './cancelled-row.ts';
import { personalDataOf } from './customer.ts';
import { CLOCK_TOLERANCE_MS, isBeingDecided, isRefusedLast, markOf, refusalOf } from './history.ts';
import { hear } from './voice.ts';
import {
  CANCELLED,
  fieldOf,
  isCancelLike,
  isOrderAsked,
  KNOWN_STATUSES,
  noteStatus,
  orderReadSchema,
  orderRequest,
  type EstokaAccount,
  type EstokaOrder,
} from './wire.ts';

/** `GET …/orders/{id}`. */
export async function lookUp(account: EstokaAccount, query: LookUpQuery, call: CallLimits): Promise<LookUpReply> {
  const result = await readingAfter(account.http, query.madeAfter).read({
    method: 'GET',
    ...orderRequest(account, query.orderId, ''),
    timeoutMs: call.timeoutMs,
  });
  const heard = hear(result, account.http);
  if (heard.kind === 'not_found') return { kind: 'order_not_found' };
  if (heard.kind === 'no') return { kind: 'lost', problem: 'provider_error' };
  if (heard.kind !== 'answer') return heard;
  const parsed = parseReply(orderReadSchema, heard.json, account.http);
  if (parsed === null) return unreadable(heard);

  const { order } = parsed;
  if (!isOrderAsked(order, query.orderId, account.organizationId)) return { kind: 'lost', problem: 'wrong_order' };
  const facts = factsOf(order);
  if (order.status === CANCELLED) {
    return { kind: 'cancelled', order: { ...facts, listed: listedOf(account, order) } };
  }
  noteStatus(account, order);
  if (isCancelLike(order.status) || isBeingDecided(order)) return { kind: 'deciding', order: facts };
  if (order.order_histories === null) {
    noteUnreadable(account.http, ['order.order_histories: missing, or not in the known shape']);
    return { kind: 'lost', problem: 'unreadable_reply' };
  }
  return {
    kind: 'not_cancelled',
    order: facts,
    refusal: refusalOf(order, query, CLOCK_TOLERANCE_MS),
    historyMark: markOf(order),
  };
}

function factsOf(order: EstokaOrder): OrderFacts {
  const amount = valueOf(fieldOf(order, 'total_value'));
  const total = amount === null ? null : { amount, currency: 'BRL' };
  return { status: order.status, warnings: warningsOf(order), total, personalData: personalDataOf(order) };
}

/** Payment method code 90: no payment. */
const NO_PAYMENT = '90';

function warningsOf(order: EstokaOrder): Warning[] {
  const seen = [order.status, ...(order.order_histories ?? []).map((row) => row.status)];
  const { told, unread } = newReading();
  const payments = told('payments', fieldOf(order, 'payments')) ?? [];
  const isPaid = payments.some(
    ({ value, method }) => (told('payments', value) ?? 0) > 0 && told('payments', method) !== NO_PAYMENT,
  );
  const hasInvoice = seen.includes('nfe_issued') || told('invoice', fieldOf(order, 'emission_status')) !== null;
  const isReturned = (told('returns', order.order_returns) ?? []).length > 0 || seen.includes('completed_return');

  const warnings: [boolean, Warning][] = [
    [order.status === CANCELLED, { code: 'already_cancelled', text: 'The order is already cancelled.' }],
    [seen.some(saysShipped), { code: 'shipped', text: 'The goods have left.' }],
    [
      hasInvoice,
      { code: 'invoice_issued', text: 'An invoice has been issued. It might not be cancelled with the order.' },
    ],
    [isPaid, { code: 'paid', text: 'The order has payments. Cancelling it here does not refund them.' }],
    [
      isRefusedLast(order),
      { code: 'refused_before', text: 'Estoka refused to cancel the order, and its history shows nothing newer.' },
    ],
    [isReturned, { code: 'partly_returned', text: 'Some of the goods have been returned.' }],
  ];
  return [
    ...warnings.filter(([applies]) => applies).map(([, warning]) => warning),
    ...(isCancelLike(order.status) ? [] : unknownStatusWarnings([order.status], KNOWN_STATUSES)),
    ...unreadWarnings(unread()),
  ];
}
