import type { DryRun } from '../operations/dry-run.ts';
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
      throw new ProviderFailed('credential_rejected');
    case 'rate_limited':
      throw new ProviderUnavailable('rate_limited', secondsOf(result.retryAfterMs));
    case 'not_sent':
      throw new ProviderUnavailable(result.problem, null);
    case 'lost':
      if (result.problem === 'timed_out') throw new ProviderUnavailable('timed_out', null);
      throw new ProviderFailed(result.problem);
  }
}

function secondsOf(ms: number | null): number | null {
  return ms === null ? null : Math.max(1, Math.ceil(ms / 1000));
}
