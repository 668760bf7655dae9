import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { request } from 'node:http';
import { join } from 'node:path';
import { CreateTableCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startAwsServices } from '../../../../infra/local/aws/aws-services.ts';
import { createEventBus } from '../../../../infra/local/aws/event-bus.ts';
import type { LocalEventRule } from '../../../../infra/local/template/event-sources.ts';
import type { InvocationResult } from '../../../../infra/local/aws/execution-environment.ts';
import { startQueueSources } from '../../../../infra/local/aws/queue-sources.ts';
import { queueUrl, startQueuesAndBuckets } from '../../../../infra/local/aws/queues-and-buckets.ts';
import { startStreamSources } from '../../../../infra/local/aws/stream-sources.ts';
import { openLineFile } from '../../../../infra/line-file.ts';
import { createMessageMoves } from '../../../../infra/local/aws/message-moves.ts';
import { createTasks } from '../../../../infra/local/aws/tasks.ts';
import { until } from '../../../support/aws-services.ts';
import { startDynamoDB } from '../../../support/dynamodb.ts';
import { nested } from '../../../support/nested.ts';

type Invoke = (functionName: string, event: unknown) => Promise<InvocationResult>;
const returned = (value: unknown): InvocationResult => ({ kind: 'returned', payload: JSON.stringify(value) });
const failed: InvocationResult = { kind: 'failed', error: { errorType: 'Error', errorMessage: 'no', trace: [] } };
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

let directory: string;
let stops: (() => Promise<void>)[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'countermand-sources-'));
  stops = [];
});
afterEach(async () => {
  for (const stop of stops.reverse()) await stop();
  rmSync(directory, { recursive: true, force: true });
});

const arnOf = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;

/** A queue that gives a message up after two deliveries, and comes back to one after a second. */
async function startQueues() {
  const running = await startQueuesAndBuckets(join(directory, 'queues'));
  stops.push(() => running.close());
  const redrive = JSON.stringify({ deadLetterTargetArn: arnOf('dead'), maxReceiveCount: 2 });
  const queues = [
    { name: 'work', attributes: { VisibilityTimeout: '1', RedrivePolicy: redrive } },
    { name: 'dead', attributes: {} },
  ].map((queue) => ({ ...queue, arn: arnOf(queue.name), url: queueUrl(running.endpoint, queue.name) }));
  running.create({ queues, buckets: [] });
  const sqs = new SQSClient({ endpoint: running.endpoint, region: 'us-east-1', credentials });
  const bodiesIn = async (name: string): Promise<string[]> => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl(running.endpoint, name),
        MaxNumberOfMessages: 10,
        VisibilityTimeout: 0,
      }),
    );
    return Messages.map(({ Body }) => Body ?? '');
  };
  const send = (body: string) =>
    sqs.send(new SendMessageCommand({ QueueUrl: queueUrl(running.endpoint, 'work'), MessageBody: body }));
  return { sqs, queues, bodiesIn, send, endpoint: running.endpoint };
}

interface SqsEvent {
  Records: { messageId: string; body: string; attributes: Record<string, string>; eventSourceARN: string }[];
}

