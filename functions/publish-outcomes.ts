import { onColdStart } from './assembly/cold-start.ts';
import { partsFor } from './assembly/parts.ts';
import { createBus, deadRecords } from './assembly/outbox-parts.ts';
import { EVENTS_AT_ONCE, type BusEvent, type EventBus } from './outbox/event-bus.ts';
import { outcomeEventOf, type OutcomeEvent } from './outbox/outcome-event.ts';
import type { DeadRecords } from './outbox/dead-records.ts';
import { stepOf, streamEventSchema, type StreamRecord } from './outbox/stream-record.ts';
import { eventChain } from './runtime/event-chain.ts';
import type { InvocationLogger } from './runtime/logger.ts';

export interface PublishOutcomesNeeds {
  readonly bus: EventBus;
  readonly deadRecords: DeadRecords;
  readonly log: InvocationLogger;
}

interface Pending {
  readonly record: StreamRecord;
  readonly event: OutcomeEvent;
}

/** Errors of an entry, or of a request with one entry, that every further attempt would meet again: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const NEVER_TAKEN = /^(MalformedDetail|InvalidArgument|ValidationException)/;

/**
 * Publishes the outcomes that the ledger's stream reports, at least once, and each order's events in sequence: an order's next event is
 * sent when the bus has the one before. If the bus does not take an event, its record is returned as the batch's first failure, so the
 * stream delivers it again. A record that no event can be made of goes to the dead letters, so that its shard goes on.
 */
export async function publishOutcomes(
  records: readonly StreamRecord[],
  needs: PublishOutcomesNeeds,
): Promise<{ batchItemFailures: { itemIdentifier: string }[] }> {
  const pending: Pending[] = [];
  for (const record of records) {
    try {
      const step = stepOf(record);
      const event = step === null ? null : outcomeEventOf(step);
      if (event !== null) pending.push({ record, event });
    } catch (error) {
      await needs.deadRecords.bury(record, error);
    }
  }
  for (const round of roundsOf(pending)) {
    const failures = await publishRound(round, needs);
    const first = round.find(({ event }) => failures.has(event));
    // The stream delivers everything from the first failure on again: later events of these orders must not overtake it.
    if (first !== undefined) return { batchItemFailures: [{ itemIdentifier: first.record.dynamodb.SequenceNumber }] };
  }
  return { batchItemFailures: [] };
}

/** Publishes one round. Returns the events that must be delivered again. */
async function publishRound(round: readonly Pending[], needs: PublishOutcomesNeeds): Promise<Set<BusEvent>> {
  const failures = new Set<BusEvent>();
  for (const { event, error } of await put(round, needs)) {
    const record = round.find((pending) => pending.event === event)?.record;
    if (record !== undefined && NEVER_TAKEN.test(error)) await needs.deadRecords.bury(record, error);
    else failures.add(event);
  }
  if (failures.size > 0) needs.log.error('OUTCOMES_NOT_PUBLISHED', { events: failures.size });
  return failures;
}

/** Returns the events that the bus did not take. If it refuses a request as a whole, which may only be too large, sends them one by one. */
async function put(
  round: readonly Pending[],
  { bus, log }: Pick<PublishOutcomesNeeds, 'bus' | 'log'>,
): Promise<{ event: BusEvent; error: string }[]> {
  const events = round.map(({ event }) => event);
  try {
    return await bus.publish(events);
  } catch (failure) {
    const error = failure instanceof Error ? failure.name : 'Error';
    log.warn('OUTCOMES_NOT_PUBLISHED', { error: failure });
    if (events.length === 1 || !NEVER_TAKEN.test(error)) return events.map((event) => ({ event, error }));
  }
  const failures: { event: BusEvent; error: string }[] = [];
  for (const one of round) failures.push(...(await put([one], { bus, log })));
  return failures;
}

/** Cuts the events, in stream order, before an order's second event and when a request is full: the bus keeps no sequence within a request. */
function* roundsOf(pending: readonly Pending[]): Generator<Pending[]> {
  let round: Pending[] = [];
  const orders = new Set<string>();
  for (const one of pending) {
    if (round.length === EVENTS_AT_ONCE || orders.has(one.event.order)) {
      yield round;
      round = [];
      orders.clear();
    }
    round.push(one);
    orders.add(one.event.order);
  }
  if (round.length > 0) yield round;
}

export function newHandler(needs: PublishOutcomesNeeds) {
  return eventChain({
    event: streamEventSchema,
    log: needs.log,
    handle: ({ Records }) => publishOutcomes(Records, needs),
  });
}

export const handler = onColdStart(() => {
  const log = partsFor('publish-outcomes').log();
  return newHandler({ bus: createBus(), deadRecords: deadRecords(log), log });
});
