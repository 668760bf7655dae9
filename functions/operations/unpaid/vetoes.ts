import type { OpenConnection, UnpaidRule } from '../../providers/connections.ts';
import type { CallLimits, LookUpReply, UnpaidOrder, Warning } from '../../providers/provider.ts';
import type { CallFailure } from '../../providers/call-failure.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { OpenOperation } from '../rules/operation.ts';

/** Why an order that is said to be unpaid is let be. Stable codes; what speaks against any cancel is one, too. */
export const VETOES = [
  'not_active',
  'paid',
  'payment_unclear',
  'cash_on_delivery',
  'cash_on_delivery_unclear',
  'in_progress',
  'other_origin',
  'too_young',
  'age_unclear',
] as const;
export type Veto = (typeof VETOES)[number] | Warning['code'];

const HOUR_MS = 3_600_000;

/**
 * All that keeps a rule from cancelling an order as it was just read; none: it is to be cancelled. What is not known speaks against
 * it. `null`: the order is not among the active ones.
 */
export function vetoesOf(order: UnpaidOrder | null, rule: UnpaidRule, now: number): Veto[] {
  if (order === null) return ['not_active'];
  const { payment, cashOnDelivery, madeBy, origin } = order;
  const vetoes: [boolean, Veto][] = [
    [!order.isActive, 'not_active'],
    [payment === 'shown', 'paid'],
    [payment === 'unclear', 'payment_unclear'],
    [cashOnDelivery === true, 'cash_on_delivery'],
    [cashOnDelivery === null && rule.cashOnDelivery, 'cash_on_delivery_unclear'],
    [!order.isWaiting, 'in_progress'],
    [origin === null || !rule.origins.includes(origin), 'other_origin'],
    [madeBy === null, 'age_unclear'],
    [madeBy !== null && madeBy > madeBefore(rule, now), 'too_young'],
  ];
  const own = vetoes.filter(([applies]) => applies).map(([, veto]) => veto);
  return [...new Set([...own, ...order.warnings.map(({ code }) => code)])];
}

/** Up to when an order must have been made for its payment not to be waited for any more, in epoch milliseconds. */
export function madeBefore({ olderThanHours }: UnpaidRule, now: number): number {
  return now - olderThanHours * HOUR_MS;
}

/** What a rule says of an order that is about to be asked for again. `moved`: it is not where the look-up saw it. */
export type Ruling = { readonly kind: 'meant' | 'spared' | 'moved' } | CallFailure;

/**
 * Whether the rule that asked for an order still means it, by a read of its own: it may have been paid since the ask whose answer got
 * lost, or that was never sent. `seen`: what proved that the ask had no effect.
 */
export async function rulingOn(
  { orderId }: Pick<OpenOperation, 'orderId'>,
  seen: LookUpReply,
  { client, cancelUnpaid: rule }: OpenConnection,
  clock: Clock,
  call: CallLimits,
): Promise<Ruling> {
  const { unpaidOrders } = client;
  if (seen.kind === 'closed' || rule === undefined || rule.dryRun || !unpaidOrders.offered) return { kind: 'spared' };
  const read = await unpaidOrders.call.read(orderId, call);
  if (read.kind !== 'read') return read;
  // It moved between the two: what it is now shows the next time.
  if (read.order?.isActive !== true) return { kind: 'moved' };
  return { kind: vetoesOf(read.order, rule, clock.now()).length === 0 ? 'meant' : 'spared' };
}
