import { describe, expect, it } from '@jest/globals';
import type { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { BusEvent } from '../../functions/outbox/event-bus.ts';
import { createEventBus, EVENTS_AT_ONCE } from '../../functions/outbox/event-bus.ts';

type Put = PutEventsCommand['input'];
/** A bus that answers like this, and what it was given. */
function busOf(
  answer: (put: Put) => object = ({ Entries = [] }) => ({ Entries: Entries.map(() => ({ EventId: '1' })) }),
) {
  const puts: Put[] = [];
  const send = ({ input }: PutEventsCommand) => {
    puts.push(input);
    return Promise.resolve(answer(input));
  };
  return { bus: createEventBus({ client: { send: send as never }, bus: 'Countermand' }), puts };
}
const event = (id: string): BusEvent => ({
  detailType: 'OrderOperationConfirmed',
  at: '2026-11-30T12:00:00.000Z',
  detail: { id, operation: { id: `loja-rio:${id}:1` } },
});

describe('an event', () => {
  it('is put on the bundle’s bus, from Countermand, at its own time, of its operation', async () => {
    const { bus, puts } = busOf();
    expect(await bus.publish([event('340')])).toEqual([]);
    expect(puts).toEqual([
      {
        Entries: [
          {
            EventBusName: 'Countermand',
            Source: 'countermand',
            DetailType: 'OrderOperationConfirmed',
            Time: new Date('2026-11-30T12:00:00.000Z'),
            Resources: ['loja-rio:340:1'],
            Detail: '{"id":"340","operation":{"id":"loja-rio:340:1"}}',
          },
        ],
      },
    ]);
  });

  it('is put in characters that SQS takes, for a rule may send it to a queue, and is the same JSON', async () => {
    const { bus, puts } = busOf();
    const detail = { id: '1', operation: { id: 'loja-rio:1:1', actor: 'Ana \u{1f622}\ufffe' } };
    await bus.publish([{ ...event('1'), detail }]);
    const text = puts[0]?.Entries?.[0]?.Detail ?? '';
    expect(text).toBe('{"id":"1","operation":{"id":"loja-rio:1:1","actor":"Ana \u{1f622}\\ufffe"}}');
    expect(JSON.parse(text)).toEqual(detail);
  });

  it('that the bus does not take is answered with its reason, and so is one without an answer', async () => {
    const answers = [{ EventId: '1' }, { ErrorCode: 'ThrottlingException' }, {}];
    const events = ['1', '2', '3', '4'].map(event);
    expect(await busOf(() => ({ Entries: answers })).bus.publish(events)).toEqual([
      { event: events[1], error: 'ThrottlingException' },
      { event: events[2], error: 'no answer' },
      { event: events[3], error: 'no answer' },
    ]);
    expect(await busOf(() => ({})).bus.publish(events.slice(0, 1))).toEqual([{ event: events[0], error: 'no answer' }]);
  });

  it('comes with nine others at most', () => {
    // https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
    expect(EVENTS_AT_ONCE).toBe(10);
  });
});
