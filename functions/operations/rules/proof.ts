import type { ListedOrder, LookUpReply, OrderFacts } from '../../providers/provider.ts';
import type { CallFailure } from '../../providers/call-failure.ts';
import type { OperationKind } from './operation.ts';

/** What a look-up proves about the change that an operation asks for. */
export type Proof =
  /** The order is as wanted. `status`: the provider's own word; null if the order is gone. */
  | { readonly kind: 'done'; readonly status: string | null; readonly listed: ListedOrder | null }
  /** The order is not as wanted now. This proves that an ask had no effect only after the ask's quiet period. */
  | {
      readonly kind: 'undone';
      readonly order: OrderFacts;
      readonly refusal: string | null;
      readonly historyMark: string | null;
    }
  /** The order is not as wanted, and must not be asked for again: it is active, and only a cancelled order may be deleted. */
  | { readonly kind: 'ruled_out'; readonly order: OrderFacts }
  /** The provider is still deciding on the cancellation that was wanted. */
  | { readonly kind: 'deciding'; readonly order: OrderFacts }
  | { readonly kind: 'order_not_found' }
  | { readonly kind: 'nowhere' }
  /** The look-up proves neither. */
  | { readonly kind: 'unclear' }
  | CallFailure;

/**
 * Returns what a look-up proves:
 *
 * | seen | cancel | restore | delete |
 * | --- | --- | --- | --- |
 * | cancelled | done | undone | undone |
 * | closed (rejected, expired) | undone | undone | undone |
 * | not cancelled (active) | undone | done | ruled out |
 * | not cancelled, status word unknown | undone | unclear | unclear |
 * | deciding on a cancellation | deciding | unclear | unclear |
 * | not known to the provider | order not found | order not found | done |
 * | in no list | nowhere | nowhere | done |
 *
 * An order that is in no list proves a delete only because the order was seen before: no delete begins without a tombstone.
 */
export function proofOf(wanted: OperationKind, seen: LookUpReply): Proof {
  switch (seen.kind) {
    case 'cancelled':
      if (wanted === 'cancel') return { kind: 'done', status: seen.order.status, listed: seen.order.listed ?? null };
      return undone(seen.order);
    case 'closed':
      return undone(seen.order);
    case 'not_cancelled':
      if (wanted === 'cancel') return { ...seen, kind: 'undone' };
      if (seen.isUnclear === true) return { kind: 'unclear' };
      if (wanted === 'restore') return { kind: 'done', status: seen.order.status, listed: null };
      return { kind: 'ruled_out', order: seen.order };
    case 'deciding':
      return wanted === 'cancel' ? seen : { kind: 'unclear' };
    case 'order_not_found':
    case 'nowhere':
      return wanted === 'delete' ? { kind: 'done', status: null, listed: null } : seen;
    case 'credential_rejected':
    case 'rate_limited':
    case 'not_sent':
    case 'lost':
      return seen;
  }
}

function undone(order: OrderFacts): Proof {
  return { kind: 'undone', order, refusal: null, historyMark: null };
}
