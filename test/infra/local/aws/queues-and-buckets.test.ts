import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  queueUrl,
  startQueuesAndBuckets,
  type QueuesAndBuckets,
} from '../../../../infra/local/aws/queues-and-buckets.ts';
import { localStack } from '../../../../infra/local/template/template.ts';

let directory: string;
let running: QueuesAndBuckets | undefined;
const start = async () => (running = await startQueuesAndBuckets(directory));
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'countermand-queues-'));
});
afterEach(async () => {
  await running?.close();
  rmSync(directory, { recursive: true, force: true });
});

const stackAt = (endpoint: string) =>
  localStack(
    {
      Resources: {
        Commands: {
          Type: 'AWS::SQS::Queue',
          Properties: {
            VisibilityTimeout: 180,
            RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Rejected', 'Arn'] }, maxReceiveCount: 5 },
          },
        },
        Rejected: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'rejected-commands' } },
        ExportsBucket: { Type: 'AWS::S3::Bucket', Properties: {} },
      },
    },
    { assetDir: () => '', queueUrl: (name) => queueUrl(endpoint, name) },
  );
const sqs = async (url: string, action: string, request: object) => {
  const reply = await fetch(new URL('/', url), {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${action}` },
    body: JSON.stringify({ QueueUrl: url, ...request }),
  });
  return (await reply.json()) as Record<string, unknown>;
};

describe('a queue on this machine', () => {
  it.each([
    ['an emoji', 'Cliente desistiu \u{1f622}', true],
    ['a letter beyond the basic plane', '\u{20bb7}', true],
    ['a tab and line ends', 'a\tb\r\nc', true],
    ['a control character', 'a\u0000b', false],
    ['a noncharacter', 'a\ufffeb', false],
  ])('takes what SQS takes, and nothing else: %s', async (_, MessageBody, isTaken) => {
    const running = await start();
    const { endpoint } = running;
    await running.create(stackAt(endpoint));
    const url = stackAt(endpoint).queues[0]?.url ?? '';
    const one = await sqs(url, 'SendMessage', { MessageBody });
    const batch = await sqs(url, 'SendMessageBatch', { Entries: [{ Id: '1', MessageBody }] });
    expect({ one: 'MessageId' in one, batch: 'Successful' in batch && batch['Successful'] }).toMatchObject(
      isTaken ? { one: true, batch: [{ Id: '1' }] } : { one: false, batch: [] },
    );
    if (!isTaken) return;
    const received = await sqs(url, 'ReceiveMessage', { MaxNumberOfMessages: 10 });
    expect(received).toMatchObject({ Messages: [{ Body: MessageBody }, { Body: MessageBody }] });
  });
});

describe('queues and buckets on this machine', () => {
  it('are the template’s, and what is in them is kept over a restart', async () => {
    const first = await start();
    const stack = stackAt(first.endpoint);
    await first.create(stack);
    expect(stack.buckets).toEqual(['exportsbucket']);
    const [commands, rejected] = stack.queues;
    expect(rejected?.url).toBe(`${first.endpoint}/000000000000/rejected-commands`);
    expect(await sqs(commands?.url ?? '', 'GetQueueAttributes', { AttributeNames: ['All'] })).toMatchObject({
      Attributes: {
        VisibilityTimeout: '180',
        RedrivePolicy: expect.stringContaining(`"${rejected?.arn ?? 'none'}"`),
      },
    });
    await sqs(commands?.url ?? '', 'SendMessage', { MessageBody: 'kept' });
    // A consumer has it, hidden for 180 seconds, and is gone with the stop.
    expect(await sqs(commands?.url ?? '', 'ReceiveMessage', {})).toMatchObject({ Messages: [{ Body: 'kept' }] });
    const object = { method: 'PUT', body: 'kept too' };
    expect((await fetch(`${first.endpoint}/exportsbucket/day/one.txt`, object)).status).toBe(200);
    await first.close();

    const second = await start();
    await second.create(stackAt(second.endpoint));
    const url = stackAt(second.endpoint).queues[0]?.url ?? '';
    expect(await sqs(url, 'ReceiveMessage', { WaitTimeSeconds: 20 })).toMatchObject({ Messages: [{ Body: 'kept' }] });
    expect(await (await fetch(`${second.endpoint}/exportsbucket/day/one.txt`)).text()).toBe('kept too');
  });
});
