import * as z from 'zod';
import { contradictionDetailSchema } from '../../functions/outbox/contradiction-event.ts';
import { outcomeDetailSchema } from '../../functions/outbox/outcome-event.ts';
import { OUTCOME_EVENTS } from '../context.ts';

/** What each event is told for. */
const SENTENCES: Readonly<Record<(typeof OUTCOME_EVENTS)[number], string>> = {
  OrderOperationConfirmed: 'An operation is confirmed, on the provider’s evidence.',
  OrderOperationRefused: 'The provider refused an operation.',
  OrderOperationUnknown: 'What came of an operation is not known yet: it may have taken effect.',
  OrderOperationNeedsAttention: 'An operation was parked: a person has to look.',
  OrderContradictionFound: 'An order that is cancelled here is active, shipped or gone at its provider.',
};

/**
 * The events on the bus, for who subscribes to them there or has them posted (`outcomeSubscribers` in `cdk.json`), in EventBridge's
 * envelope. https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
 */
export function eventWebhooks() {
  return Object.fromEntries(
    OUTCOME_EVENTS.map((name) => [
      name,
      {
        post: {
          operationId: name.charAt(0).toLowerCase() + name.slice(1),
          tags: ['Events'],
          summary: SENTENCES[name],
          description:
            'At least once. `detail.id` is the same however often it comes; EventBridge promises no order. Put to the bus `Countermand`, and ' +
            'posted to the endpoints in `outcomeSubscribers`.',
          security: [],
          requestBody: { required: true, content: { 'application/json': { schema: envelopeOf(name) } } },
          responses: {
            200: { description: 'Taken. Anything but a 2xx is tried again for a day.' },
          },
        },
      },
    ]),
  );
}

function envelopeOf(name: (typeof OUTCOME_EVENTS)[number]) {
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
