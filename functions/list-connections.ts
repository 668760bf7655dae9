import { onColdStart } from './assembly/cold-start.ts';
import { partsFor } from './assembly/parts.ts';
import { httpChain } from './http/chain.ts';
import type { RouteContract } from './http/contract.ts';
import { connectionsBody, type ConnectionsBody } from './http/reply-bodies.ts';
import type { ApiReply, ApiRequest } from './http/request.ts';
import type { Accounts } from './operations/accounts.ts';
import type { ConnectionHealth } from './operations/connection-health.ts';
import { AccountTurnedAway } from './operations/errors.ts';
import { standingOf, type Standing } from './operations/standing.ts';
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

/** Lists the connections that the caller may use, and whether calls are made to their providers now. */
export async function listConnections(
  { caller }: ApiRequest,
  needs: ListConnectionsNeeds,
): Promise<ApiReply<ConnectionsBody>> {
  const names = needs.connections.names().filter((name) => caller.connections?.includes(name) ?? true);
  const connections = await Promise.all(
    names.map(async (name): Promise<ConnectionsBody['connections'][number]> => {
      const { provider, baseUrl, quietPeriodSeconds, timeoutSeconds } = needs.connections.get(name);
      const [standing, turnedAway] = await Promise.all([findStanding(name, needs), whyTurnedAway(name, needs)]);
      const until = standing.kind === 'paused' && turnedAway === null ? new Date(standing.until).toISOString() : null;
      return {
        name,
        provider,
        baseUrl,
        quietPeriodSeconds,
        timeoutSeconds,
        health: turnedAway ?? (standing.kind === 'usable' ? 'ok' : standing.kind),
        since: standing.kind === 'needs_reauth' ? standing.since : null,
        until,
      };
    }),
  );
  return { status: 200, body: { connections, nextCursor: null } };
}

/** Reads whether the connection is usable. Reads its credential only if one was rejected; an unreadable one counts as rejected. */
async function findStanding(name: string, { connections, health, clock }: ListConnectionsNeeds): Promise<Standing> {
  const state = await health.read(name);
  const rejected = state?.credentialDigest ?? null;
  if (rejected === null) return standingOf(null, state, clock.now());
  try {
    return standingOf(await connections.open(name, { fresh: true }), state, clock.now());
  } catch (error) {
    if (error instanceof SecretUnreadable) return standingOf({ credentialDigest: rejected }, state, clock.now());
    throw error;
  }
}

/** Returns why the connection's account is turned away; null if it is not, or if the credential cannot be read. */
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
    description: 'The connections that the token may use, without credentials.',
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
