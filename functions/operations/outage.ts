import type { OpenConnection } from '../providers/connections.ts';
import type { LostProblem } from '../providers/provider.ts';
import type { OperationNeeds } from './ask.ts';
import type { ConnectionState } from './connection-health.ts';

/** How long a connection is left alone after an outage, unless its quiet period is shorter. */
const PAUSE_MS = 60_000;

/** Statuses that may be of one order alone: a page for an id that is not there, and an empty success. */
const OF_ONE_ORDER: readonly (number | undefined)[] = [404, 204];

/** Whether a reply shows that its connection is out of order: what answers there is not the provider. */
export function isOutage(reply: {
  readonly kind: string;
  readonly problem?: LostProblem | 'provider_unreachable';
  readonly status?: number;
}): boolean {
  return reply.kind === 'lost' && reply.problem === 'foreign_reply' && !OF_ONE_ORDER.includes(reply.status);
}

/**
 * Pauses the connection after a reply that shows an outage: for a minute at most no order of it is asked for or looked up by any function.
 * Then one call finds out whether it is over. An order that the connection was paused for lately pauses it no more, as it may be answered
 * so by itself for ever; in an outage others pause it. `orderId`: null where the call was of no order.
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

/** Until when a connection is paused, in epoch milliseconds; null where it is not. */
export function pausedUntil(state: ConnectionState | null, now: number): number | null {
  const until = Date.parse(state?.pausedUntil ?? '');
  // By a clock that is far ahead no connection is left alone for long.
  return until > now && until <= now + 2 * PAUSE_MS ? until : null;
}
