import { onColdStart } from './assembly/cold-start.ts';
import { partsFor } from './assembly/parts.ts';
import { httpChain } from './http/chain.ts';
import type { RouteContract } from './http/contract.ts';
import { connectionsBody, type ConnectionsBody } from './http/reply-bodies.ts';
import type { ApiReply, ApiRequest } from './http/request.ts';
import type { Accounts } from './operations/accounts.ts';
import type { ConnectionHealth, ConnectionState } from './operations/connection-health.ts';
import { AccountTurnedAway } from './operations/errors.ts';
import { pausedUntil } from './operations/outage.ts';
import type { Connections } from './providers/connections.ts';
import type { Clock } from './runtime/clock.ts';
import { SecretUnreadable } from './runtime/errors.ts';
import type { InvocationLogger } from './runtime/logger.ts';

export interface ListConnectionsNeeds {
  readonly connections: Connections;
  readonly health: Pick<ConnectionHealth, 'read'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly accounts: Pick<Accounts, 'check'>;
  readonly log: InvocationLogger;
}

/** The connections that the caller may use, and whether their providers still take their credentials. */
export async function listConnections(
  { caller }: ApiRequest,
  needs: ListConnectionsNeeds,
): Promise<ApiReply<ConnectionsBody>> {
  const names = needs.connections.names().filter((name) => caller.connections?.includes(name) ?? true);
  const connections = await Promise.all(
    names.map(async (name): Promise<ConnectionsBody['connections'][number]> => {
      const { provider, baseUrl, quietPeriodSeconds, timeoutSeconds } = needs.connections.get(name);
      const state = await needs.health.read(name);
      const [since, turnedAway] = await Promise.all([rejectedSince(name, state, needs), whyTurnedAway(name, needs)]);
      const until = since === null && turnedAway === null ? pausedUntil(state, needs.clock.now()) : null;
      return {
        name,
        provider,
        baseUrl,
        quietPeriodSeconds,
        timeoutSeconds,
        health: turnedAway ?? (since !== null ? 'needs_reauth' : until !== null ? 'paused' : 'ok'),
        since,
        until: until === null ? null : new Date(until).toISOString(),
      };
    }),
  );
  return { status: 200, body: { connections, nextCursor: null } };
}

/** Since when the provider rejects the very credential that is stored now; null when it does not. */
async function rejectedSince(
  name: string,
  state: ConnectionState | null,
  { connections }: ListConnectionsNeeds,
): Promise<string | null> {
  if (state === null || state.credentialDigest === null) return null;
  try {
    const { credentialDigest } = await connections.open(name, { fresh: true });
    return credentialDigest === state.credentialDigest ? state.rejectedAt : null;
  } catch (error) {
    if (error instanceof SecretUnreadable) return state.rejectedAt;
    throw error;
  }
}

/** Why the connection is not used whatever its credential is; null where nothing speaks against it, or the credential cannot be read. */
async function whyTurnedAway(name: string, { connections, accounts }: ListConnectionsNeeds) {
  const declared = connections.declaredAccount(name);
  try {
    await accounts.check({
      name,
      account: declared.marks.length > 0 ? declared : (await connections.open(name)).account,
    });
    return null;
  } catch (error) {
    if (error instanceof AccountTurnedAway) return error.why;
    if (error instanceof SecretUnreadable) return null;
    throw error;
  }
}

export function contract(): RouteContract {
  return {
    tag: 'Setup',
    summary: 'The connections and their health',
    description: 'Those that the token is for. No credentials.',
    replies: { 200: { description: 'The connections.', body: connectionsBody } },
    problems: [],
  };
}

export function newHandler(needs: ListConnectionsNeeds) {
  return httpChain({ access: 'read', log: needs.log, handle: (request) => listConnections(request, needs) });
}

export const handler = onColdStart(() => {
  const { connections, health, accounts, clock, log } = partsFor('list-connections');
  return newHandler({ connections: connections(), health: health(), accounts: accounts(), clock, log: log() });
});
