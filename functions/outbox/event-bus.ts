import { PutEventsCommand, type EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { sqsText } from '../runtime/sqs-text.ts';
import type { EventName } from './event-names.ts';

const EVENT_SOURCE = 'countermand';

/** An event about an operation. */
export interface BusEvent {
  readonly detailType: EventName;
  /** RFC 3339. */
  readonly at: string;
  readonly detail: { readonly id: string; readonly operation: { readonly id: string } };
}

export interface EventBus {
  /** Publishes at most ten events. Returns those that the bus did not take, each with its reason. */
  publish(events: readonly BusEvent[]): Promise<{ event: BusEvent; error: string }[]>;
}

export const EVENTS_AT_ONCE = 10;

export function createEventBus({ client, bus }: { client: Pick<EventBridgeClient, 'send'>; bus: string }): EventBus {
  return {
    async publish(events) {
      const { Entries = [] } = await client.send(
        new PutEventsCommand({
          Entries: events.map(({ detailType, at, detail }) => ({
            EventBusName: bus,
            Source: EVENT_SOURCE,
            DetailType: detailType,
            Time: new Date(at),
            Resources: [detail.operation.id],
            // A subscriber may route the event to an SQS queue.
            Detail: sqsText(JSON.stringify(detail)),
          })),
        }),
      );
      // The reply's entries are in the order of the request's. An event without an entry may not have been taken.
      return events.flatMap((event, index) => {
        const entry = Entries[index];
        if (entry?.EventId !== undefined) return [];
        return [{ event, error: entry?.ErrorCode ?? 'no answer' }];
      });
    },
  };
}
