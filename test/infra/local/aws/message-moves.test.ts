import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CancelMessageMoveTaskCommand,
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { startAwsServices } from '../../../../infra/local/aws/aws-services.ts';
import { createMessageMoves } from '../../../../infra/local/aws/message-moves.ts';
import { queueUrl, startQueuesAndBuckets } from '../../../../infra/local/aws/queues-and-buckets.ts';
import { until } from '../../../support/aws-services.ts';

const arnOf = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;
const refuseCall = () => Promise.reject(new Error('This test does not ask for it.'));

let endpoint: string;
let sqs: SQSClient;
let stops: (() => Promise<void>)[];
beforeEach(async () => {
  stops = [];
  const directory = await mkdtemp(join(tmpdir(), 'countermand-moves-'));
  stops.push(() => rm(directory, { recursive: true }));
  const running = await startQueuesAndBuckets(directory);
  stops.push(() => running.close());
  const queue = (name: string, attributes = {}) => ({
    ...{ name, arn: arnOf(name), url: queueUrl(running.endpoint, name), attributes },
  });
  const redrive = JSON.stringify({ deadLetterTargetArn: arnOf('dead'), maxReceiveCount: 2 });
  const queues = [queue('commands', { RedrivePolicy: redrive }), queue('dead'), queue('other')];
  await running.create({ queues, buckets: [] });
  const settings = { region: 'us-east-1', credentials: { accessKeyId: 'any', secretAccessKey: 'any' }, maxAttempts: 1 };
  const behind = new SQSClient({ ...settings, endpoint: running.endpoint });
  const messageMoves = createMessageMoves({ sqs: behind, queues });
  stops.push(() => messageMoves.close());
  const services = await startAwsServices({
    ...{ port: 0, sqsEndpoint: running.endpoint, messageMoves },
    ...{
      eventBus: { put: refuseCall },
      tasks: { record: () => undefined },
      invoke: refuseCall,
      functionNames: new Set(),
    },
  });
  stops.push(() => services.close());
  ({ endpoint } = services);
  sqs = new SQSClient({ ...settings, endpoint });
});
afterEach(async () => {
  for (const stop of stops.reverse()) await stop();
});

const send = (name: string, MessageBody: string, commandId = 'first') =>
  sqs.send(
    new SendMessageCommand({
      QueueUrl: queueUrl(endpoint, name),
      MessageBody,
      MessageAttributes: { commandId: { DataType: 'String', StringValue: commandId } },
    }),
  );
const depth = async (name: string) => {
  const { Attributes: found } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl(endpoint, name), AttributeNames: ['All'] }),
  );
  return Number(found?.ApproximateNumberOfMessages);
};
const start = (source: string, destination?: string, MaxNumberOfMessagesPerSecond?: number) =>
  sqs.send(
    new StartMessageMoveTaskCommand({
      SourceArn: arnOf(source),
      ...(destination !== undefined && { DestinationArn: arnOf(destination) }),
      ...(MaxNumberOfMessagesPerSecond !== undefined && { MaxNumberOfMessagesPerSecond }),
    }),
  );
const list = async () =>
  (await sqs.send(new ListMessageMoveTasksCommand({ SourceArn: arnOf('dead'), MaxResults: 10 }))).Results ?? [];
const waitUntilEnded = () => until(async () => (await list()).every(({ Status }) => Status !== 'RUNNING'), 20);

describe('a redrive on this machine', () => {
  it('moves every dead letter to the queue that is named, with its attributes', async () => {
    for (const body of ['one \u{1f622}', 'two', 'three']) await send('dead', body, `id of ${body}`);
    expect((await start('dead', 'commands')).TaskHandle).toEqual(expect.any(String));
    await waitUntilEnded();
    expect(await list()).toMatchObject([
      {
        Status: 'COMPLETED',
        ...{ SourceArn: arnOf('dead'), DestinationArn: arnOf('commands') },
        ...{ ApproximateNumberOfMessagesMoved: 3, ApproximateNumberOfMessagesToMove: 3 },
      },
    ]);
    expect([await depth('dead'), await depth('commands')]).toEqual([0, 3]);
    const { Messages: moved = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl(endpoint, 'commands'),
        MaxNumberOfMessages: 10,
        MessageAttributeNames: ['All'],
      }),
    );
    expect(moved.map(({ Body, MessageAttributes: { commandId } = {} }) => [Body, commandId?.StringValue])).toEqual(
      ['one \u{1f622}', 'two', 'three'].map((body) => [body, `id of ${body}`]),
    );
  });

  it('is one at a time, can be slow, and can be stopped', async () => {
    for (const body of ['one', 'two', 'three']) await send('dead', body);
    const { TaskHandle } = await start('dead', 'other', 1);
    await until(async () => (await depth('other')) === 1, 20);
    expect(await list()).toMatchObject([{ Status: 'RUNNING', TaskHandle, MaxNumberOfMessagesPerSecond: 1 }]);
    await expect(start('dead', 'other')).rejects.toMatchObject({ name: 'UnsupportedOperation' });
    const stopped = await sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle }));
    expect(stopped.ApproximateNumberOfMessagesMoved).toBe(1);
    expect(await list()).toMatchObject([{ Status: 'CANCELLED' }]);
    expect([await depth('dead'), await depth('other')]).toEqual([2, 1]);
    await expect(sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await start('dead', 'other');
    await waitUntilEnded();
    expect((await list()).map(({ Status }) => Status)).toEqual(['COMPLETED', 'CANCELLED']);
  });

  it.each([
    ['from a queue that is no dead-letter queue', 'other', 'commands', 'InvalidParameterValue', /Dead Letter Queue/],
    ['from a queue that there is not', 'none', 'commands', 'ResourceNotFoundException', /none/],
    ['to a queue that there is not', 'dead', 'none', 'ResourceNotFoundException', /none/],
    ['without a destination', 'dead', undefined, 'UnsupportedOperation', /--destination-arn/],
  ])('is refused %s', async (_, source, destination, name, words) => {
    const refused = { name, message: expect.stringMatching(words) };
    await expect(start(source, destination)).rejects.toMatchObject(refused);
  });

  it('is refused by what is missing or wrong, in one line', async () => {
    const startWith = (input: object) =>
      sqs.send(
        new StartMessageMoveTaskCommand({ SourceArn: arnOf('dead'), DestinationArn: arnOf('commands'), ...input }),
      );
    await expect(startWith({ SourceArn: undefined })).rejects.toThrow('SourceArn: is missing');
    await expect(startWith({ MaxNumberOfMessagesPerSecond: 0 })).rejects.toThrow(
      'MaxNumberOfMessagesPerSecond: must be at least 1',
    );
  });
});

describe('a client that speaks to SQS in the query protocol', () => {
  it.each([
    ['in a form', '', 'Action=ReceiveMessage&Version=2012-11-05'],
    ['in an address', '?Action=ListQueues&Version=2012-11-05', ''],
  ])('is told in XML what to do: %s', async (_, query, body) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
    const reply = await fetch(`${endpoint}/000000000000/commands${query}`, { method: 'POST', headers, body });
    expect([reply.status, reply.headers.get('content-type')]).toEqual([400, 'text/xml']);
    expect(await reply.text()).toMatch(
      /<Error><Type>Sender<\/Type><Code>\w+<\/Code><Message>[^<]*2\.13\.34[^<]*<\/Message>/,
    );
  });
});
