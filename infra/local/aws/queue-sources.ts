import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteMessageBatchCommand, ReceiveMessageCommand, type Message, type SQSClient } from '@aws-sdk/client-sqs';
import { failuresIn } from './batch-failures.ts';
import type { InvocationResult } from './execution-environment.ts';
import type { LocalQueueSource } from '../template/event-sources.ts';
import { PSEUDO_PARAMETERS } from '../template/intrinsics.ts';
import type { LocalQueue } from '../template/template.ts';

export interface QueueSourcesNeeds {
  readonly sqs: SQSClient;
  readonly queues: readonly LocalQueue[];
  readonly invoke: (functionName: string, event: unknown) => Promise<InvocationResult>;
  readonly complain: (line: string) => void;
}

const AFTER_ERROR_MS = 1_000;

/**
 * Delivers queues' messages to their functions as Lambda's event source does: in batches, as many at once as the mapping says. Messages
 * that a function carried out are deleted. The others come back after their visibility time-out, until the queue gives them up.
 */
export function startQueueSources(
  sources: readonly LocalQueueSource[],
  needs: QueueSourcesNeeds,
): { close(): Promise<void> } {
  const stop = new AbortController();
  const pollers = sources.flatMap((source) => {
    const queue = needs.queues.find(({ arn }) => arn === source.queueArn);
    if (queue === undefined) throw new Error(`The template has no queue ${source.queueArn}.`);
    return Array.from({ length: source.containers }, () => poll(source, queue, needs, stop.signal));
  });
  return {
    async close() {
      stop.abort();
      await Promise.all(pollers);
    },
  };
}

async function poll(source: LocalQueueSource, queue: LocalQueue, needs: QueueSourcesNeeds, signal: AbortSignal) {
  const isStopping = () => signal.aborted;
  while (!isStopping()) {
    try {
      const { Messages: messages = [] } = await needs.sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: queue.url,
          MaxNumberOfMessages: Math.min(10, source.batchSize),
          WaitTimeSeconds: 5,
          MessageSystemAttributeNames: ['All'],
          MessageAttributeNames: ['All'],
        }),
        { abortSignal: signal },
      );
      if (messages.length > 0) await deliver(messages, source, queue, needs);
    } catch (error) {
      if (isStopping()) return;
      needs.complain(`The queue ${queue.name} could not be polled: ${String(error)}`);
      await sleep(AFTER_ERROR_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

async function deliver(
  messages: readonly Message[],
  source: LocalQueueSource,
  queue: LocalQueue,
  { sqs, invoke }: QueueSourcesNeeds,
): Promise<void> {
  const result = await invoke(source.functionName, { Records: messages.map((message) => record(message, queue.arn)) });
  // If the function failed as a whole, it is not certain that it carried out any message.
  if (result.kind === 'failed') return;
  const failed = failuresIn(result.payload);
  const done = messages.filter(({ MessageId }) => !failed.has(MessageId ?? ''));
  if (done.length === 0) return;
  await sqs.send(
    new DeleteMessageBatchCommand({
      QueueUrl: queue.url,
      Entries: done.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
    }),
  );
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
function record(message: Message, arn: string) {
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body ?? '',
    attributes: message.Attributes ?? {},
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, { StringValue, DataType }]) => [
        name,
        { stringValue: StringValue, stringListValues: [], binaryListValues: [], dataType: DataType },
      ]),
    ),
    md5OfBody: message.MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: arn,
    awsRegion: PSEUDO_PARAMETERS['AWS::Region'],
  };
}
