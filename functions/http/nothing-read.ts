import { AccountTurnedAway } from '../operations/errors.ts';
import { SecretUnreadable } from '../runtime/errors.ts';
import { ProviderFailed, ProviderUnavailable } from './errors.ts';

/** Returns the error to throw if no order of a connection could be read; null if the problem is no failure to read. */
export function nothingRead(connection: string, problem: string): Error | null {
  switch (problem) {
    case 'connection_unavailable':
      return new SecretUnreadable(connection);
    case 'account_has_another_name':
    case 'name_has_another_account':
      return AccountTurnedAway.because(connection, problem);
    case 'needs_reauth':
      return new ProviderFailed('credential_rejected');
    case 'connection_cut':
    case 'provider_error':
    case 'foreign_reply':
    case 'unknown_reply':
    case 'unreadable_reply':
    case 'stale_reply':
    case 'look_up_too_large':
    case 'wrong_order':
      return new ProviderFailed(problem);
    case 'provider_unreachable':
    case 'timed_out':
    case 'rate_limited':
      return new ProviderUnavailable(problem, null);
    default:
      return null;
  }
}
