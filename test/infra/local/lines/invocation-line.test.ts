import { describe, expect, it } from '@jest/globals';
import type { InvocationResult } from '../../../../infra/local/aws/execution-environment.ts';
import type { Invoked } from '../../../../infra/local/aws/lambdas.ts';
import { invocationLine } from '../../../../infra/local/lines/invocation-line.ts';
import { formatted } from '../../../../infra/local/lines/work-line.ts';

const places = { functionLog: '.countermand/functions.log', connectionsFile: '.countermand/connections.json' };
const QUEUED = 'Countermand-cancel-queued-orders';
const AT = new Date('2026-12-01T01:50:17.937Z');
const printed = (functionName: string, event: unknown, result: unknown) =>
  lineOf({ functionName, event, result: returned(result) });
const returned = (value: unknown): InvocationResult => ({ kind: 'returned', payload: JSON.stringify(value) });
const lineOf = (invoked: Pick<Invoked, 'functionName' | 'event' | 'result'>) => {
  const line = invocationLine({ at: AT, ms: 35, ...invoked }, places);
  return line === null ? null : formatted(line, (_, text) => text).replace(/^\S+ +/, '');
};
const messages = (count: number) => ({
  Records: Array.from({ length: count }, (_, index) => ({ messageId: `${index}`, eventSource: 'aws:sqs', body: '{}' })),
});
const failedItems = (count: number) => ({
  batchItemFailures: Array.from({ length: count }, (_, index) => ({ itemIdentifier: `${index}` })),
});

describe('the line of an invocation', () => {
  it.each([
    [1, 0, '1 message taken'],
    [3, 0, '3 messages taken'],
    [3, 1, '3 messages taken, 1 of them comes back later'],
    [3, 2, '3 messages taken, 2 of them come back later'],
  ])('tells of %i messages, of which %i failed', (count, failed, words) => {
    expect(printed(QUEUED, messages(count), failedItems(failed))).toBe(`35 ms  cancel-queued-orders  ${words}`);
  });

  it.each([
    [
      'an operation',
      { id: 'loja-rio:404:1', outcome: 'confirmed', detail: 'cancelled', note: 'Ana' },
      'confirmed           35 ms  run-cancel-task       loja-rio:404:1    invoked: cancelled',
    ],
    ['a report', { workedOn: 2, note: 'Ana', failed: 0 }, '35 ms  run-cancel-task       invoked: worked on 2'],
    ['nothing', null, '35 ms  run-cancel-task       invoked'],
  ])('tells what a direct one answered: %s', (_, value, text) => {
    expect(printed('Countermand-run-cancel-task', { connection: 'loja-rio' }, value)).toBe(text);
  });

  it.each([
    ['a request', { version: '2.0', requestContext: { requestId: 'x' } }],
    ['a schedule', { source: 'aws.events', 'detail-type': 'Scheduled Event' }],
    ['a stream', { Records: [{ eventSource: 'aws:dynamodb' }] }],
  ])('leaves out %s, which has other lines', (_, event) => {
    expect(printed(QUEUED, event, {})).toBeNull();
  });

  it('tells that a function failed, whatever invoked it, in one line', () => {
    const trace = ['TypeError: x', '    at f (file.ts:1:1)'];
    const error = { errorType: 'TypeError', errorMessage: 'ana@example.com is no order\n    at f', trace };
    for (const event of [messages(1), {}, { source: 'aws.events' }, { requestContext: {} }]) {
      const text = lineOf({ functionName: QUEUED, event, result: { kind: 'failed', error } });
      expect(text).toMatch(
        /^error {15}35 ms {2}cancel-queued-orders {2}TypeError: .* is no order\. \.countermand\/functions\.log has more\.$/,
      );
      expect(text).not.toMatch(/ana@|at f/);
    }
  });
});
