import { join } from 'node:path';
import { startFauxqs } from 'fauxqs';
import * as z from 'zod';
import type { LocalStack } from '../template/template.ts';

/** SQS and S3 on this machine, on one port. */
export interface QueuesAndBuckets {
  readonly endpoint: string;
  /**
   * Makes the template's queues and buckets if they are missing. Their content is kept over restarts. Messages that an earlier run was
   * working on can be received again after a second: its consumers are gone.
   */
  create(stack: Pick<LocalStack, 'queues' | 'buckets'>): Promise<void>;
  close(): Promise<void>;
}

/**
 * Characters that SQS refuses: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
const NOT_TAKEN = /[^\x09\x0A\x0D\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

/** fauxqs 2.4.1 refuses characters beyond U+FFFF, such as emoji, because its pattern reads each as two halves. This replaces the pattern. */
async function takeWhatSqsTakes(): Promise<void> {
  const module: unknown = await import(new URL('sqs/sqsTypes.js', import.meta.resolve('fauxqs')).href);
  const { INVALID_MESSAGE_BODY_CHAR: pattern } = z
    .object({ INVALID_MESSAGE_BODY_CHAR: z.instanceof(RegExp) })
    .parse(module);
  pattern.test = (body) => NOT_TAKEN.test(body);
}

/** Starts SQS and S3 with their data in `directory`. */
export async function startQueuesAndBuckets(directory: string): Promise<QueuesAndBuckets> {
  await takeWhatSqsTakes();
  const server = await startFauxqs({
    port: 0,
    logger: false,
    dataDir: directory,
    s3StorageDir: join(directory, 'objects'),
  });
  return {
    endpoint: server.address,
    async create({ queues, buckets }) {
      // A queue's dead-letter queue must be made before it.
      const ordered = queues.toSorted(
        (a, b) => Number('RedrivePolicy' in a.attributes) - Number('RedrivePolicy' in b.attributes),
      );
      // Existing queues and buckets keep their content.
      server.setup({
        queues: ordered.map(({ name, attributes }) => ({ name, attributes })),
        buckets: [...buckets],
      });
      for (const { name } of queues) {
        for (const { receiptHandle } of server.inspectQueue(name)?.messages.inflight ?? []) {
          await release(server.address, name, receiptHandle);
        }
      }
    },
    close: () => server.stop(),
  };
}

/** Makes a message visible in a second: fauxqs cannot keep one that becomes visible at once. */
async function release(endpoint: string, name: string, ReceiptHandle: string): Promise<void> {
  const reply = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.ChangeMessageVisibility' },
    body: JSON.stringify({ QueueUrl: queueUrl(endpoint, name), ReceiptHandle, VisibilityTimeout: 1 }),
  });
  if (!reply.ok) throw new Error(`A message of ${name} could not be made visible again: ${await reply.text()}`);
}

/** Returns a queue's URL at an endpoint. Clients send to the URL's host and ignore their own endpoint. */
export function queueUrl(endpoint: string, name: string): string {
  return `${endpoint}/000000000000/${name}`;
}
