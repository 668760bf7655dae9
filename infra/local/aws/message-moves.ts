import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { plainWords, problemsOf } from '../../../functions/runtime/schema-problems.ts';
import type { LocalQueue } from '../template/template.ts';

/** SQS's tasks that move the messages of a dead-letter queue to another queue (a redrive). fauxqs does not have them. */
export interface MessageMoves {
  has(action: string): boolean;
  /** Answers an action as SQS documents it. Throws {@link MoveRefused}. */
  answer(action: string, request: unknown): Promise<unknown>;
  /** Ends running tasks. Messages that were not moved stay where they are. */
  close(): Promise<void>;
}

/** Thrown when SQS would refuse an action on a task. `code` is SQS's. */
export class MoveRefused extends Error {
  override readonly name = 'MoveRefused';
  readonly code: 'InvalidParameterValue' | 'ResourceNotFoundException' | 'UnsupportedOperation';

  constructor(code: MoveRefused['code'], message: string) {
    super(message);
    this.code = code;
  }
}

interface Task {
  readonly handle: string;
  status: 'RUNNING' | 'COMPLETED' | 'CANCELLED' | 'FAILED';
  readonly source: LocalQueue;
  readonly destination: LocalQueue;
  readonly mostPerSecond: number | undefined;
  readonly toMove: number;
  moved: number;
  failureReason?: string;
  readonly startedAt: number;
  readonly stop: AbortController;
  end: Promise<void>;
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html */
const startSchema = z.object({
  SourceArn: z.string(),
  DestinationArn: z.string().optional(),
  MaxNumberOfMessagesPerSecond: z.int().min(1).max(500).optional(),
});
const listSchema = z.object({ SourceArn: z.string(), MaxResults: z.int().min(1).max(10).default(1) });
const cancelSchema = z.object({ TaskHandle: z.string() });
const redriveSchema = z.object({ deadLetterTargetArn: z.string() });

export function createMessageMoves(needs: { sqs: SQSClient; queues: readonly LocalQueue[] }): MessageMoves {
  /** The tasks of this run, newest first. */
  const tasks: Task[] = [];

  const actions = new Map<string, (request: unknown) => Promise<unknown>>([
    [
      'StartMessageMoveTask',
      async (request) => {
        const asked = parsed(startSchema, request);
        const source = deadLetterQueue(asked.SourceArn, needs.queues);
        if (asked.DestinationArn === undefined) {
          // SQS sends each message to the queue that it came from. A message that Countermand buried came from none, and the task fails.
          throw new MoveRefused(
            'UnsupportedOperation',
            'infra/local does not know where a message came from: name the queue with --destination-arn.',
          );
        }
        const destination = queueOf(asked.DestinationArn, needs.queues);
        // Only the messages that are there now are moved, so that those buried again do not move in circles.
        const toMove = await depthOf(source, needs.sqs);
        if (tasks.some((task) => task.source === source && task.status === 'RUNNING'))
          throw new MoveRefused('UnsupportedOperation', 'There is already a task running. Only one is allowed.');
        const task: Task = {
          handle: randomUUID(),
          status: 'RUNNING',
          source,
          destination,
          mostPerSecond: asked.MaxNumberOfMessagesPerSecond,
          toMove,
          moved: 0,
          startedAt: Date.now(),
          stop: new AbortController(),
          end: Promise.resolve(),
        };
        tasks.unshift(task);
        task.end = run(task, needs.sqs);
        return { TaskHandle: task.handle };
      },
    ],
    [
      'ListMessageMoveTasks',
      (request) => {
        const { SourceArn, MaxResults } = parsed(listSchema, request);
        const source = deadLetterQueue(SourceArn, needs.queues);
        const found = tasks.filter((task) => task.source === source).slice(0, MaxResults);
        return Promise.resolve({ Results: found.map(shown) });
      },
    ],
    [
      'CancelMessageMoveTask',
      async (request) => {
        const { TaskHandle } = parsed(cancelSchema, request);
        const task = tasks.find(({ handle, status }) => handle === TaskHandle && status === 'RUNNING');
        if (task === undefined) throw new MoveRefused('ResourceNotFoundException', 'No such task is running.');
        await cancelTask(task);
        return { ApproximateNumberOfMessagesMoved: task.moved };
      },
    ],
  ]);

  return {
    has: (action) => actions.has(action),
    answer(action, request) {
      const answer = actions.get(action);
      if (answer === undefined) throw new Error(`${action} is no action on tasks that move messages.`);
      return answer(request);
    },
    async close() {
      await Promise.all(tasks.map(cancelTask));
    },
  };
}

async function cancelTask(task: Task): Promise<void> {
  task.stop.abort();
  await task.end;
}

async function run(task: Task, sqs: SQSClient): Promise<void> {
  const { signal } = task.stop;
  try {
    await moveAll(task, sqs, signal);
    task.status = signal.aborted ? 'CANCELLED' : 'COMPLETED';
  } catch (error) {
    if (signal.aborted) task.status = 'CANCELLED';
    else Object.assign(task, { status: 'FAILED', failureReason: String(error) });
  }
}

async function moveAll(task: Task, sqs: SQSClient, signal: AbortSignal): Promise<void> {
  const { source, destination, mostPerSecond, toMove } = task;
  while (task.moved < toMove && !signal.aborted) {
    // The message is hidden only for a moment: if it is not moved within that, it can be received again.
    const { Messages: messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: source.url, VisibilityTimeout: 5, MessageAttributeNames: ['All'] }),
    );
    const [message] = messages;
    if (message === undefined) return;
    await sqs.send(
      new SendMessageCommand({
        QueueUrl: destination.url,
        MessageBody: message.Body,
        MessageAttributes: message.MessageAttributes,
      }),
    );
    await sqs.send(new DeleteMessageCommand({ QueueUrl: source.url, ReceiptHandle: message.ReceiptHandle }));
    task.moved += 1;
    if (mostPerSecond !== undefined && task.moved < toMove) await sleep(1_000 / mostPerSecond, undefined, { signal });
  }
}

