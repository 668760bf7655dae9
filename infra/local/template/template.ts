import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import {
  eventSourcesOf,
  streamArn,
  type LocalEventRule,
  type LocalQueueSource,
  type LocalStreamSource,
} from './event-sources.ts';
import { PSEUDO_PARAMETERS, resolve, type References } from './intrinsics.ts';

/** The parts of a synthesised template that the runner serves. References are resolved to this machine's names. */
export interface LocalStack {
  readonly functions: readonly LocalFunction[];
  readonly tables: readonly LocalTable[];
  readonly routes: readonly LocalRoute[];
  readonly schedules: readonly LocalSchedule[];
  readonly secretNames: readonly string[];
  readonly queues: readonly LocalQueue[];
  readonly buckets: readonly string[];
  readonly queueSources: readonly LocalQueueSource[];
  readonly streamSources: readonly LocalStreamSource[];
  readonly eventRules: readonly LocalEventRule[];
}

export interface LocalQueue {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  /** As SQS writes them: seconds as text, policies as JSON. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface LocalFunction {
  readonly name: string;
  readonly arn: string;
  readonly codeDir: string;
  /** `file.export`, as Lambda writes it. */
  readonly handler: string;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly reservedConcurrency: number | null;
  readonly environment: Readonly<Record<string, string>>;
}

export interface LocalRoute {
  /** `GET /path/{parameter}`, or `$default`. */
  readonly routeKey: string;
  readonly functionName: string;
  readonly authorizerName: string | null;
}

export interface LocalSchedule {
  readonly arn: string;
  readonly everyMs: number;
  readonly functionName: string;
}

/**
 * Reads the template `<stackName>` of a cloud assembly. `queueUrl` returns the URL of a queue on this machine. Throws on a resource that the
 * runner cannot serve.
 */
export async function readTemplate(
  assemblyDir: string,
  stackName: string,
  queueUrl: (name: string) => string,
): Promise<LocalStack> {
  const template = templateSchema.parse(await readJson(join(assemblyDir, `${stackName}.template.json`)));
  const assets = assetsSchema.parse(await readJson(join(assemblyDir, `${stackName}.assets.json`)));
  const assetDir = (hash: string) => {
    const asset = assets.files[hash];
    if (asset === undefined) throw new Error(`The cloud assembly has no asset ${hash}.`);
    return join(assemblyDir, asset.source.path);
  };
  return localStack(template, { assetDir, queueUrl });
}