describe('a queue on this machine', () => {
  const source = { queueArn: arnOf('work'), functionName: 'worker', batchSize: 10, containers: 2 };
  const start = (invoke: Invoke, { sqs, queues }: Awaited<ReturnType<typeof startQueues>>) => {
    const running = startQueueSources([source], { sqs, queues, invoke, complain: () => undefined });
    stops.push(() => running.close());
  };

  it('delivers again what a function names as failed, takes out the rest, and gives up at last', async () => {
    const queues = await startQueues();
    const seen: { body: string; receives: string | undefined }[] = [];
    const invoke: Invoke = (_, event) => {
      const { Records } = event as SqsEvent;
      seen.push(...Records.map(({ body, attributes }) => ({ body, receives: attributes['ApproximateReceiveCount'] })));
      const bad = Records.filter(({ body }) => body === 'bad');
      return Promise.resolve(
        returned({ batchItemFailures: bad.map(({ messageId }) => ({ itemIdentifier: messageId })) }),
      );
    };
    for (const body of ['good', 'bad', 'better']) await queues.send(body);
    start(invoke, queues);
    await until(async () => (await queues.bodiesIn('dead')).length === 1);
    expect(await queues.bodiesIn('dead')).toEqual(['bad']);
    expect(new Set(seen.map(({ body }) => body))).toEqual(new Set(['good', 'bad', 'better']));
    expect(seen.filter(({ body }) => body === 'bad').map(({ receives }) => receives)).toEqual(['1', '2']);
  });

  it('takes nothing out when the function fails as a whole', async () => {
    const queues = await startQueues();
    await queues.send('unlucky');
    start(() => Promise.resolve(failed), queues);
    await until(async () => (await queues.bodiesIn('dead')).length === 1);
  });

  it('invokes no more functions at once than the mapping says', async () => {
    const queues = await startQueues();
    let open = 0;
    let most = 0;
    let done = 0;
    const invoke: Invoke = async (_, event) => {
      most = Math.max(most, (open += 1));
      await new Promise((resolve) => setTimeout(resolve, 20));
      open -= 1;
      done += (event as SqsEvent).Records.length;
      return returned({ batchItemFailures: [] });
    };
    for (let count = 0; count < 40; count += 1) await queues.send(`${count}`);
    start(invoke, queues);
    await until(() => done >= 40);
    expect(most).toBeLessThanOrEqual(2);
  });
});

interface StreamEvent {
  Records: { eventName: string; dynamodb: { NewImage: { n: { N: string } }; SequenceNumber: string } }[];
}

