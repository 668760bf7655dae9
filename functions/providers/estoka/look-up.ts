import type { CallLimits, LookUpQuery, LookUpReply, OrderFacts, Warning } from '../provider.ts';
import { unreadable } from '../voice.ts';
import { listedOf } from './cancelled-row.ts';
import { CLOCK_TOLERANCE_MS, isBeingDecided, markOf, refusalOf } from './history.ts';
import { hear } from './voice.ts';
import {
  CANCELLED,
  isCancelLike,
  isOrderAsked,
  orderReplySchema,
  orderRequest,
  type EstokaAccount,
  type EstokaOrder,
} from './wire.ts';

/** `GET …/orders/{id}`. */
export async function lookUp(account: EstokaAccount, query: LookUpQuery, call: CallLimits): Promise<LookUpReply> {
  const result = await account.http.read({
    method: 'GET',
    ...orderRequest(account, query.orderId, ''),
    timeoutMs: call.timeoutMs,
  });
  const heard = hear(result);
  if (heard.kind === 'not_found') return { kind: 'order_not_found' };
  if (heard.kind === 'no') return { kind: 'lost', problem: 'provider_error' };
  if (heard.kind !== 'answer') return heard;
  const parsed = orderReplySchema.safeParse(heard.json);
  if (!parsed.success) return unreadable(heard);

  const { order } = parsed.data;
  if (!isOrderAsked(order, query.orderId, account.organizationId)) return { kind: 'lost', problem: 'wrong_order' };
  const facts = factsOf(order);
  if (order.status === CANCELLED) {
    return { kind: 'cancelled', order: { ...facts, listed: listedOf(account, order) } };
  }
  if (isCancelLike(order.status) || isBeingDecided(order)) return { kind: 'deciding', order: facts };
  if (order.order_histories === null) return { kind: 'lost', problem: 'unreadable_reply' };
  return {
    kind: 'not_cancelled',
    order: facts,
    refusal: refusalOf(order, query, CLOCK_TOLERANCE_MS),
    mark: markOf(order),
  };
}

function factsOf(order: EstokaOrder): OrderFacts {
  const amount = order.data?.total_value ?? null;
  const total = amount === null ? null : { amount, currency: 'BRL' };
  return { status: order.status, warnings: warningsOf(order), total, personalData: personalDataOf(order) };
}

/** Events that mean that the goods have left. As a status only `delivered` has been seen. */
const SHIPPED: readonly string[] = ['released', 'delivered'];
/** Payment method code 90: no payment. */
const NO_PAYMENT = '90';

function warningsOf(order: EstokaOrder): Warning[] {
  const seen = [order.status, ...(order.order_histories ?? []).map((row) => row.status)];
  const isPaid = order.data?.payments.some(({ value, method }) => (value ?? 0) > 0 && method !== NO_PAYMENT) ?? false;
  const hasInvoice = seen.includes('nfe_issued') || (order.data?.emission_status ?? '') !== '';
  const isReturned = order.order_returns.length > 0 || seen.includes('completed_return');

  const warnings: [boolean, Warning][] = [
    [order.status === CANCELLED, { code: 'already_cancelled', text: 'The order is cancelled already.' }],
    [seen.some((status) => SHIPPED.includes(status)), { code: 'shipped', text: 'The goods have left.' }],
    [
      hasInvoice,
      { code: 'invoice_issued', text: 'An invoice has been issued; it is not cancelled with the order for sure.' },
    ],
    [isPaid, { code: 'paid', text: 'The order has payments. Cancelling it here pays nothing back.' }],
    [isReturned, { code: 'partly_returned', text: 'Some of the goods have been returned before.' }],
  ];
  return warnings.filter(([applies]) => applies).map(([, warning]) => warning);
}

function personalDataOf({ data }: EstokaOrder): string[] {
  const customer = data?.customer;
  const addresses = [data?.billing_address, data?.shipping_address].flatMap((address) =>
    address ? [address.street, address.detail, address.neighborhood, address.zipcode, address.city] : [],
  );
  const values = [customer?.name, customer?.email, customer?.document, ...(customer?.phones ?? []), ...addresses];
  return [...new Set(values.map((value) => value?.trim() ?? ''))].filter((value) => value !== '');
}
