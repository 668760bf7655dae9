import { ChangeMessageVisibilityCommand, type SQSClient } from '@aws-sdk/client-sqs';

/** The command queue, as its consumer sees it. */
export interface CommandSource {
  /** After how many deliveries SQS gives up a message. The consumer buries it itself in the last of them, with the reason. */
  readonly mostReceives: number;
  /** Makes a message come back after so many seconds instead of after the queue's visibility time-out. */
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