describe('a stream on this machine', () => {
  const PATIENT = { bisects: true, maxRecordAgeMs: 3_600_000, maxRetries: Infinity };
  async function startStream(invoke: Invoke, patience: Partial<typeof PATIENT> = {}, now = Date.now) {
    const database = await startDynamoDB();
    stops.push(() => database.stop());
    await database.client.send(
      new CreateTableCommand({
        TableName: 'Steps',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'key', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'key', KeyType: 'HASH' }],
        StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
      }),
    );
    const queues = await startQueues();
    const source = {
      tableName: 'Steps',
      functionName: 'reader',
      batchSize: 4,
      ...{ ...PATIENT, ...patience },
      failureQueueArn: arnOf('dead'),
    };
    const streams = new DynamoDBStreamsClient({ endpoint: database.endpoint, region: 'us-east-1', credentials });
    stops.push(() => {
      streams.destroy();
      return Promise.resolve();
    });
    const begin = () =>
      startStreamSources([source], {
        ...{
          dynamodb: database.client,
          streams,
          invoke,
          sqs: queues.sqs,
          queues: queues.queues,
          complain: () => undefined,
          // Nothing is waited for, but for its turn.
          clock: { now, sleep: () => new Promise((resolve) => setTimeout(resolve, 5)) },
        },
        positionsFile: join(directory, 'positions.json'),
      });
    const put = (n: number) =>
      database.client.send(
        new PutItemCommand({ TableName: 'Steps', Item: { key: { S: 'one' }, n: { N: String(n) } } }),
      );
    return { begin, put, queues };
  }
  const numbersOf = (event: unknown) =>
    (event as StreamEvent).Records.map(({ dynamodb }) => Number(dynamodb.NewImage.n.N));

  it('is delivered in order, and goes on after a restart where it stopped', async () => {
    const seen: number[] = [];
    const { begin, put } = await startStream((_, event) => {
      seen.push(...numbersOf(event));
      return Promise.resolve(returned({ batchItemFailures: [] }));
    });
    for (let n = 0; n < 10; n += 1) await put(n);
    const first = begin();
    await until(() => seen.length === 10);
    await first.close();
    await put(10);
    const second = begin();
    stops.push(() => second.close());
    await until(() => seen.length === 11);
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('comes back to the first record that failed, and to none before it', async () => {
    const seen: number[] = [];
    let failures = 2;
    const { begin, put } = await startStream((_, event) => {
      seen.push(...numbersOf(event));
      const bad = (event as StreamEvent).Records.find(({ dynamodb }) => dynamodb.NewImage.n.N === '2');
      const fails = bad !== undefined && (failures -= 1) >= 0;
      return Promise.resolve(
        returned({ batchItemFailures: fails ? [{ itemIdentifier: bad.dynamodb.SequenceNumber }] : [] }),
      );
    });
    for (let n = 0; n < 4; n += 1) await put(n);
    const running = begin();
    stops.push(() => running.close());
    await until(() => seen.length >= 8);
    expect(seen).toEqual([0, 1, 2, 3, 2, 3, 2, 3]);
  });

  const HOURS_12 = 12 * 3_600_000;
  const crashes = () => failed;
  const reports = (sequenceNumber: string) => returned({ batchItemFailures: [{ itemIdentifier: sequenceNumber }] });

  it.each([
    ['crashes on', crashes],
    ['reports as failed', reports],
  ])('gives up a record that its function %s once it is too old, says so, and goes on behind it', async (_, fail) => {
    const done = new Set<number>();
    let failures = 0;
    let later = 0;
    const invoke: Invoke = (__, event) => {
      const bad = (event as StreamEvent).Records.find(({ dynamodb }) => dynamodb.NewImage.n.N === '1');
      if (bad !== undefined) failures += 1;
      if (bad !== undefined) return Promise.resolve(fail(bad.dynamodb.SequenceNumber));
      for (const number of numbersOf(event)) done.add(number);
      return Promise.resolve(returned({ batchItemFailures: [] }));
    };
    const { begin, put, queues } = await startStream(invoke, { maxRecordAgeMs: HOURS_12 }, () => Date.now() + later);
    for (let n = 0; n < 4; n += 1) await put(n);
    const running = begin();
    stops.push(() => running.close());
    // Halved to one, and that one tried again.
    await until(() => failures >= 5);
    expect(await queues.bodiesIn('dead')).toEqual([]);
    expect(done.has(3)).toBe(false);
    later = HOURS_12;
    await until(() => done.has(3));
    expect(done.has(1)).toBe(false);
    expect((await queues.bodiesIn('dead')).map((body) => JSON.parse(body) as unknown)).toMatchObject([
      { requestContext: { condition: 'MaximumRecordAgeExceeded' }, DDBStreamBatchInfo: { batchSize: 1 } },
    ]);
  });

  it.each([
    ['alone, where failing batches are halved', true, [0, 2, 3], 1],
    ['with the rest of its batch, where they are not', false, [0], 3],
  ])('gives up what failed too often: %s', async (_, bisects, expected, batchSize) => {
    const done = new Set<number>();
    let triedAlone = 0;
    const invoke: Invoke = (__, event) => {
      const { Records } = event as StreamEvent;
      const index = Records.findIndex(({ dynamodb }) => dynamodb.NewImage.n.N === '1');
      const before = index === -1 ? Records : Records.slice(0, index);
      for (const { dynamodb } of before) done.add(Number(dynamodb.NewImage.n.N));
      const bad = Records[index]?.dynamodb.SequenceNumber;
      if (index === 0 && Records.length === batchSize) triedAlone += 1;
      return Promise.resolve(bad === undefined ? returned({}) : reports(bad));
    };
    const { begin, put, queues } = await startStream(invoke, { bisects, maxRetries: 2 });
    for (let n = 0; n < 4; n += 1) await put(n);
    const running = begin();
    stops.push(() => running.close());
    await until(async () => (await queues.bodiesIn('dead')).length > 0);
    await put(4);
    await until(() => done.has(4));
    expect([...done]).toEqual([...expected, 4]);
    // Once, and twice again.
    expect(triedAlone).toBe(bisects ? 3 : 2);
    expect((await queues.bodiesIn('dead')).map((body) => JSON.parse(body) as unknown)).toMatchObject([
      { requestContext: { condition: 'RetryAttemptsExhausted' }, DDBStreamBatchInfo: { batchSize } },
    ]);
  });
});

