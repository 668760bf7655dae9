import type { UnpaidRule } from '../../providers/connections.ts';
import type { UnpaidOrder, Warning } from '../../providers/provider.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { StillMeant } from '../needs.ts';

/** Why an order that is listed as unpaid is spared: stable codes. A warning against any cancel is a veto too. */
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
 * Returns every reason why a rule must not cancel an order, as it was just read. Without a reason the rule means the order. An unknown
 * value is a reason. `order` is null if it is not among the active orders.
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

/** Returns the latest moment, in epoch milliseconds, at which an order was made whose payment the rule no longer waits for. */
export function madeBefore({ olderThanHours }: UnpaidRule, now: number): number {
  return now - olderThanHours * HOUR_MS;
}

/**
 * Creates the check whether the rule for unpaid orders still means an order. The check reads the order itself, since the order may have been
 * paid after the earlier ask, whose answer got lost or which was never sent.
 */
export function newStillMeant(clock: Clock): StillMeant {
  return async ({ orderId }, seen, { client, cancelUnpaid: rule }, call) => {
    const { unpaidOrders } = client;
    if (seen.kind === 'closed' || rule === undefined || rule.dryRun || !unpaidOrders.offered) return { kind: 'spared' };
    const read = await unpaidOrders.call.read(orderId, call);
    if (read.kind !== 'read') return read;
    // The order moved between the two reads. The next look shows where it is.
    if (read.order?.isActive !== true) return { kind: 'moved' };
    return { kind: vetoesOf(read.order, rule, clock.now()).length === 0 ? 'meant' : 'spared' };
  };
}
