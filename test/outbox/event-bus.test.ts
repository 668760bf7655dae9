import { expect, it } from '@jest/globals';
import type { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { createEventBus } from '../../functions/outbox/event-bus.ts';

it('an event is put in characters that SQS takes, for a rule may send it to a queue, and is the same JSON', async () => {
  const details: string[] = [];
  const client = {
    send: ({ input: { Entries = [] } }: PutEventsCommand) => {
      details.push(...Entries.map(({ Detail }) => Detail ?? ''));
      return Promise.resolve({ Entries: [{ EventId: '1' }] });
    },
  };
  const detail = { id: '1', operation: { id: 'loja-rio:1:1', actor: 'Ana \u{1f622}\ufffe' } };
  const bus = createEventBus({ client: client as never, bus: 'Countermand' });
  expect(await bus.publish([{ detailType: 'Test', at: '2026-11-30T12:00:00Z', detail }])).toEqual([]);
  expect(details).toEqual(['{"id":"1","operation":{"id":"loja-rio:1:1","actor":"Ana \u{1f622}\\ufffe"}}']);
  expect(JSON.parse(details[0] ?? '')).toEqual(detail);
});
