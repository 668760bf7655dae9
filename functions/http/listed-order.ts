import type { ListedOrder, LookUpReply } from '../providers/provider.ts';
import { CancelledOrderNotFound, OrderNotCancelled, OrderNotFound } from './errors.ts';
import { providerFailure } from './provider-failure.ts';

/**
 * The cancelled order that a look-up found, of any of the three types. Where it found none, throws `CancelledOrderNotFound` to
 * who wanted to see one; to who wanted to delete it, `OrderNotCancelled` where the order is there and `OrderNotFound` where it is not.
 * `ProviderFailed` and `ProviderUnavailable` where the order could not be read.
 */
export function listedOrThrow(seen: LookUpReply, wanted: 'get' | 'delete'): ListedOrder {
  switch (seen.kind) {
    case 'cancelled':
    case 'closed':
      if (!seen.order.listed) throw new CancelledOrderNotFound();
      return seen.order.listed;
    case 'deciding':
    case 'not_cancelled':
      throw wanted === 'get' ? new CancelledOrderNotFound() : new OrderNotCancelled();
    case 'order_not_found':
    case 'nowhere':
      throw wanted === 'get' ? new CancelledOrderNotFound() : new OrderNotFound(null, false);
    case 'credential_rejected':
    case 'rate_limited':
    case 'not_sent':
    case 'lost':
      throw providerFailure(seen);
  }
}
