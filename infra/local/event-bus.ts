import { randomUUID } from 'node:crypto';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import type { EventPattern, LocalEventRule } from './event-sources.ts';
import { PSEUDO_PARAMETERS } from './intrinsics.ts';
import type { LineFile } from './line-file.ts';
import type { LocalQueue } from './template.ts';

export interface LocalEventBus {
  /** Takes the request of `PutEvents` and answers it. An event that is taken has been delivered. */
  put(request: unknown): Promise<unknown>;
}

export interface EventBusNeeds {
  readonly rules: readonly LocalEventRule[];
  readonly queues: readonly LocalQueue[];
  readonly sqs: SQSClient;
  /** Where every event is written that came to a bus, one line each. */
  readonly file: Pick<LineFile, 'append'>;
}

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const requestSchema = z.object({
  Entries: z
    .array(
      z.object({
        EventBusName: z.string().default('default'),
        Source: z.string(),
        DetailType: z.string(),
        Detail: z.string(),
        Resources: z.array(z.string()).default([]),
        Time: z.number().optional(),
      }),
    )
    .min(1)
    .max(10),
});
type Entry = z.infer<typeof requestSchema>['Entries'][number];

export function createEventBus(needs: EventBusNeeds): LocalEventBus {
  const putOne = async (entry: Entry) => {
    const event = eventOf(entry);
    if (event === null) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
    for (const rule of needs.rules) {
      if (rule.bus !== busName(entry.EventBusName) || !isLike(event, rule.pattern)) continue;
      for (const arn of rule.queueArns) {
        const queue = needs.queues.find((one) => one.arn === arn);
        await needs.sqs.send(new SendMessageCommand({ QueueUrl: queue?.url, MessageBody: JSON.stringify(event) }));
      }
    }
    needs.file.append(JSON.stringify(event));
    return { EventId: event.id };
  };
  return {
    async put(request) {
      const { Entries: entries } = requestSchema.parse(request);
      const answers: Awaited<ReturnType<typeof putOne>>[] = [];
      for (const entry of entries) answers.push(await putOne(entry));
      return { FailedEntryCount: answers.filter((one) => !('EventId' in one)).length, Entries: answers };
    },
  };
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html */
function eventOf(entry: Entry) {
  let detail: unknown;
  try {
    detail = JSON.parse(entry.Detail);
  } catch {
    return null;
  }
  if (typeof detail !== 'object' || detail === null) return null;
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': entry.DetailType,
    source: entry.Source,
    account: PSEUDO_PARAMETERS['AWS::AccountId'],
    time: new Date(entry.Time === undefined ? Date.now() : entry.Time * 1000).toISOString().replace(/\.\d+Z$/, 'Z'),
    region: PSEUDO_PARAMETERS['AWS::Region'],
    resources: entry.Resources,
    detail,
  };
}

function busName(nameOrArn: string): string {
  return nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1);
}

/** Whether each field that the pattern names has one of the values that it gives. */
export function isLike(value: unknown, pattern: EventPattern): boolean {
  const fields = new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);
  return Object.entries(pattern).every(([field, wanted]) => {
    const found: unknown = fields.get(field);
    return isValues(wanted) ? typeof found === 'string' && wanted.includes(found) : isLike(found, wanted);
  });
}

function isValues(wanted: readonly string[] | EventPattern): wanted is readonly string[] {
  return Array.isArray(wanted);
}
