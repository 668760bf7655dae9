import type { ListedOrder, LookUpReply, OrderFacts } from '../../providers/provider.ts';
import type { CallFailure } from '../../providers/call-failure.ts';
import type { OperationKind } from './operation.ts';

/** What a look-up says of what an operation wanted. */
export type Proof =
  /** It is so. `status`: the provider's own word, where the order is still there to show one. */
  | { readonly kind: 'done'; readonly status: string | null; readonly listed: ListedOrder | null }
  /** It is not so now; that proves that an ask had no effect only after its quiet period. */
  | {
      readonly kind: 'undone';
      readonly order: OrderFacts;
      readonly refusal: string | null;
      readonly historyMark: string | null;
    }
  /** It is not so, and may not be asked for any more: the order is active, and only a cancelled one may be deleted. */
  | { readonly kind: 'ruled_out'; readonly order: OrderFacts }
  /** The provider is still deciding over a cancellation, which is what was wanted. */
  | { readonly kind: 'deciding'; readonly order: OrderFacts }
  | { readonly kind: 'order_not_found' }
  | { readonly kind: 'nowhere' }
  /** What is seen says neither. */
  | { readonly kind: 'unclear' }
  | CallFailure;

/**
 * | seen | cancel | restore | delete |
 * | --- | --- | --- | --- |
 * | cancelled | done | undone | undone |
 * | closed (rejected, expired) | undone | undone | undone |
 * | not cancelled (active) | undone | done | ruled out |
 * | not cancelled, in a word that is not known | undone | unclear | unclear |
 * | deciding over a cancellation | deciding | unclear | unclear |
 * | not known to the provider | order not found | order not found | done |
 * | in no list | nowhere | nowhere | done |
 *
 * That an order is in no list proves that it was deleted only because it was seen before: no delete begins without a tombstone.
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
