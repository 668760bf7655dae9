import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LocalStackProcess } from './local-stack.ts';

/** The AWS services of a local stack, called as AWS's own SDKs call them. */
export function awsServicesOf(stack: LocalStackProcess) {
  const facts = JSON.parse(readFileSync(join(stack.dataDir, 'local.json'), 'utf8')) as { awsEndpoint: string };
  const call = async (target: string, body: object): Promise<Record<string, unknown>> => {
    const reply = await fetch(facts.awsEndpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target },
      body: JSON.stringify(body),
    });
    const text = await reply.text();
    if (!reply.ok) throw new Error(`${target}: ${text}`);
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  };
  const queueUrl = (name: string) => `${facts.awsEndpoint}/000000000000/Countermand-${name}`;

  const lines = <Line>(file: string): Line[] => {
    const path = join(stack.dataDir, file);
    if (!existsSync(path)) return [];
    const text = readFileSync(path, 'utf8');
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Line);
  };

  return {
    send: (queue: string, body: unknown) =>
      call('AmazonSQS.SendMessage', {
        QueueUrl: queueUrl(queue),
        MessageBody: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    async sendAll(queue: string, bodies: readonly unknown[]) {
      const Entries = bodies.map((body, index) => ({
        Id: String(index),
        MessageBody: typeof body === 'string' ? body : JSON.stringify(body),
      }));
      await call('AmazonSQS.SendMessageBatch', { QueueUrl: queueUrl(queue), Entries });
    },
    /** Takes at most ten messages that are in a queue now. */
    async receive(queue: string): Promise<SqsMessage[]> {
      const { Messages } = await call('AmazonSQS.ReceiveMessage', {
        QueueUrl: queueUrl(queue),
        MaxNumberOfMessages: 10,
        MessageAttributeNames: ['All'],
      });
      return (Messages ?? []) as SqsMessage[];
    },
    delete: (queue: string, { ReceiptHandle }: SqsMessage) =>
      call('AmazonSQS.DeleteMessage', { QueueUrl: queueUrl(queue), ReceiptHandle }),
    /** The number of messages that wait, are being worked on, or are delayed. */
    async depth(queue: string): Promise<number> {
      const { Attributes } = await call('AmazonSQS.GetQueueAttributes', {
        QueueUrl: queueUrl(queue),
        AttributeNames: ['All'],
      });
      const counts = Attributes as Record<string, string>;
      return Number(counts['ApproximateNumberOfMessages']) + Number(counts['ApproximateNumberOfMessagesNotVisible']);
    },
    /** Puts the dead commands back into the command queue. */
    redrive: () =>
      call('AmazonSQS.StartMessageMoveTask', {
        SourceArn: 'arn:aws:sqs:us-east-1:000000000000:Countermand-dead-commands',
        DestinationArn: 'arn:aws:sqs:us-east-1:000000000000:Countermand-commands',
      }),
    putEvent: (detailType: string, detail: unknown) =>
      call('AWSEvents.PutEvents', {
        Entries: [
          { EventBusName: 'Countermand', Source: 'shop', DetailType: detailType, Detail: JSON.stringify(detail) },
        ],
      }),
    async invoke(name: string, input: unknown): Promise<{ failed: boolean; payload: Record<string, unknown> }> {
      const path = `/2015-03-31/functions/Countermand-${name}/invocations`;
      const reply = await fetch(`${facts.awsEndpoint}${path}`, { method: 'POST', body: JSON.stringify(input) });
      const payload = (await reply.json()) as Record<string, unknown>;
      return { failed: reply.headers.has('x-amz-function-error'), payload };
    },
    /** Returns every event that was sent to the bus. */
    events: () => lines<BusEvent>('events.ndjson'),
    /** Returns the results that state machines were sent. */
    taskAnswers: () =>
      lines<{ action: string; taskToken: string; output?: string; error?: string }>('task-answers.ndjson'),
  };
}

export interface SqsMessage {
  readonly Body: string;
  readonly ReceiptHandle: string;
  readonly MessageAttributes?: Record<string, { StringValue: string }>;
}

export interface BusEvent {
  readonly 'detail-type': string;
  readonly detail: { id: string; sequence: number; operation?: { id: string; outcome: string; orderId: string } };
}

/** Waits until a condition holds. Only the test's own time limit ends the wait. */
export async function until(condition: () => Promise<boolean> | boolean, pauseMs = 100): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, pauseMs));
}
