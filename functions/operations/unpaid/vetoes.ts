import type { UnpaidRule } from '../../providers/connections.ts';
import type { UnpaidOrder, Warning } from '../../providers/provider.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { StillMeant } from '../needs.ts';

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

/**
 * Asks the rule for unpaid orders whether it still means an order, by a read of its own: the order may have been paid since the ask
 * whose answer got lost, or that was never sent.
 */
export function newStillMeant(clock: Clock): StillMeant {
  return async ({ orderId }, seen, { client, cancelUnpaid: rule }, call) => {
    const { unpaidOrders } = client;
    if (seen.kind === 'closed' || rule === undefined || rule.dryRun || !unpaidOrders.offered) return { kind: 'spared' };
    const read = await unpaidOrders.call.read(orderId, call);
    if (read.kind !== 'read') return read;
    // The order moved between the two reads: the next look shows where it is.
    if (read.order?.isActive !== true) return { kind: 'moved' };
    return { kind: vetoesOf(read.order, rule, clock.now()).length === 0 ? 'meant' : 'spared' };
  };
}
