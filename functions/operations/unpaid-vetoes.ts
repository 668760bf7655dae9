import type { OpenConnection, UnpaidRule } from '../providers/connections.ts';
import type { LookUpReply, UnpaidOrder, Warning } from '../providers/provider.ts';
import type { Clock } from '../runtime/clock.ts';
import type { OpenOperation } from './operation.ts';

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
const TELLS_NOTHING = { kind: 'lost', problem: 'unreadable_reply' } as const;

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
    [madeBy !== null && now - madeBy < rule.olderThanHours * HOUR_MS, 'too_young'],
  ];
  const own = vetoes.filter(([applies]) => applies).map(([, veto]) => veto);
  return [...new Set([...own, ...order.warnings.map(({ code }) => code)])];
}

/**
 * The connection as the settler may use it for an operation. What a rule asked for is asked for again only while the rule stands
 * and, by a read of its own, still means the order: it may have been paid since the ask whose answer got lost, or that was
 * never sent. Otherwise the look-up says so, and no ask follows.
 */
export function sparing(
  operation: Pick<OpenOperation, 'trigger' | 'orderId'>,
  connection: OpenConnection,
  clock: Clock,
): OpenConnection {
  if (operation.trigger !== 'schedule') return connection;
  const { client, cancelUnpaid: rule } = connection;
  const lookUp: typeof client.lookUp = async (query, call) => {
    const endsAt = clock.now() + call.timeoutMs;
    const seen = await client.lookUp(query, call);
    if (seen.kind === 'nowhere') return TELLS_NOTHING;
    if (seen.kind !== 'not_cancelled' && seen.kind !== 'closed') return seen;
    const spared: LookUpReply = { kind: 'not_cancelled', order: seen.order, refusal: null, mark: null, isSpared: true };
    if (seen.kind === 'closed' || rule === undefined || rule.dryRun || !client.unpaidOrders.offered) return spared;
    const read = await client.unpaidOrders.call.read(operation.orderId, { timeoutMs: endsAt - clock.now() });
    if (read.kind !== 'read') return read;
    // It moved between the two: what it is now shows the next time.
    if (read.order?.isActive !== true) return TELLS_NOTHING;
    return vetoesOf(read.order, rule, clock.now()).length === 0 ? seen : spared;
  };
  return { ...connection, client: { ...client, lookUp } };
}