function shown(task: Task) {
  return {
    // SQS shows the handle only of a running task.
    ...(task.status === 'RUNNING' && { TaskHandle: task.handle }),
    Status: task.status,
    SourceArn: task.source.arn,
    DestinationArn: task.destination.arn,
    ...(task.mostPerSecond !== undefined && { MaxNumberOfMessagesPerSecond: task.mostPerSecond }),
    ApproximateNumberOfMessagesMoved: task.moved,
    ApproximateNumberOfMessagesToMove: task.toMove,
    ...(task.failureReason !== undefined && { FailureReason: task.failureReason }),
    StartedTimestamp: task.startedAt,
  };
}

/** Returns the queue with this ARN. Throws unless it is another queue's dead-letter queue: SQS moves messages from no other. */
function deadLetterQueue(arn: string, queues: readonly LocalQueue[]): LocalQueue {
  const queue = queueOf(arn, queues);
  const isTarget = queues.some(({ attributes: { RedrivePolicy: policy } }) => {
    return policy !== undefined && redriveSchema.parse(JSON.parse(policy)).deadLetterTargetArn === arn;
  });
  if (!isTarget)
    throw new MoveRefused('InvalidParameterValue', 'Source queue must be configured as a Dead Letter Queue.');
  return queue;
}

function queueOf(arn: string, queues: readonly LocalQueue[]): LocalQueue {
  const queue = queues.find((one) => one.arn === arn);
  if (queue === undefined)
    throw new MoveRefused('ResourceNotFoundException', `The resource that you specified doesn't exist: ${arn}`);
  return queue;
}

async function depthOf({ url }: LocalQueue, sqs: SQSClient): Promise<number> {
  const { Attributes: attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['ApproximateNumberOfMessages'] }),
  );
  return Number(attributes?.ApproximateNumberOfMessages);
}

function parsed<Output>(schema: z.ZodType<Output>, request: unknown): Output {
  const result = schema.safeParse(request, { error: plainWords });
  if (result.success) return result.data;
  throw new MoveRefused('InvalidParameterValue', problemsOf(null, result.error).join('; '));
}
