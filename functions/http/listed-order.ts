import type { ListedOrder, LookUpReply } from '../providers/provider.ts';
import { CancelledOrderNotFound, OrderNotCancelled, OrderNotFound } from './errors.ts';
import { providerFailure } from './provider-failure.ts';

/**
 * Returns the cancelled order that a look-up found, of any of the three types. If it found none, a caller who wanted to see the order gets
 * `CancelledOrderNotFound`; one who wanted to delete it gets `OrderNotCancelled` if the order exists and `OrderNotFound` if not. Throws
 * `ProviderFailed` or `ProviderUnavailable` if the order could not be read.
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
