import type { OpenConnection } from '../providers/connections.ts';
import type { LostProblem } from '../providers/call-failure.ts';
import type { OperationNeeds } from './needs.ts';
import type { ConnectionState } from './connection-health.ts';

/** How long a connection is left alone after an outage, unless its quiet period is shorter. */
const PAUSE_MS = 60_000;

/** Statuses that may concern one order alone: a page for an id that does not exist, and an empty success. */
const OF_ONE_ORDER: readonly (number | undefined)[] = [404, 204];

/** Whether a reply shows an outage of its connection: something other than the provider answers there. */
export function isOutage(reply: {
  readonly kind: string;
  readonly problem?: LostProblem | 'provider_unreachable';
  readonly status?: number;
}): boolean {
  return reply.kind === 'lost' && reply.problem === 'foreign_reply' && !OF_ONE_ORDER.includes(reply.status);
}

/**
 * Pauses the connection after a reply that shows an outage. For at most a minute, no function asks for its orders or looks them up. Then
 * one call finds out whether the outage is over. An order for which the connection was recently paused does not pause it again, since that
 * order alone may be answered like this for ever; in an outage other orders pause it. `orderId`: null if the call was for no single order.
 */
export async function pauseAfter(
  reply: Parameters<typeof isOutage>[0],
  connection: OpenConnection,
  orderId: string | null,
  { health, clock, log }: Pick<OperationNeeds, 'health' | 'clock' | 'log'>,
): Promise<void> {
  if (!isOutage(reply)) return;
  const names = { connection: connection.name, provider: connection.provider.name };
  const { status } = reply;
  log.warn('PROVIDER_SUPPLANTED', { ...names, orderId, status });
  const pauseMs = Math.min(PAUSE_MS, connection.quietPeriodMs);
  try {
    const state = await health.read(connection.name);
    if (orderId !== null && state?.pausedFor.includes(orderId) === true) return;
    log.warn('CONNECTION_PAUSED', { ...names, status, pauseMs });
    await health.pause(connection.name, clock.now() + pauseMs, orderId);
  } catch (error) {
    log.error('CONNECTION_HEALTH_NOT_WRITTEN', { ...names, error: String(error) });
  }
}

/** Returns until when a connection is paused, in epoch milliseconds; null if it is not paused. */
export function pausedUntil(state: ConnectionState | null, now: number): number | null {
  const until = Date.parse(state?.pausedUntil ?? '');
  // A clock that runs far ahead cannot pause a connection for long.
  return until > now && until <= now + 2 * PAUSE_MS ? until : null;
}