/** Returns the stack that a parsed template describes. `assetDir` returns the unpacked asset with a hash. */
export function localStack(
  { Resources: resources }: Template,
  { assetDir, queueUrl }: { assetDir: (hash: string) => string; queueUrl: (name: string) => string },
): LocalStack {
  for (const [logicalId, { Type: type }] of Object.entries(resources)) {
    if (!KNOWN_TYPES.has(type)) throw new Error(`infra/local does not know ${type} (${logicalId}) yet.`);
  }
  const references = referencesOf(resources, queueUrl);
  const all = <T>(type: string, schema: z.ZodType<T>): [string, T][] =>
    Object.entries(resources).flatMap(([logicalId, resource]) =>
      resource.Type === type ? [[logicalId, schema.parse(resolve(resource.Properties, references))]] : [],
    );
  const integrations = new Map(all('AWS::ApiGatewayV2::Integration', integrationSchema));
  const authorizers = new Map(all('AWS::ApiGatewayV2::Authorizer', authorizerSchema));

  return {
    functions: all('AWS::Lambda::Function', functionSchema).map(([logicalId, properties]) => ({
      name: references.ref(logicalId),
      arn: references.getAtt(logicalId, 'Arn'),
      codeDir: assetDir(properties.Code.S3Key.replace(/\.zip$/, '')),
      handler: properties.Handler,
      timeoutMs: properties.Timeout * 1000,
      memoryMb: properties.MemorySize,
      reservedConcurrency: properties.ReservedConcurrentExecutions ?? null,
      environment: properties.Environment?.Variables ?? {},
    })),
    tables: all('AWS::DynamoDB::Table', tableSchema).map(([logicalId, properties]) => ({
      ...properties,
      TableName: references.ref(logicalId),
    })),
    routes: all('AWS::ApiGatewayV2::Route', routeSchema).map(([, properties]) => ({
      routeKey: properties.RouteKey,
      functionName: functionName(found(integrations, properties.Target.replace(/^integrations\//, '')).IntegrationUri),
      authorizerName:
        properties.AuthorizerId === undefined
          ? null
          : functionName(found(authorizers, properties.AuthorizerId).AuthorizerUri),
    })),
    schedules: all('AWS::Events::Rule', ruleSchema).flatMap(([logicalId, { ScheduleExpression: rate, Targets }]) =>
      rate === undefined
        ? []
        : Targets.map(({ Arn }) => ({
            arn: references.getAtt(logicalId, 'Arn'),
            everyMs: rateMs(rate),
            functionName: functionName(Arn),
          })),
    ),
    secretNames: all('AWS::SecretsManager::Secret', z.object({ Name: z.string() })).map(([, { Name }]) => Name),
    queues: all('AWS::SQS::Queue', queueSchema).map(([logicalId, properties]) => ({
      name: localName(logicalId, resources),
      arn: references.getAtt(logicalId, 'Arn'),
      url: references.ref(logicalId),
      attributes: queueAttributes(properties),
    })),
    ...eventSourcesOf(all),
    buckets: all('AWS::S3::Bucket', z.unknown()).map(([logicalId]) => references.ref(logicalId)),
  };
}

/** Returns the milliseconds of an expression like `rate(5 minutes)`. */
export function rateMs(expression: string): number {
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (count === undefined) throw new Error(`infra/local does not know the schedule ${expression} yet.`);
  const unitMs = unit === 'minute' ? 60_000 : unit === 'hour' ? 3_600_000 : 86_400_000;
  return Number(count) * unitMs;
}

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8'));
}

function found<T>(entries: ReadonlyMap<string, T>, logicalId: string): T {
  const entry = entries.get(logicalId);
  if (entry === undefined) throw new Error(`The template refers to ${logicalId}, which it does not have.`);
  return entry;
}

/** Returns the function's name from its ARN, or from the URI that API Gateway makes of it. */
function functionName(uri: string): string {
  const [, name] = /:function:([^/:]+)/.exec(uri) ?? [];
  if (name === undefined) throw new Error(`infra/local serves only functions, and ${uri} is none.`);
  return name;
}

function referencesOf(resources: Template['Resources'], queueUrl: (name: string) => string): References {
  const ref = (logicalId: string): string => {
    const pseudo = PSEUDO_PARAMETERS[logicalId];
    if (pseudo !== undefined) return pseudo;
    const name = localName(logicalId, resources);
    return resources[logicalId]?.Type === 'AWS::SQS::Queue' ? queueUrl(name) : name;
  };
  return {
    ref,
    getAtt(logicalId, attribute) {
      const name = localName(logicalId, resources);
      if (attribute === 'QueueName') return name;
      if (attribute === 'StreamArn') return streamArn(name);
      if (attribute !== 'Arn') return `${logicalId}.${attribute}`;
      const account = `${ref('AWS::Region')}:${ref('AWS::AccountId')}`;
      switch (resources[logicalId]?.Type ?? '') {
        case 'AWS::Lambda::Function':
          return `arn:aws:lambda:${account}:function:${name}`;
        case 'AWS::SQS::Queue':
          return `arn:aws:sqs:${account}:${name}`;
        case 'AWS::S3::Bucket':
          return `arn:aws:s3:::${name}`;
        default:
          return `arn:aws:local:${account}:resource:${name}`;
      }
    },
  };
}

/** Returns a resource's name on this machine: the template's, or else its logical id. */
function localName(logicalId: string, resources: Template['Resources']): string {
  const { Type: type, Properties: properties } = found(new Map(Object.entries(resources)), logicalId);
  const name = properties[NAME_PROPERTIES[type] ?? ''];
  if (typeof name === 'string') return name;
  // S3 takes only lower-case letters.
  return type === 'AWS::S3::Bucket' ? logicalId.toLowerCase() : logicalId;
}

const NAME_PROPERTIES: Readonly<Record<string, string>> = {
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::Events::EventBus': 'Name',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::S3::Bucket': 'BucketName',
  'AWS::SQS::Queue': 'QueueName',
};

const KNOWN_TYPES: ReadonlySet<string> = new Set([
  'AWS::ApiGatewayV2::Api',
  'AWS::ApiGatewayV2::Authorizer',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::DynamoDB::Table',
  'AWS::Events::EventBus',
  'AWS::Events::Rule',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Function',
  'AWS::S3::Bucket',
  'AWS::SQS::Queue',
  'AWS::SecretsManager::Secret',
  // Nothing to serve: permissions, limits, alarms and logs.
  'AWS::ApiGatewayV2::Stage',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::CloudWatch::Alarm',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::Permission',
  'AWS::Logs::LogGroup',
  'AWS::Logs::MetricFilter',
  'AWS::S3::BucketPolicy',
  'AWS::SQS::QueuePolicy',
]);

const templateSchema = z.object({
  Resources: z.record(
    z.string(),
    z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) }),
  ),
});
export type Template = z.infer<typeof templateSchema>;

