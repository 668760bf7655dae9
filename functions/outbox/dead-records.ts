import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { StreamRecord } from './stream-record.ts';

/** The queue that names the ledger's changes that no function could read, until a person looks. */
export interface DeadRecords {
  /** Puts a message there that names the record and the reason. The record's content stays in the ledger. */
  bury(record: StreamRecord, error: unknown): Promise<void>;
}

export function createDeadRecords(needs: {
  sqs: Pick<SQSClient, 'send'>;
  queueUrl: string;
  clock: Clock;
  log: Logger;
}): DeadRecords {
  return {
    async bury({ eventID, dynamodb }, error) {
      const order = dynamodb.Keys['order']?.S ?? null;
      const why = error instanceof Error ? error.name : String(error);
      needs.log.error('OUTCOME_UNREADABLE', { order, record: eventID, error });
      await needs.sqs.send(
        new SendMessageCommand({
          QueueUrl: needs.queueUrl,
          MessageBody: JSON.stringify({
            order,
            slot: dynamodb.Keys['slot']?.S ?? null,
            record: eventID,
            sequenceNumber: dynamodb.SequenceNumber,
            reason: why,
            failedAt: new Date(needs.clock.now()).toISOString(),
          }),
        }),
      );
    },
  };
}
