import type { OpenConnection } from '../providers/connections.ts';
import type { ConnectionState } from './connection-health.ts';
import type { ReadNeeds } from './needs.ts';
import { pauseAfter, pausedUntil, type isOutage } from './outage.ts';

/** Whether a connection's provider may be called now. */
export type Standing =
  | { readonly kind: 'usable' }
  /** The provider rejected the credential that is stored. `since`: when, as an ISO date. */
  | { readonly kind: 'needs_reauth'; readonly since: string | null }
  /** Something other than the provider answered lately (`outage.ts`). `until`: in epoch milliseconds. */
  | { readonly kind: 'paused'; readonly until: number };

/**
 * Says whether a connection may be called at `now` (epoch milliseconds). A rejection counts only for the credential that the provider
 * rejected. `connection`: null if its credential was not read; then no rejection counts.
 */
export function standingOf(
  connection: Pick<OpenConnection, 'credentialDigest'> | null,
  state: ConnectionState | null,
  now: number,
): Standing {
  if (state === null) return { kind: 'usable' };
  if (state.credentialDigest === connection?.credentialDigest) return { kind: 'needs_reauth', since: state.rejectedAt };
  const until = pausedUntil(state, now);
  return until === null ? { kind: 'usable' } : { kind: 'paused', until };
}

/**
 * Notes what a reply says of its connection: a rejected credential marks it, an outage pauses it, and every other reply says nothing.
 * `orderId`: null if the call was for no single order.
 */
export async function noteReply(
  reply: Parameters<typeof isOutage>[0],
  connection: OpenConnection,
  orderId: string | null,
  needs: ReadNeeds,
): Promise<void> {
  if (reply.kind === 'credential_rejected') await rejectCredential(connection, needs);
  else await pauseAfter(reply, connection, orderId, needs);
}

/**
 * Marks the credential as rejected, unless another one is stored by now: then calls go on with that one. Reads for somebody who waits
 * call this instead of {@link noteReply}, as an outage that they meet pauses nothing.
 */
export async function rejectCredential(
  connection: OpenConnection,
  needs: Pick<ReadNeeds, 'openConnection' | 'health' | 'log'>,
): Promise<void> {
  const stored = await needs.openConnection(connection.name, { fresh: true }).catch(() => connection);
  if (stored.credentialDigest !== connection.credentialDigest) return;
  const names = { connection: connection.name, provider: connection.provider.name };
  try {
    await needs.health.markRejected(connection.name, connection.credentialDigest);
  } catch (error) {
    // The operation's move must be written all the same; the next call meets the 401 again.
    needs.log.error('CONNECTION_HEALTH_NOT_WRITTEN', { ...names, error: String(error) });
  }
  needs.log.error('CONNECTION_NEEDS_REAUTH', names);
}
