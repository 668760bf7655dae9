import { PutEventsCommand, type EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { sqsText } from '../runtime/sqs-text.ts';

const EVENT_SOURCE = 'countermand';

/** What is told of an operation. */
export interface BusEvent {
  readonly detailType: string;
  /** RFC 3339. */
  readonly at: string;
  readonly detail: { readonly id: string; readonly operation: { readonly id: string } };
}

export interface EventBus {
  /** Publishes events, ten at the most. Answers those that the bus did not take, with its reason. */
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
            // Whoever subscribes may have it put into an SQS queue.
            Detail: sqsText(JSON.stringify(detail)),
          })),
        }),
      );
      // The answer's entries stand in the order of the request's; what has no answer was not taken for sure.
      return events.flatMap((event, index) => {
        const entry = Entries[index];
        if (entry?.EventId !== undefined) return [];
        return [{ event, error: entry?.ErrorCode ?? 'no answer' }];
      });
    },
  };
}
