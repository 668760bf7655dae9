import { randomUUID } from 'node:crypto';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { parseBoundedJson } from '../../../functions/runtime/bounded-json.ts';
import { plainWords } from '../../../functions/runtime/schema-problems.ts';
import type { EventPattern, LocalEventRule } from '../template/event-sources.ts';
import { PSEUDO_PARAMETERS } from '../template/intrinsics.ts';
import type { LineFile } from '../../line-file.ts';
import type { LocalQueue } from '../template/template.ts';

export interface LocalEventBus {
  /** Answers a `PutEvents` request. An event that is taken has been delivered. */
  put(request: unknown): Promise<unknown>;
}

export interface EventBusNeeds {
  readonly rules: readonly LocalEventRule[];
  readonly queues: readonly LocalQueue[];
  readonly sqs: SQSClient;
  /** The file of every event that was put on a bus, one line each. */
  readonly file: Pick<LineFile, 'append'>;
}

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const MOST_ENTRIES = 10;
const requestSchema = z.object({
  Entries: z
    .array(z.unknown(), { error: plainWords })
    .min(1, { error: 'must have at least 1 entry' })
    .max(MOST_ENTRIES, { error: `must have at most ${MOST_ENTRIES} entries` }),
});
const LAST_TIME_MS = 8.64e15;
const entrySchema = z.object({
  EventBusName: z.string().default('default'),
  Source: z.string().min(1),
  DetailType: z.string().min(1),
  Detail: z.string().min(1),
  Resources: z.array(z.string()).default([]),
  /** Clients send seconds since 1970 or a date. Parsed to milliseconds. */
  Time: z
    .union([z.number().transform((seconds) => seconds * 1000), z.string().transform((text) => Date.parse(text))])
    .refine((ms) => Math.abs(ms) <= LAST_TIME_MS)
    .optional(),
});
type Entry = z.infer<typeof entrySchema>;

export function createEventBus(needs: EventBusNeeds): LocalEventBus {
  const putOne = async (given: unknown) => {
    const { data: entry, error } = entrySchema.safeParse(given);
    if (entry === undefined) return invalidArgument(error, given);
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
      // EventBridge answers each entry separately, so one that fails does not fail the others.
      for (const entry of entries) answers.push(await putOne(entry).catch(internalFailure));
      return { FailedEntryCount: answers.filter((one) => !('EventId' in one)).length, Entries: answers };
    },
  };
}

function invalidArgument({ issues }: z.ZodError, given: unknown) {
  const field = String(issues[0]?.path[0] ?? 'Entry');
  const value: unknown = new Map(Object.entries(given ?? {})).get(field);
  const why = value === undefined || value === '' ? ` Reason: ${field} is a required argument.` : '';
  return { ErrorCode: 'InvalidArgument', ErrorMessage: `Parameter ${field} is not valid.${why}` };
}

function internalFailure(error: unknown) {
  return { ErrorCode: 'InternalFailure', ErrorMessage: String(error) };
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html */
function eventOf(entry: Entry) {
  let detail: unknown;
  try {
    detail = parseBoundedJson(entry.Detail);
  } catch {
    return null;
  }
  if (typeof detail !== 'object' || detail === null || Array.isArray(detail)) return null;
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': entry.DetailType,
    source: entry.Source,
    account: PSEUDO_PARAMETERS['AWS::AccountId'],
    time: new Date(entry.Time ?? Date.now()).toISOString().replace(/\.\d+Z$/, 'Z'),
    region: PSEUDO_PARAMETERS['AWS::Region'],
    resources: entry.Resources,
    detail,
  };
}

function busName(nameOrArn: string): string {
  return nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1);
}

/** Whether each field in the pattern has one of its values. */
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
