import type { CallFailure } from '../providers/call-failure.ts';
import { ProviderFailed, ProviderUnavailable } from './errors.ts';

/** Returns the error to throw if an order could not be read at its provider. */
export function providerFailure(failure: CallFailure): ProviderFailed | ProviderUnavailable {
  switch (failure.kind) {
    case 'credential_rejected':
      return new ProviderFailed('credential_rejected');
    case 'rate_limited':
      return new ProviderUnavailable('rate_limited', secondsOf(failure.retryAfterMs));
    case 'not_sent':
      return new ProviderUnavailable(failure.problem, null);
    case 'lost':
      if (failure.problem === 'timed_out') return new ProviderUnavailable('timed_out', null);
      return new ProviderFailed(failure.problem);
  }
}

function secondsOf(ms: number | null): number | null {
  return ms === null ? null : Math.max(1, Math.ceil(ms / 1000));
}
