import { ChangeMessageVisibilityCommand, type SQSClient } from '@aws-sdk/client-sqs';

/** The command queue as its consumer has it. */
export interface CommandSource {
  /** After how many deliveries SQS gives a message up; the consumer does so one earlier, to say why. */
  readonly mostReceives: number;
  /** Lets a message come back after so many seconds, instead of after the queue's visibility time-out. */
  hideFor(receiptHandle: string, seconds: number): Promise<void>;
}

export function createCommandSource(needs: {
  sqs: Pick<SQSClient, 'send'>;
  queueUrl: string;
  mostReceives: number;
}): CommandSource {
  return {
    mostReceives: needs.mostReceives,
    async hideFor(ReceiptHandle, VisibilityTimeout) {
      await needs.sqs.send(
        new ChangeMessageVisibilityCommand({ QueueUrl: needs.queueUrl, ReceiptHandle, VisibilityTimeout }),
      );
    },
  };
}
