import { join } from 'node:path';
import { startFauxqs } from 'fauxqs';
import * as z from 'zod';
import type { LocalStack } from '../template/template.ts';

/** SQS and S3 on this machine, on one port. */
export interface QueuesAndBuckets {
  readonly endpoint: string;
  /**
   * Makes the template's queues and buckets where they are missing; what is in them is kept over restarts. What an earlier run was
   * working on can be received again after a second: its consumers are gone.
   */
  create(stack: Pick<LocalStack, 'queues' | 'buckets'>): Promise<void>;
  close(): Promise<void>;
}

/**
 * What SQS does not take: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
const NOT_TAKEN = /[^\x09\x0A\x0D\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

/** fauxqs 2.4.1 refuses what is beyond U+FFFF, an emoji among it, because its pattern reads a character as its two halves. */
async function takeWhatSqsTakes(): Promise<void> {
  const module: unknown = await import(new URL('sqs/sqsTypes.js', import.meta.resolve('fauxqs')).href);
  const { INVALID_MESSAGE_BODY_CHAR: pattern } = z
    .object({ INVALID_MESSAGE_BODY_CHAR: z.instanceof(RegExp) })
    .parse(module);
  pattern.test = (body) => NOT_TAKEN.test(body);
}

/** Starts them with their data in `directory`. */
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
      // A queue's dead-letter queue has to be there before it.
      const ordered = queues.toSorted(
        (a, b) => Number('RedrivePolicy' in a.attributes) - Number('RedrivePolicy' in b.attributes),
      );
      // Leaves alone what is there already, with all that is in it.
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

/** In a second: fauxqs cannot keep a message that is visible from now on. */
async function release(endpoint: string, name: string, ReceiptHandle: string): Promise<void> {
  const reply = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.ChangeMessageVisibility' },
    body: JSON.stringify({ QueueUrl: queueUrl(endpoint, name), ReceiptHandle, VisibilityTimeout: 1 }),
  });
  if (!reply.ok) throw new Error(`A message of ${name} could not be made visible again: ${await reply.text()}`);
}

/** A queue's URL at an endpoint: clients send to the URL's host, whatever their own endpoint is. */
export function queueUrl(endpoint: string, name: string): string {
  return `${endpoint}/000000000000/${name}`;
}