describe('the event bus on this machine', () => {
  const rule: LocalEventRule = {
    bus: 'Countermand',
    pattern: { 'detail-type': ['Wanted'], detail: { shop: ['rio', 'jaya'] } },
    queueArns: [arnOf('work')],
  };
  async function start() {
    const queues = await startQueues();
    const file = join(directory, 'events.ndjson');
    const fail = (line: string) => {
      throw new Error(line);
    };
    const eventBus = createEventBus({
      ...{ rules: [rule], queues: queues.queues, sqs: queues.sqs },
      file: openLineFile(file, { complain: fail }),
    });
    const services = await startAwsServices({
      ...{ port: 0, eventBus, sqsEndpoint: queues.endpoint },
      messageMoves: createMessageMoves(queues),
      tasks: createTasks(openLineFile(join(directory, 'tasks.ndjson'), { complain: fail })),
      functionNames: new Set(['worker', 'broken']),
      invoke: (name, event) => Promise.resolve(name === 'broken' ? failed : returned({ name, event })),
    });
    stops.push(() => services.close());
    const call = async (target: string, body: unknown) => {
      const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target };
      const reply = await fetch(services.endpoint, { method: 'POST', headers, body: JSON.stringify(body) });
      return { status: reply.status, body: (await reply.json()) as Record<string, unknown> };
    };
    appendFileSync(file, '');
    return { call, queues, endpoint: services.endpoint, events: () => readFileSync(file, 'utf8').trim().split('\n') };
  }
  const entry = (detailType: string, detail: string, bus = 'Countermand') => ({
    ...{ EventBusName: bus, Source: 'shop', DetailType: detailType, Detail: detail },
  });

  it('puts into a queue what is like the rule’s pattern, and nothing else', async () => {
    const { call, queues, events } = await start();
    const { body } = await call('AWSEvents.PutEvents', {
      Entries: [
        entry('Wanted', '{"shop":"rio"}', 'arn:aws:events:us-east-1:000000000000:event-bus/Countermand'),
        entry('Wanted', '{"shop":"lima"}'),
        entry('Other', '{"shop":"rio"}'),
        entry('Wanted', '{"shop":"rio"}', 'another'),
        entry('Wanted', '"text"'),
        entry('Wanted', '{"shop"'),
        entry('Wanted', '[{"shop":"rio"}]'),
      ],
    });
    expect(body).toMatchObject({
      FailedEntryCount: 3,
      Entries: [
        { EventId: expect.any(String) },
        {},
        {},
        {},
        { ErrorCode: 'MalformedDetail' },
        { ErrorCode: 'MalformedDetail' },
        { ErrorCode: 'MalformedDetail' },
      ],
    });
    const bodies = await queues.bodiesIn('work');
    expect(bodies.map((text) => JSON.parse(text) as unknown)).toMatchObject([
      { 'detail-type': 'Wanted', source: 'shop', detail: { shop: 'rio' }, id: expect.any(String) },
    ]);
    expect(events()).toHaveLength(4);
  });

  it('takes each entry of a request by itself, and says of each that it did not take why', async () => {
    const { call, queues, events } = await start();
    const good = entry('Wanted', '{"shop":"rio"}');
    const { Source: _, ...withoutSource } = good;
    const { status, body } = await call('AWSEvents.PutEvents', {
      Entries: [
        { Source: 'shop', Detail: '{}' },
        withoutSource,
        { ...good, Detail: undefined },
        { ...good, DetailType: '' },
        { ...good, Time: 1e300 },
        { ...good, Resources: 'r' },
        entry('Wanted', `{"shop":"rio","deep":${nested(20_000)}}`),
        null,
        { ...good, Time: '2026-11-30T12:00:00Z' },
        entry('Wanted', '\uFEFF{"shop":"jaya"}'),
      ],
    });
    const invalid = (field: string) => ({ ErrorCode: 'InvalidArgument', ErrorMessage: expect.stringContaining(field) });
    expect(status).toBe(200);
    expect(body).toEqual({
      FailedEntryCount: 8,
      Entries: [
        {
          ErrorCode: 'InvalidArgument',
          ErrorMessage: 'Parameter DetailType is not valid. Reason: DetailType is a required argument.',
        },
        invalid('Source'),
        invalid('Detail'),
        invalid('DetailType'),
        invalid('Time'),
        invalid('Resources'),
        { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' },
        { ErrorCode: 'InvalidArgument', ErrorMessage: expect.any(String) },
        { EventId: expect.any(String) },
        { EventId: expect.any(String) },
      ],
    });
    const bodies = (await queues.bodiesIn('work')).map((text) => JSON.parse(text) as unknown);
    expect(bodies).toMatchObject([{ time: '2026-11-30T12:00:00Z' }, { detail: { shop: 'jaya' } }]);
    expect(events()).toHaveLength(2);
  });

  it('says of an entry that its queue did not take that it failed, and takes the others', async () => {
    const queues = await startQueues();
    const rules = [
      { ...rule, queueArns: [arnOf('gone')] },
      { ...rule, bus: 'other' },
    ];
    const eventBus = createEventBus({
      ...{ rules, queues: queues.queues, sqs: queues.sqs },
      file: openLineFile(join(directory, 'events.ndjson'), { complain: () => undefined }),
    });
    const Entries = [entry('Wanted', '{"shop":"rio"}'), entry('Wanted', '{"shop":"rio"}', 'other')];
    expect(await eventBus.put({ Entries })).toMatchObject({
      FailedEntryCount: 1,
      Entries: [{ ErrorCode: 'InternalFailure' }, { EventId: expect.any(String) }],
    });
  });

  it.each([
    [{}, 'The request cannot be used: Entries: is missing'],
    [{ Entries: [] }, 'The request cannot be used: Entries: must have at least 1 entry'],
    [{ Entries: Array.from({ length: 11 }, () => entry('Wanted', '{}')) }, 'Entries: must have at most 10 entries'],
    [{ Entries: 'x' }, 'Entries: must be a list'],
    [[], 'The request cannot be used: '],
  ])('refuses as a whole what is no request, and says what is wrong', async (request, words) => {
    const { call } = await start();
    expect(await call('AWSEvents.PutEvents', request)).toMatchObject({
      status: 400,
      body: { __type: 'ValidationException', message: expect.stringContaining(words) },
    });
  });

  it('answers what names no action, whatever its path is', async () => {
    const { endpoint } = await start();
    const port = Number(new URL(endpoint).port);
    for (const path of ['/', '//', '///?', '/%', 'http://']) {
      const { status, text } = await new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
        const outgoing = request({ port, path, method: 'POST' }, (reply) => {
          let text = '';
          reply.setEncoding('utf8').on('data', (part: string) => (text += part));
          reply.on('end', () => {
            resolve({ status: reply.statusCode, text });
          });
        });
        outgoing.on('error', reject).end('{}');
      });
      expect([path, status, text]).toEqual([path, 400, expect.stringMatching(/MissingAction.*X-Amz-Target/)]);
    }
    const noJson = await fetch(endpoint, {
      method: 'POST',
      body: '{',
      headers: { 'x-amz-target': 'AWSEvents.PutEvents' },
    });
    expect(await noJson.json()).toMatchObject({ __type: 'SerializationException' });
  });

  it('is one of AWS’s services on one port: Lambda, Step Functions and SQS are there too', async () => {
    const { call, queues, endpoint } = await start();
    const invoke = async (name: string) => {
      const reply = await fetch(`${endpoint}/2015-03-31/functions/${name}/invocations`, {
        method: 'POST',
        body: '{"a":1}',
      });
      return [reply.headers.get('x-amz-function-error'), await reply.json()];
    };
    expect(await invoke('worker')).toEqual([null, { name: 'worker', event: { a: 1 } }]);
    expect(await invoke('broken')).toEqual(['Unhandled', { errorType: 'Error', errorMessage: 'no', trace: [] }]);
    const fromAPage = { method: 'POST', body: '{}', headers: { origin: 'http://a.example' } };
    expect((await fetch(`${endpoint}/2015-03-31/functions/worker/invocations`, fromAPage)).status).toBe(403);
    expect((await call('AWSStepFunctions.SendTaskSuccess', { taskToken: 't', output: '{}' })).status).toBe(200);
    expect(JSON.parse(readFileSync(join(directory, 'tasks.ndjson'), 'utf8'))).toEqual({
      action: 'SendTaskSuccess',
      taskToken: 't',
      output: '{}',
    });
    await call('AmazonSQS.SendMessage', { QueueUrl: `${endpoint}/000000000000/work`, MessageBody: 'through' });
    expect(await queues.bodiesIn('work')).toEqual(['through']);
    expect(await call('AWSEvents.DeleteRule', {})).toMatchObject({
      status: 400,
      body: { __type: 'UnknownOperationException' },
    });
    expect(await call('AWSEvents.PutEvents', { Entries: [] })).toMatchObject({ status: 400 });
  });
});
