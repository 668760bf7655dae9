import type { DryRun } from '../operations/dry-run.ts';
import type { CallFailure } from '../providers/provider.ts';
import { OrderNotFound, ProviderFailed, ProviderUnavailable } from './errors.ts';
import type { DryRunBody } from './reply-bodies.ts';
import type { HttpReply } from './request.ts';

/** The reply that fits a dry run. Throws `OrderNotFound`, and `ProviderUnavailable` or `ProviderFailed` where the order could not be read. */
export function dryRunReply(result: DryRun): HttpReply<DryRunBody> {
  switch (result.kind) {
    case 'read': {
      const { wouldCancel, status, effects, warnings, operation } = result;
      const body: DryRunBody = { dryRun: true, wouldCancel, order: { status }, effects, warnings };
      return { status: 200, body: operation === null ? body : { ...body, operation } };
    }
    case 'order_not_found':
      throw new OrderNotFound(null, false);
    case 'credential_rejected':
    case 'rate_limited':
    case 'not_sent':
    case 'lost':
      throw orderUnread(result);
  }
}

/** The error that an order which could not be read is answered with. */
export function orderUnread(failure: CallFailure): ProviderUnavailable | ProviderFailed {
  switch (failure.kind) {
    case 'credential_rejected':
      return new ProviderFailed('credential_rejected');
    case 'rate_limited':
      return new ProviderUnavailable('rate_limited', secondsOf(failure.retryAfterMs));
    case 'not_sent':
      return new ProviderUnavailable(failure.problem, null);
    case 'lost':
      return failure.problem === 'timed_out'
        ? new ProviderUnavailable('timed_out', null)
        : new ProviderFailed(failure.problem);
  }
}

function secondsOf(ms: number | null): number | null {
  return ms === null ? null : Math.max(1, Math.ceil(ms / 1000));
}
