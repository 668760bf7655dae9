import * as z from 'zod';
import { onColdStart } from './assembly/cold-start.ts';
import { partsFor } from './assembly/parts.ts';
import { createBus } from './assembly/outbox-parts.ts';
import { findContradictions, type WatchNeeds } from './operations/contradictions.ts';
import { operationId } from './operations/rules/operation.ts';
import { contradictionEventOf } from './outbox/contradiction-event.ts';
import { EVENTS_AT_ONCE, type BusEvent, type EventBus } from './outbox/event-bus.ts';
import type { Connections } from './providers/connections.ts';
import { eventChain } from './runtime/event-chain.ts';
import type { InvocationLogger } from './runtime/logger.ts';

export interface WatchContradictionsNeeds {
  readonly connections: Pick<Connections, 'names'>;
  readonly watch: WatchNeeds;
  readonly bus: EventBus;
  readonly log: InvocationLogger;
}

interface Watched {
  read: number;
  unread: number;
  contradictions: number;
  /** Connections that could not be read, or whose contradictions could not all be published. */
  failed: string[];
}

/** Reads recently confirmed cancels back and reports each that its provider contradicts: in the log, for an alarm, and on the bus. */
export async function watchContradictions(
  needs: WatchContradictionsNeeds,
  remainingMs: () => number,
): Promise<Watched> {
  const watched: Watched = { read: 0, unread: 0, contradictions: 0, failed: [] };
  const watchOne = async (name: string) => {
    try {
      const { read, unread, contradictions } = await findContradictions(name, needs.watch, remainingMs);
      watched.read += read;
      watched.unread += unread;
      watched.contradictions += contradictions.length;
      for (const { operation, found, status } of contradictions) {
        needs.log.error('CONTRADICTION_FOUND', { operation: operationId(operation), found, status });
      }
      const at = new Date(needs.watch.clock.now()).toISOString();
      const events = contradictions.map((contradiction) => contradictionEventOf(contradiction, at));
      await publish(events, needs);
    } catch (error) {
      watched.failed.push(name);
      needs.log.error('WATCH_FAILED', { connection: name, error });
    }
  };
  await Promise.all(needs.connections.names().map(watchOne));
  needs.log.info('WATCH_RUN_ENDED', { ...watched });
  return watched;
}

/** Publishes the events. Throws if the bus did not take all: the next run may not find them again, as it reads a sample of two days only. */
async function publish(events: readonly BusEvent[], { bus, log }: WatchContradictionsNeeds): Promise<void> {
  let refused = 0;
  for (let sent = 0; sent < events.length; sent += EVENTS_AT_ONCE) {
    for (const { event, error } of await bus.publish(events.slice(sent, sent + EVENTS_AT_ONCE))) {
      refused += 1;
      log.error('CONTRADICTION_NOT_PUBLISHED', { event: event.detail.id, error });
    }
  }
  if (refused > 0) throw new Error(`The event bus did not take ${refused} of ${events.length} contradictions.`);
}

export function newHandler(needs: WatchContradictionsNeeds) {
  return eventChain({
    event: z.unknown(),
    log: needs.log,
    handle: (_, { remainingMs }) => watchContradictions(needs, remainingMs),
  });
}

export const handler = onColdStart(() => {
  const { connections, listing, log } = partsFor('watch-contradictions');
  return newHandler({ connections: connections(), watch: listing(), bus: createBus(), log: log() });
});
