import { createEventBus } from '../outbox/event-bus.ts';
import { createDeadRecords } from '../outbox/dead-records.ts';
import { systemClock } from '../runtime/clock.ts';
import { ENVIRONMENT, fromEnvironment } from '../runtime/environment.ts';
import { createEventBridge } from '../runtime/eventbridge.ts';
import type { Logger } from '../runtime/logger.ts';
import { createSqs } from '../runtime/sqs.ts';

/** Parts of the functions that publish events or read the ledger's stream. No other bundle contains these clients. */
export function createBus() {
  return createEventBus({ client: createEventBridge(), bus: fromEnvironment(ENVIRONMENT.eventBus) });
}

export function deadRecords(log: Logger) {
  const queueUrl = fromEnvironment(ENVIRONMENT.deadOutcomeQueueUrl);
  return createDeadRecords({ sqs: createSqs(), queueUrl, clock: systemClock, log });
}
