import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { FUNCTIONS, routesOf } from '../../infra/functions.ts';
import { readTemplate, type LocalStack } from '../../infra/local/template/template.ts';
import { STACK_NAME, synthesise } from '../../infra/synth.ts';

const sourceDir = new URL('../../functions/', import.meta.url);
const resource = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DeletionPolicy: z.string().optional(),
});
const policy = z.object({
  PolicyDocument: z.object({
    Statement: z.array(z.object({ Action: z.union([z.string(), z.array(z.string())]), Resource: z.unknown() })),
  }),
});

const directory = mkdtempSync(join(tmpdir(), 'countermand-synth-'));
const outdir = join(directory, 'cdk.out');
const buildDir = join(directory, 'build');
let resources: Record<string, z.infer<typeof resource>>;
let outputs: Record<string, { Value: unknown }>;
let stack: LocalStack;

beforeAll(async () => {
  const connections = {
    'loja-rio': { provider: 'estoka', baseUrl: 'https://estoka.example.com', organizationId: 1 },
    'toko-jaya': { provider: 'ngorder', baseUrl: 'https://ngorder.example.com' },
  };
  const webhooks = {
    estoka: { kind: 'estoka', connections: ['loja-rio'] },
    checkout: { kind: 'standard', connections: ['toko-jaya'] },
  };
  await synthesise({ connections, webhooks, buildDir, outdir });
  const text = readFileSync(join(outdir, `${STACK_NAME}.template.json`), 'utf8');
  const template = z.object({
    Resources: z.record(z.string(), resource),
    Outputs: z.record(z.string(), z.object({ Value: z.unknown() })),
  });
  ({ Resources: resources, Outputs: outputs } = template.parse(JSON.parse(text)));
  stack = await readTemplate(outdir, STACK_NAME, (name) => `http://queues/${name}`);
}, 120_000);

afterAll(() => {
  rmSync(directory, { recursive: true });
});

const byFunction = (a: { functionName: string }, b: { functionName: string }) =>
  a.functionName < b.functionName ? -1 : 1;
const ofType = (type: string) => Object.values(resources).filter((candidate) => candidate.Type === type);
const actions = () =>
  ofType('AWS::IAM::Policy').flatMap(({ Properties }) =>
    policy.parse(Properties).PolicyDocument.Statement.flatMap(({ Action }) => Action),
  );

describe('the synthesised functions', () => {
  it('are one for each file in functions/', () => {
    const files = readdirSync(sourceDir).filter((name) => name.endsWith('.ts'));
    const names = stack.functions.map(({ name }) => name.replace(`${STACK_NAME}-`, ''));
    expect(names.sort()).toEqual(files.map((name) => basename(name, '.ts')).sort());
  });

  it('run on arm64 and nodejs24.x, with a log group of their own that forgets', () => {
    for (const { Properties } of ofType('AWS::Lambda::Function')) {
      expect(Properties).toMatchObject({ Architectures: ['arm64'], Runtime: 'nodejs24.x', Handler: 'index.handler' });
      expect(Properties['LoggingConfig']).toBeDefined();
    }
    for (const { Properties } of ofType('AWS::Logs::LogGroup')) expect(Properties['RetentionInDays']).toBe(90);
  });

  it('are deployed without their source maps, which are kept apart', () => {
    for (const { codeDir } of stack.functions) {
      expect(
        readdirSync(codeDir).filter(
          (name) => !['index.mjs', 'connections.json', 'webhooks.json', 'openapi.json', 'docs.json'].includes(name),
        ),
      ).toEqual([]);
      expect(readFileSync(join(codeDir, 'index.mjs'), 'utf8')).not.toContain('sourceMappingURL');
    }
    expect(readdirSync(join(buildDir, 'source-maps'))).toHaveLength(FUNCTIONS.length);
  });

  it('get the declared connections and webhooks beside the bundle where their row says so, and nowhere else', () => {
    for (const { connections, webhooks, name } of FUNCTIONS) {
      const codeDir = stack.functions.find((lambda) => lambda.name === `${STACK_NAME}-${name}`)?.codeDir ?? '';
      expect([name, readdirSync(codeDir).includes('connections.json')]).toEqual([name, connections !== 'none']);
      expect([name, readdirSync(codeDir).includes('webhooks.json')]).toEqual([name, webhooks !== undefined]);
    }
  });

  it('get no environment but what their rows make of them', () => {
    const variables = (name: string) =>
      Object.keys(stack.functions.find((lambda) => lambda.name === `${STACK_NAME}-${name}`)?.environment ?? {});
    expect(variables('health')).toEqual([]);
    expect(variables('get-order')).toEqual(['LEDGER_TABLE']);
    expect(variables('authorize')).toEqual(['ACCESS_TOKENS_TABLE']);
    expect(variables('cancel-order')).toContain('CLOCK_SKEW_SECONDS');
  });
});

