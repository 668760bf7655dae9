import { createServer, type Server } from 'node:http';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import { newHandler } from '../functions/answer-waiting-tasks.ts';
import { currentItem, operationOf } from '../functions/operations/ledger/items.ts';
import type { Operation } from '../functions/operations/rules/operation.ts';
import type { StreamRecord } from '../functions/outbox/stream-record.ts';
import { createDeadTasks } from '../functions/tasks/dead-tasks.ts';
import { createTaskAnswers } from '../functions/tasks/task-answers.ts';
import { createWaitingTasks, taskKeyOf } from '../functions/tasks/waiting-tasks.ts';
import { sampleEvent } from './events/sample.ts';
import { keepingLog, lambdaContext } from './support/api-event.ts';
import { startDynamoDB, type TestDynamoDB } from './support/dynamodb.ts';

interface Asked {
  taskToken: string;
  output?: string;
}

/** Step Functions as its SDK meets it: an HTTP endpoint that answers with errors by their names. It quotes the token, as AWS does. */
async function startStepFunctions(errorOf: (token: string) => { status: number; name: string } | null) {
  const asked: Asked[] = [];
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const ask = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Asked;
      const error = errorOf(ask.taskToken);
      if (error === null) asked.push(ask);
      response.writeHead(error?.status ?? 200, { 'content-type': 'application/x-amz-json-1.0' });
      const message = `Value '${ask.taskToken}' at 'taskToken' failed`;
      response.end(JSON.stringify(error === null ? {} : { __type: error.name, message }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const client = new SFNClient({
    ...{ endpoint: `http://127.0.0.1:${port}`, region: 'us-east-1', maxAttempts: 1 },
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const close = () => {
    client.destroy();
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { asked, client, close };
}

describe('answer-waiting-tasks', () => {
  let database: TestDynamoDB;
  let errors: Map<string, { status: number; name: string }>;
  let stepFunctions: Awaited<ReturnType<typeof startStepFunctions>>;
  let log: ReturnType<typeof keepingLog>;
  let dead: string[];
  let isQueueDown: boolean;
  let handler: ReturnType<typeof newHandler>;
  let waitingTasks: ReturnType<typeof createWaitingTasks>;
  let orders = 0;

  beforeAll(async () => {
    database = await startDynamoDB();
  });
  afterAll(() => database.stop());
  beforeEach(async () => {
    errors = new Map();
    stepFunctions = await startStepFunctions((token) => errors.get(token) ?? null);
    log = keepingLog();
    dead = [];
    isQueueDown = false;
    const clock = {
      now: () => Date.parse('2026-03-01T13:00:00.000Z'),
      sleep: () => Promise.resolve(),
      random: () => 0,
    };
    const sqs = {
      send: ({ input }: { input: { MessageBody?: string } }) => {
        if (isQueueDown) return Promise.reject(new Error('SQS is down'));
        dead.push(input.MessageBody ?? '');
        return Promise.resolve({});
      },
    };
    waitingTasks = createWaitingTasks({ dynamodb: database.client, table: database.tables.waitingTasks, clock });
    handler = newHandler({
      waitingTasks,
      answers: createTaskAnswers({ stepFunctions: stepFunctions.client, waitingTasks, log }),
      deadTasks: createDeadTasks({ sqs: sqs as never, queueUrl: 'http://queues/dead-outcomes', clock, log }),
      deadRecords: { bury: () => Promise.resolve() },
      log,
    });
  });
  afterEach(() => stepFunctions.close());

  /** The record that tells of a cancel's end, of an order that no test has used. */
  const ended = (change: (operation: Operation) => Operation = (operation) => operation): StreamRecord => {
    const [record] = sampleEvent<{ Records: StreamRecord[] }>('dynamodb-stream').Records;
    if (record?.dynamodb.NewImage === undefined) throw new Error('The sample has no record.');
    const orderId = String((orders += 1));
    const operation = change({ ...operationOf(record.dynamodb.NewImage), orderId });
    const { OldImage: _, ...dynamodb } = record.dynamodb;
    return { ...record, dynamodb: { ...dynamodb, NewImage: currentItem(operation), SequenceNumber: orderId } };
  };
  const idOf = ({ dynamodb }: StreamRecord) => `loja-rio:${dynamodb.SequenceNumber}:1`;
  const wait = async (record: StreamRecord, tokens: readonly string[]) => {
    for (const token of tokens) await waitingTasks.add(idOf(record), token);
  };
  const deliver = (...Records: StreamRecord[]) => handler({ Records }, lambdaContext());
  const told = () => stepFunctions.asked.map(({ taskToken }) => taskToken).sort();

  it.each([
    ['ValidationException', 400],
    ['AccessDeniedException', 400],
    ['KmsAccessDeniedException', 400],
    ['KmsInvalidStateException', 400],
    ['InvalidOutput', 400],
    ['RequestEntityTooLargeException', 413],
  ])('buries a task that can never be told (%s), tells the others, and goes on behind it', async (name, status) => {
    const [record, next] = [ended(), ended()];
    await wait(record, ['token-a', 'token-b', 'token-c']);
    await wait(next, ['token-d']);
    errors.set('token-b', { status, name });
    expect(await deliver(record, next)).toEqual({ batchItemFailures: [] });
    expect(told()).toEqual(['token-a', 'token-c', 'token-d']);

    const task = taskKeyOf('token-b');
    expect(dead.map((body) => JSON.parse(body) as unknown)).toEqual([
      {
        operation: idOf(record),
        outcome: 'confirmed',
        task,
        reason: name,
        explanation: expect.stringMatching(/by hand/),
        failedAt: '2026-03-01T13:00:00.000Z',
      },
    ]);
    expect(log.entries.filter(({ level }) => level === 'error')).toEqual([
      {
        level: 'error',
        code: 'TASK_BURIED',
        fields: { operation: idOf(record), outcome: 'confirmed', task, why: name },
      },
    ]);
    expect(inspect([dead, log.entries], { depth: 9 })).not.toContain('token-');

    // Who looks finds the token in its table, and nothing lets it expire.
    const { Item } = await database.client.send(
      new GetItemCommand({
        TableName: database.tables.waitingTasks,
        Key: { operation: { S: idOf(record) }, task: { S: task } },
      }),
    );
    expect(Item).toMatchObject({ token: { S: 'token-b' } });
    expect(Item).not.toHaveProperty('expiresAt');
    await deliver(record);
    expect([told().length, dead.length]).toEqual([3, 1]);
  });

  it.each([
    ['ThrottlingException', 400],
    ['KmsThrottlingException', 400],
    ['ExpiredTokenException', 400],
    ['InternalFailure', 500],
    ['ServiceUnavailable', 503],
  ])('has the record come again for what may be over by then (%s), and answers nobody twice', async (name, status) => {
    const [record, next] = [ended(), ended()];
    // By the hashes that they are kept by, c and d come first.
    await wait(record, ['token-a', 'token-b', 'token-c', 'token-d']);
    await wait(next, ['token-e']);
    errors.set('token-c', { status, name });
    errors.set('token-d', { status, name });
    const again = { batchItemFailures: [{ itemIdentifier: record.dynamodb.SequenceNumber }] };
    expect(await deliver(record, next)).toEqual(again);
    expect(told()).toEqual(['token-a', 'token-b']);
    errors.delete('token-c');
    expect(await deliver(record, next)).toEqual(again);
    expect(log.entries.filter(({ level }) => level === 'error').map(({ code }) => code)).toEqual([
      'TASK_NOT_ANSWERED',
      'TASK_NOT_ANSWERED',
    ]);
    expect(inspect(log.entries, { depth: 9 })).not.toContain('token-');
    errors.clear();
    expect(await deliver(record, next)).toEqual({ batchItemFailures: [] });
    expect(told()).toEqual(['token-a', 'token-b', 'token-c', 'token-d', 'token-e']);
    expect(dead).toEqual([]);
  });

  it('has the record come again when the dead letter itself cannot be sent', async () => {
    const record = ended();
    await wait(record, ['token-a']);
    errors.set('token-a', { status: 400, name: 'ValidationException' });
    isQueueDown = true;
    expect(await deliver(record)).toEqual({
      batchItemFailures: [{ itemIdentifier: record.dynamodb.SequenceNumber }],
    });
    isQueueDown = false;
    expect(await deliver(record)).toEqual({ batchItemFailures: [] });
    expect(dead).toHaveLength(1);
  });

  it('does not even send an operation that is too large for Step Functions, and says so', async () => {
    const entry = { at: '2026-03-01T12:00:00.000Z', event: 'unknown' as const, detail: 'ã'.repeat(100_000) };
    const record = ended((operation) => ({ ...operation, timeline: [entry] }));
    const larger = ended((operation) => ({
      ...operation,
      timeline: [entry, { ...entry, detail: 'ã'.repeat(40_000) }],
    }));
    await wait(record, ['token-a']);
    await wait(larger, ['token-b']);
    expect(await deliver(record, larger)).toEqual({ batchItemFailures: [] });
    expect(told()).toEqual(['token-a']);
    expect(dead.map((body) => JSON.parse(body) as unknown)).toMatchObject([
      { operation: idOf(larger), reason: 'OutputTooLarge' },
    ]);
  });

  it('tells more tasks than a page of the table holds', async () => {
    const record = ended();
    // A page is one megabyte, and a token two kilobytes at the most.
    const tokens = Array.from({ length: 550 }, (_, index) => `${index}-`.padEnd(2_048, 'x'));
    await Promise.all(tokens.map((token) => waitingTasks.add(idOf(record), token)));
    expect(await deliver(record)).toEqual({ batchItemFailures: [] });
    expect(new Set(told()).size).toBe(tokens.length);
  }, 60_000);
});