const assetsSchema = z.object({ files: z.record(z.string(), z.object({ source: z.object({ path: z.string() }) })) });

const functionSchema = z.object({
  Code: z.object({ S3Key: z.string() }),
  Handler: z.string(),
  Timeout: z.number(),
  MemorySize: z.number(),
  ReservedConcurrentExecutions: z.number().optional(),
  Environment: z.object({ Variables: z.record(z.string(), z.string()) }).optional(),
});

const keySchema = z.array(z.object({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }));
const tableSchema = z.object({
  StreamSpecification: z.object({ StreamViewType: z.literal('NEW_AND_OLD_IMAGES') }).optional(),
  AttributeDefinitions: z.array(z.object({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) })),
  KeySchema: keySchema,
  GlobalSecondaryIndexes: z
    .array(
      z.object({
        IndexName: z.string(),
        KeySchema: keySchema,
        Projection: z.object({ ProjectionType: z.enum(['ALL', 'KEYS_ONLY']) }),
      }),
    )
    .default([]),
});
/** A table, with the fields that CloudFormation and DynamoDB's CreateTable share. */
export type LocalTable = z.infer<typeof tableSchema> & { readonly TableName: string };

const routeSchema = z.object({ RouteKey: z.string(), Target: z.string(), AuthorizerId: z.string().optional() });
const integrationSchema = z.object({ IntegrationUri: z.string(), PayloadFormatVersion: z.literal('2.0') });
const authorizerSchema = z.object({
  AuthorizerUri: z.string(),
  AuthorizerPayloadFormatVersion: z.literal('2.0'),
  EnableSimpleResponses: z.literal(true),
  // The gateway calls the authorizer for every request, so there must be no identity source that could be missing, and no cache.
  IdentitySource: z.array(z.string()).length(0).optional(),
  AuthorizerResultTtlInSeconds: z.literal(0),
});
const ruleSchema = z.object({
  ScheduleExpression: z.string().optional(),
  Targets: z.array(z.object({ Arn: z.string() })),
});
const queueSchema = z.object({
  VisibilityTimeout: z.number().optional(),
  MessageRetentionPeriod: z.number().optional(),
  DelaySeconds: z.number().optional(),
  FifoQueue: z.boolean().optional(),
  RedrivePolicy: z.object({ deadLetterTargetArn: z.string(), maxReceiveCount: z.number() }).optional(),
});

function queueAttributes(properties: z.infer<typeof queueSchema>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [
      name,
      typeof value === 'object' ? JSON.stringify(value) : `${value}`,
    ]),
  );
}