describe('the synthesised roles', () => {
  it('may delete nothing, and have no wildcard among their actions', () => {
    expect(actions().length).toBeGreaterThan(FUNCTIONS.length);
    const suspicious = actions().filter((action) => /delete|\*|batchwrite|partiql/i.test(action));
    // What a queue's consumer carried out it takes out of the queue.
    expect(suspicious.filter((action) => action !== 'sqs:DeleteMessage')).toEqual([]);
    for (const { Properties } of ofType('AWS::IAM::Role')) expect(Properties['ManagedPolicyArns']).toBeUndefined();
  });

  it('reach only named resources', () => {
    for (const { Properties } of ofType('AWS::IAM::Policy')) {
      for (const { Resource } of policy.parse(Properties).PolicyDocument.Statement) expect(Resource).not.toBe('*');
    }
  });

  it('let those read idempotency keys that look at a key before they ask: the deletes', () => {
    const readers = Object.entries(resources).flatMap(([id, { Type, Properties }]) =>
      Type === 'AWS::IAM::Policy' &&
      policy
        .parse(Properties)
        .PolicyDocument.Statement.some(
          ({ Action, Resource }) =>
            [Action].flat().includes('dynamodb:GetItem') && JSON.stringify(Resource).includes('IdempotencyKeys'),
        )
        ? [/delete(ngorder)?cancelledorder/.exec(id)?.[0] ?? id]
        : [],
    );
    expect(readers.sort()).toEqual(['deletecancelledorder', 'deletengordercancelledorder']);
  });

  it('let only functions whose row says so read credentials, and the secrets of their kind of webhooks', () => {
    const read = Object.entries(resources).flatMap(([id, { Type, Properties }]) =>
      Type !== 'AWS::IAM::Policy'
        ? []
        : policy
            .parse(Properties)
            .PolicyDocument.Statement.filter(({ Action }) => Action === 'secretsmanager:GetSecretValue')
            .map(({ Resource }) => [
              id,
              [...new Set(JSON.stringify(Resource).match(/(Webhook|Key)?Secret\w*?(?=[0-9A-F]{8}")/g))],
            ]),
    );
    const credentials = ['Secretlojario', 'Secrettokojaya'];
    const rows = FUNCTIONS.map(({ connections, keys, webhooks }) => [
      ...(connections === 'credentials' ? credentials : []),
      ...(keys || connections === 'credentials' ? ['KeySecret'] : []),
      ...(webhooks === 'estoka' ? ['WebhookSecretestoka'] : webhooks === 'standard' ? ['WebhookSecretcheckout'] : []),
    ]);
    const sorted = (lists: unknown[]) => lists.map((list) => JSON.stringify(list)).sort();
    expect(sorted(read.map(([, secrets]) => secrets))).toEqual(sorted(rows.filter((secrets) => secrets.length > 0)));
  });
});

describe('the synthesised tables and secrets', () => {
  it('outlive the stack; the tables cannot be deleted and can be taken back to any second', () => {
    expect(ofType('AWS::DynamoDB::Table')).toHaveLength(7);
    for (const { Properties, DeletionPolicy } of ofType('AWS::DynamoDB::Table')) {
      expect(DeletionPolicy).toBe('Retain');
      expect(Properties).toMatchObject({
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        BillingMode: 'PAY_PER_REQUEST',
      });
    }
    for (const { DeletionPolicy } of ofType('AWS::SecretsManager::Secret')) expect(DeletionPolicy).toBe('Retain');
  });

  it('have a secret for each declared connection and webhook, and one for the stack itself', () => {
    expect(stack.secretNames).toEqual([
      `${STACK_NAME}/loja-rio`,
      `${STACK_NAME}/toko-jaya`,
      `${STACK_NAME}/webhooks/estoka`,
      `${STACK_NAME}/webhooks/checkout`,
      `${STACK_NAME}/internal/key`,
    ]);
  });

  it('begin with webhook secrets, and a key of the stack, that work already', () => {
    const made = ofType('AWS::SecretsManager::Secret').map(({ Properties }) => Properties['GenerateSecretString']);
    expect(made.filter((how) => JSON.stringify(how) !== '{}')).toEqual([
      { SecretStringTemplate: '{}', GenerateStringKey: 'current', PasswordLength: 44, ExcludePunctuation: true },
      { SecretStringTemplate: '{}', GenerateStringKey: 'current', PasswordLength: 44, ExcludePunctuation: true },
      { SecretStringTemplate: '{}', GenerateStringKey: 'current', PasswordLength: 44, ExcludePunctuation: true },
    ]);
  });
});

describe('the synthesised bucket of exports', () => {
  const only = (type: string) => ofType(type)[0]?.Properties;

  it('is encrypted, closed to the public, reached over TLS only, and forgets', () => {
    expect(ofType('AWS::S3::Bucket')).toHaveLength(1);
    expect(only('AWS::S3::Bucket')).toMatchObject({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      LifecycleConfiguration: {
        Rules: [
          { Prefix: 'pages/', ExpirationInDays: 2 },
          { Prefix: 'exports/', ExpirationInDays: 3 },
          { Prefix: 'daily/', ExpirationInDays: 91 },
          { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } },
        ],
      },
    });
    expect(only('AWS::S3::BucketPolicy')).toMatchObject({
      PolicyDocument: {
        Statement: expect.arrayContaining([
          expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        ]),
      },
    });
  });

  it('is read and written by functions whose row says so, and by no other', () => {
    const s3 = actions().filter((action) => action.startsWith('s3:'));
    const rows = FUNCTIONS.flatMap(({ exportsBucket = [] }) => exportsBucket.map((action) => `s3:${action}`));
    expect(s3.sort()).toEqual(rows.sort());
    expect(stack.buckets).toHaveLength(1);
  });
});

describe('the synthesised queue of commands', () => {
  const named = (type: string, field: string, name: string) => {
    const [id, found] =
      Object.entries(resources).find(([, { Type, Properties }]) => Type === type && Properties[field] === name) ?? [];
    if (id === undefined || found === undefined) throw new Error(`The template has no ${name}.`);
    return { ...found.Properties, arn: { 'Fn::GetAtt': [id, 'Arn'] }, ref: { Ref: id } };
  };
  const queue = (name: string) => named('AWS::SQS::Queue', 'QueueName', `${STACK_NAME}-${name}`);
  const consumer = () => named('AWS::Lambda::Function', 'FunctionName', `${STACK_NAME}-cancel-queued-orders`);

  it('has its redrive as an output: a command that names where the letters go', () => {
    const [before, from, between, to] = z
      .object({ 'Fn::Join': z.tuple([z.string(), z.array(z.unknown())]) })
      .parse(outputs['RedriveCommand']?.Value)['Fn::Join'][1];
    expect([before, between]).toEqual(['aws sqs start-message-move-task --source-arn ', ' --destination-arn ']);
    expect([from, to]).toEqual([queue('dead-commands').arn, queue('commands').arn]);
  });

  it('gives a message up at the sixth delivery, and keeps it and what it gave up for 14 days', () => {
    expect(queue('commands')).toMatchObject({
      RedrivePolicy: { deadLetterTargetArn: queue('dead-commands').arn, maxReceiveCount: 6 },
    });
    // The consumer has to know, as it gives messages up itself, with their reason.
    expect(consumer()).toMatchObject({ Environment: { Variables: { COMMAND_MOST_RECEIVES: '6' } } });
    for (const name of ['commands', 'dead-commands', 'dead-outcomes']) {
      expect(queue(name)).toMatchObject({ MessageRetentionPeriod: 14 * 24 * 3600, SqsManagedSseEnabled: true });
    }
  });

  it('hides a message for six times as long as its consumer may run', () => {
    const hidden = z.object({ VisibilityTimeout: z.number() }).parse(queue('commands')).VisibilityTimeout;
    const mayRun = z.object({ Timeout: z.number() }).parse(consumer()).Timeout;
    // https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    expect(hidden).toBeGreaterThanOrEqual(6 * mayRun);
  });

  it('feeds two containers at the most, which say what of a batch failed', () => {
    const sources = ofType('AWS::Lambda::EventSourceMapping').map(({ Properties }) => Properties);
    expect(
      sources.filter(({ FunctionName }) => JSON.stringify(FunctionName) === JSON.stringify(consumer().ref)),
    ).toEqual([
      expect.objectContaining({
        EventSourceArn: queue('commands').arn,
        BatchSize: 10,
        ScalingConfig: { MaximumConcurrency: 2 },
        FunctionResponseTypes: ['ReportBatchItemFailures'],
      }),
    ]);
  });

  it('gets what the bus is asked to cancel, and what it does not take is kept', () => {
    const rules = ofType('AWS::Events::Rule').filter(({ Properties }) => Properties['EventBusName'] !== undefined);
    expect(rules.map(({ Properties }) => Properties)).toMatchObject([
      {
        EventPattern: { 'detail-type': ['OrderCancellationRequested'] },
        State: 'ENABLED',
        Targets: [{ Arn: queue('commands').arn, DeadLetterConfig: { Arn: queue('dead-commands').arn } }],
      },
    ]);
  });
});

describe('the synthesised routes and schedules', () => {
  const rows = FUNCTIONS.flatMap((row) => routesOf(row).map((one) => ({ name: row.name, ...one })));

  it('are those of the table and HEAD of each GET, and the authorizer stands before each that is not public', () => {
    const expected = rows.flatMap(({ name, route, access }) =>
      [route, ...(route.startsWith('GET ') ? [route.replace('GET', 'HEAD')] : [])].map((routeKey) => ({
        routeKey,
        functionName: `${STACK_NAME}-${name}`,
        authorizerName: access === 'public' ? null : `${STACK_NAME}-authorize`,
      })),
    );
    const byKey = (a: { routeKey: string }, b: { routeKey: string }) => a.routeKey.localeCompare(b.routeKey);
    expect(stack.routes.toSorted(byKey)).toEqual(expected.sort(byKey));
  });

  it('ask for the scope that the function itself asks for', () => {
    for (const { name, access } of rows) {
      const source = readFileSync(new URL(`${name}.ts`, sourceDir), 'utf8');
      const [, asked] = /\baccess: '([\w-]+)'/.exec(source) ?? (source.includes('webhookChain(') ? ['', 'public'] : []);
      expect([name, asked]).toEqual([name, access]);
    }
  });

  it('settle and work on exports every minute; watch, look for days to export and for unpaid orders every hour', () => {
    const schedules = stack.schedules.map(({ functionName, everyMs }) => [functionName, everyMs / 60_000]);
    expect(schedules.sort()).toEqual([
      [`${STACK_NAME}-cancel-unpaid-orders`, 60],
      [`${STACK_NAME}-run-exports`, 1],
      [`${STACK_NAME}-settle-operations`, 1],
      [`${STACK_NAME}-start-daily-exports`, 60],
      [`${STACK_NAME}-watch-contradictions`, 60],
    ]);
  });

  it('come back to a change of the ledger for half a day, alone in the end, and then say that it was given up', () => {
    const streams = FUNCTIONS.filter(({ trigger }) => trigger.kind === 'stream');
    const deadOutcomes = stack.queues.find(({ name }) => name === `${STACK_NAME}-dead-outcomes`)?.arn;
    expect(deadOutcomes).toBeDefined();
    // What is read of the template here is what the local runner goes by.
    expect(stack.streamSources.map(({ tableName: _, ...source }) => source).sort(byFunction)).toEqual(
      streams
        .map(({ name }) => ({
          functionName: `${STACK_NAME}-${name}`,
          batchSize: 100,
          bisects: true,
          maxRecordAgeMs: 12 * 3_600_000,
          maxRetries: Infinity,
          failureQueueArn: deadOutcomes,
        }))
        .sort(byFunction),
    );
  });

  it('log no address, path or query of a caller', () => {
    const [stage] = ofType('AWS::ApiGatewayV2::Stage');
    const { AccessLogSettings: log, DefaultRouteSettings: throttle } = stage?.Properties ?? {};
    expect(JSON.stringify(log)).not.toMatch(/sourceIp|userAgent|context\.path|authorizer/);
    expect(throttle).toMatchObject({
      ThrottlingRateLimit: expect.any(Number),
      ThrottlingBurstLimit: expect.any(Number),
    });
  });
});
