import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Batch } from '../batches/batch.ts';
import { sqsText } from '../runtime/sqs-text.ts';
import { QueueUnavailable } from './errors.ts';
import type { BatchEntry } from './queue-message.ts';

export interface CommandQueue {
  /** Puts every order of a batch into the queue. Throws {@link QueueUnavailable} unless all of them are surely in it. */
  sendBatch(batch: Batch): Promise<void>;
}

/** SQS takes ten messages in a request. */
const MESSAGES_AT_ONCE = 10;
const REQUESTS_AT_ONCE = 8;

export function createCommandQueue({
  sqs,
  queueUrl,
}: {
  sqs: Pick<SQSClient, 'send'>;
  queueUrl: string;
}): CommandQueue {
  const send = async (entries: readonly BatchEntry[]) => {
    const { Failed = [] } = await sqs
      .send(
        new SendMessageBatchCommand({
          QueueUrl: queueUrl,
          Entries: entries.map((entry, index) => ({ Id: String(index), MessageBody: sqsText(JSON.stringify(entry)) })),
        }),
      )
      .catch((error: unknown) => {
        throw new QueueUnavailable(error);
      });
    if (Failed.length > 0) throw new QueueUnavailable(new Error(Failed[0]?.Code));
  };

  return {
    async sendBatch({ id, dryRun, connection, orderIds, reason, note, actor }) {
      const entries = orderIds.map((orderId): BatchEntry => ({
        batch: { id, dryRun },
        connection,
        orderId,
        ...(reason !== null && { reason }),
        ...(note !== null && { note }),
        ...(actor !== null && { actor }),
      }));
      const groups = Array.from({ length: Math.ceil(entries.length / MESSAGES_AT_ONCE) }, (_, index) =>
        entries.slice(index * MESSAGES_AT_ONCE, (index + 1) * MESSAGES_AT_ONCE),
      ).values();
      const lane = async () => {
        for (const group of groups) await send(group);
      };
      await Promise.all(Array.from({ length: REQUESTS_AT_ONCE }, lane));
    },
  };
}
