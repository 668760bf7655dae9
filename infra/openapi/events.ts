import * as z from 'zod';
import { contradictionDetailSchema } from '../../functions/outbox/contradiction-event.ts';
import { EVENT_NAMES, type EventName } from '../../functions/outbox/event-names.ts';
import { outcomeDetailSchema } from '../../functions/outbox/outcome-event.ts';

/** When each event is published. */
const SENTENCES: Readonly<Record<EventName, string>> = {
  OrderOperationConfirmed: 'An operation is confirmed, on the provider’s evidence.',
  OrderOperationRefused: 'The provider refused an operation.',
  OrderOperationUnknown: 'The result of an operation is not known yet: it may have taken effect.',
  OrderOperationNeedsAttention: 'An operation was parked: a person has to look.',
  OrderContradictionFound: 'An order that is confirmed as cancelled is active, shipped or gone at its provider.',
};

/**
 * Returns the events on the bus, in EventBridge's envelope. Subscribers get them from the bus or by HTTP (`outcomeSubscribers` in
 * `cdk.json`). https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
 */
export function eventWebhooks() {
  return Object.fromEntries(
    EVENT_NAMES.map((name) => [
      name,
      {
        post: {
          operationId: name.charAt(0).toLowerCase() + name.slice(1),
          tags: ['Events'],
          summary: SENTENCES[name],
          description:
            'Published to the bus `Countermand`, and posted to the endpoints in `outcomeSubscribers`. Delivered at least once; `detail.id` is ' +
            'the same in every delivery. EventBridge promises no order of events.',
          security: [],
          requestBody: { required: true, content: { 'application/json': { schema: envelopeOf(name) } } },
          responses: {
            200: { description: 'The event was taken. After any reply but a 2xx, it is posted again, for a day.' },
          },
        },
      },
    ]),
  );
}

function envelopeOf(name: EventName) {
  return z
    .object({
      version: z.string(),
      id: z.string(),
      'detail-type': z.literal(name),
      source: z.literal('countermand'),
      account: z.string(),
      time: z.iso.datetime(),
      region: z.string(),
      resources: z.array(z.string()).meta({ description: 'The id of the operation.' }),
      detail: name === 'OrderContradictionFound' ? contradictionDetailSchema : outcomeDetailSchema,
    })
    .meta({ id: name });
}
