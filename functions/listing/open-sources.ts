import type { OperationNeeds } from '../operations/needs.ts';
import { AccountTurnedAway } from '../operations/errors.ts';
import { openForReading } from '../operations/read-back.ts';
import { rejectCredential } from '../operations/standing.ts';
import type { CancelledOrderType } from '../providers/cancelled-order.ts';
import type { OpenConnection } from '../providers/connections.ts';
import { spanOf, type Period } from './period.ts';
import { ledgerSource, providerSource, type ListCancelled, type Source } from './source.ts';

export type ListingNeeds = Pick<OperationNeeds, 'health' | 'openConnection' | 'clock' | 'log' | 'redact'> & {
  readonly ledger: Pick<OperationNeeds['ledger'], 'listCancelled' | 'cancelTimes'>;
};

export type Opened =
  | { readonly kind: 'opened'; readonly from: 'provider' | 'ledger'; readonly sources: readonly Source[] }
  | { readonly kind: 'closed'; readonly problem: 'connection_unavailable' | 'needs_reauth' | AccountTurnedAway['why'] };

/** Opens the sources of a connection's cancelled orders. `notAfter`: newer orders are not needed, in epoch milliseconds. */
export async function openSources(
  name: string,
  query: Period & { types: readonly CancelledOrderType[]; includeCustomer: boolean },
  notAfter: number,
  needs: ListingNeeds,
): Promise<Opened> {
  const connection = await needs.openConnection(name).catch((error: unknown) => {
    // This error is already in the log.
    if (error instanceof AccountTurnedAway) return error;
    needs.log.error('CONNECTION_NOT_OPENED', { connection: name, error });
    return null;
  });
  if (connection instanceof AccountTurnedAway) return { kind: 'closed', problem: connection.why };
  if (connection === null) return { kind: 'closed', problem: 'connection_unavailable' };
  const { from, to: end } = spanOf(query, connection.timeZone);
  const span = { from, to: Math.min(end, notAfter) };
  if (!connection.client.listCancelled.offered) {
    const isAsked = query.types.includes('cancelled') && span.from <= span.to;
    return { kind: 'opened', from: 'ledger', sources: isAsked ? [ledgerSource(connection, span, needs.ledger)] : [] };
  }
  // Someone waits for the list, so it is read from a paused connection too.
  const reader = await openForReading(name, needs);
  if (reader.standing.kind === 'needs_reauth') return { kind: 'closed', problem: 'needs_reauth' };
  const list = listingWith(reader.connection, needs);
  const types = span.from <= span.to ? query.types : [];
  const sources = types.map((type) =>
    providerSource(name, list, { ...span, type, includeCustomer: query.includeCustomer }, needs),
  );
  return { kind: 'opened', from: 'provider', sources };
}

/**
 * Lists with the stored credential. If the provider rejects it and the stored one has changed, the new one is tried; if it has not
 * changed, the rejection is noted.
 */
function listingWith(connection: OpenConnection, needs: ListingNeeds): ListCancelled {
  let current = connection;
  const list: ListCancelled = (query, call) => {
    const { listCancelled } = current.client;
    if (!listCancelled.offered) throw new Error(`${current.provider.name} offers its list only sometimes.`);
    return listCancelled.call(query, call);
  };
  return async (query, call) => {
    const reply = await list(query, call);
    if (reply.kind !== 'credential_rejected') return reply;
    const reopened = await needs.openConnection(connection.name, { fresh: true });
    if (reopened.credentialDigest === current.credentialDigest) {
      await rejectCredential(current, needs);
      return reply;
    }
    current = reopened;
    return list(query, call);
  };
}
