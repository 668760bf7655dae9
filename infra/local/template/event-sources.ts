import * as z from 'zod';
import { PSEUDO_PARAMETERS } from './intrinsics.ts';

/** A queue that triggers a function. */
export interface LocalQueueSource {
  readonly queueArn: string;
  readonly functionName: string;
  readonly batchSize: number;
  /** The most invocations at once. */
  readonly containers: number;
}

/** A table's stream that triggers a function. */
export interface LocalStreamSource {
  readonly tableName: string;
  readonly functionName: string;
  readonly batchSize: number;
  /** A batch that fails is halved until the record that it fails on is alone. */
  readonly bisects: boolean;
  /** Infinity: no limit. The same for `maxRetries`. */
  readonly maxRecordAgeMs: number;
  readonly maxRetries: number;
  /** Receives a message about records that were given up. */
  readonly failureQueueArn: string;
}

/** The queues that receive the events of a bus that match a pattern. */
export interface LocalEventRule {
  readonly bus: string;
  readonly pattern: EventPattern;
  readonly queueArns: readonly string[];
}

/** The values that each field may have. Fields may be nested. Other matchers of EventBridge are not supported. */
export interface EventPattern {
  readonly [field: string]: readonly string[] | EventPattern;
}

const patternSchema: z.ZodType<EventPattern> = z.record(
  z.string(),
  z.union([z.array(z.string()), z.lazy(() => patternSchema)]),
);
const ruleSchema = z.object({
  EventBusName: z.string().optional(),
  EventPattern: patternSchema.optional(),
  Targets: z.array(z.object({ Arn: z.string() })).default([]),
});

const mappingSchema = z.object({
  EventSourceArn: z.string(),
  FunctionName: z.string(),
  BatchSize: z.number(),
  FunctionResponseTypes: z.tuple([z.literal('ReportBatchItemFailures')]),
  ScalingConfig: z.object({ MaximumConcurrency: z.number() }).optional(),
  // -1 stands for no limit: https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html
  MaximumRecordAgeInSeconds: z.number().default(-1).transform(limit),
  MaximumRetryAttempts: z.number().default(-1).transform(limit),
  BisectBatchOnFunctionError: z.boolean().default(false),
  DestinationConfig: z.object({ OnFailure: z.object({ Destination: z.string() }) }).optional(),
});
type Mapping = z.infer<typeof mappingSchema>;

function limit(value: number): number {
  return value === -1 ? Infinity : value;
}

/** Returns the event sources of a template. `all` returns its resources of a type, by logical id, with references resolved. */
export function eventSourcesOf(all: <T>(type: string, schema: z.ZodType<T>) => [string, T][]): {
  queueSources: LocalQueueSource[];
  streamSources: LocalStreamSource[];
  eventRules: LocalEventRule[];
} {
  const mappings = all('AWS::Lambda::EventSourceMapping', mappingSchema).map(([, mapping]) => mapping);
  const isQueue = ({ EventSourceArn }: Mapping) => EventSourceArn.startsWith('arn:aws:sqs:');
  return {
    queueSources: mappings.filter(isQueue).map((mapping) => ({
      queueArn: mapping.EventSourceArn,
      functionName: mapping.FunctionName,
      batchSize: mapping.BatchSize,
      containers: mapping.ScalingConfig?.MaximumConcurrency ?? 2,
    })),
    streamSources: mappings.filter((mapping) => !isQueue(mapping)).map(streamSource),
    eventRules: all('AWS::Events::Rule', ruleSchema).flatMap(([, { EventBusName, EventPattern, Targets }]) =>
      EventPattern === undefined
        ? []
        : [{ bus: EventBusName ?? 'default', pattern: EventPattern, queueArns: Targets.map(queueArnOf) }],
    ),
  };
}

function streamSource(mapping: Mapping): LocalStreamSource {
  const { EventSourceArn: arn, DestinationConfig: destination } = mapping;
  const tableName = /:table\/([^/]+)\/stream\//.exec(arn)?.[1];
  if (tableName === undefined || destination === undefined) {
    throw new Error(`infra/local supports only streams of tables that have a failure queue, not ${arn}.`);
  }
  return {
    tableName,
    functionName: mapping.FunctionName,
    batchSize: mapping.BatchSize,
    bisects: mapping.BisectBatchOnFunctionError,
    maxRecordAgeMs: mapping.MaximumRecordAgeInSeconds * 1000,
    maxRetries: mapping.MaximumRetryAttempts,
    failureQueueArn: destination.OnFailure.Destination,
  };
}

function queueArnOf({ Arn }: { Arn: string }): string {
  if (!Arn.startsWith('arn:aws:sqs:')) throw new Error(`infra/local delivers events only to queues, not to ${Arn}.`);
  return Arn;
}

/** Returns the ARN of a table's stream as the local stack writes it. The embedded DynamoDB uses another one. */
export function streamArn(tableName: string): string {
  const { 'AWS::Region': region, 'AWS::AccountId': account } = PSEUDO_PARAMETERS;
  return `arn:aws:dynamodb:${region}:${account}:table/${tableName}/stream/local`;
}
