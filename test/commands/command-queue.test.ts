import type { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from '@jest/globals';
import type { Batch } from '../../functions/batches/batch.ts';
import { createCommandQueue } from '../../functions/commands/command-queue.ts';
import { createCommandSource } from '../../functions/commands/command-source.ts';
import { inLanes } from '../../functions/commands/lanes.ts';

const batchOf = (count: number, changes: Partial<Batch> = {}): Batch => ({
  ...{ id: 'b1', connection: 'loja-rio', provider: 'estoka', dryRun: false, fingerprint: 'f', queuedAt: null },
  ...{ reason: null, note: null, actor: null, requestedAt: '2026-11-30T12:00:00.000Z' },
  orderIds: Array.from({ length: count }, (_, index) => String(index + 1)),
  ...changes,
});

type Input = SendMessageBatchCommand['input'];
/** A queue whose requests stay under way until the test has seen how many there are at once. */
function queue(answer: (input: Input) => object | Promise<object> = () => ({})) {
  const requests: Input[] = [];
  const most = { atOnce: 0 };
  let underWay = 0;
  const send = async ({ input }: { input: Input }) => {
    requests.push(input);
    underWay += 1;
    most.atOnce = Math.max(most.atOnce, underWay);
    await new Promise((resolve) => setImmediate(resolve));
    underWay -= 1;
    return answer(input);
  };
  const bodies = () =>
    requests.flatMap(({ Entries = [] }) => Entries.map(({ MessageBody = '' }) => JSON.parse(MessageBody) as unknown));
  return { queue: createCommandQueue({ sqs: { send: send as never }, queueUrl: 'commands' }), requests, bodies, most };
}

describe('a batch in the command queue', () => {
  it('is one message for each order, in requests of ten, eight of them at once', async () => {
    const it = queue();
    await it.queue.sendBatch(batchOf(203));
    expect(it.requests.map(({ Entries = [] }) => Entries.length)).toEqual([...Array<number>(20).fill(10), 3]);
    expect(it.most.atOnce).toBe(8);
    expect(it.requests.map(({ QueueUrl }) => QueueUrl)).toEqual(Array(21).fill('commands'));
    expect(it.bodies()).toEqual(
      Array.from({ length: 203 }, (_, index) => ({
        batch: { id: 'b1', dryRun: false },
        connection: 'loja-rio',
        orderId: String(index + 1),
      })),
    );
    for (const { Entries = [] } of it.requests) {
      expect(Entries.map(({ Id }) => Id)).toEqual(Entries.map((_, index) => String(index)));
    }
  });

  it('says with each order what was said of all', async () => {
    const it = queue();
    await it.queue.sendBatch(batchOf(1, { dryRun: true, reason: 'fraud', note: 'n\ufffe', actor: 'ana' }));
    const said = { reason: 'fraud', note: 'n\ufffe', actor: 'ana' };
    expect(it.bodies()).toEqual([{ batch: { id: 'b1', dryRun: true }, connection: 'loja-rio', orderId: '1', ...said }]);
    expect(it.requests[0]?.Entries?.[0]?.MessageBody).toContain(String.raw`n\ufffe`);
  });

  it('is not taken where SQS fails, or takes not all of it', async () => {
    const refused = { Failed: [{ Code: 'Throttled' }, { Code: 'Other' }] };
    const unavailable = { name: 'QueueUnavailable', message: expect.stringContaining('all of the batch') };
    await expect(queue(() => refused).queue.sendBatch(batchOf(1))).rejects.toMatchObject({
      ...unavailable,
      cause: { message: 'Throttled' },
    });
    const down = new Error('down');
    await expect(queue(() => Promise.reject(down)).queue.sendBatch(batchOf(1))).rejects.toMatchObject({
      ...unavailable,
      cause: down,
    });
    await expect(queue(() => ({ Failed: [] })).queue.sendBatch(batchOf(1))).resolves.toBeUndefined();
  });
});

it('a message is hidden by its handle, in the queue that it came from', async () => {
  const inputs: unknown[] = [];
  const send = ({ input }: { input: unknown }) => Promise.resolve(void inputs.push(input));
  const source = createCommandSource({ sqs: { send: send as never }, queueUrl: 'commands', mostReceives: 6 });
  await source.hideFor('handle', 18);
  expect(inputs).toEqual([{ QueueUrl: 'commands', ReceiptHandle: 'handle', VisibilityTimeout: 18 }]);
  expect(source.mostReceives).toBe(6);
});

describe('lanes', () => {
  it('are two for each connection: a slow one keeps only its own waiting, and all are worked on', async () => {
    const begun: string[] = [];
    let free: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => {
      free = resolve;
    });
    const working = inLanes(
      ['a1', 'a2', 'a3', 'b1', 'b2', 'b3'],
      ([connection = '']) => connection,
      (thing) => {
        begun.push(thing);
        return thing.startsWith('a') ? slow : Promise.resolve();
      },
    );
    await new Promise((resolve) => setImmediate(resolve));
    expect(begun.toSorted()).toEqual(['a1', 'a2', 'b1', 'b2', 'b3']);
    free();
    await working;
    expect(begun.at(-1)).toBe('a3');
  });
});
