import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { FUNCTIONS } from '../../infra/functions.ts';
import { readTemplate, type LocalStack } from '../../infra/local/template.ts';
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
let stack: LocalStack;

beforeAll(async () => {
  const connections = {
    'loja-rio': { provider: 'estoka', baseUrl: 'https://estoka.example.com', organizationId: 1 },
    'toko-jaya': { provider: 'ngorder', baseUrl: 'https://ngorder.example.com' },
  };
  await synthesise({ connections, buildDir, outdir });
  const text = readFileSync(join(outdir, `${STACK_NAME}.template.json`), 'utf8');
  resources = z.object({ Resources: z.record(z.string(), resource) }).parse(JSON.parse(text)).Resources;
  stack = await readTemplate(outdir, STACK_NAME, (name) => `http://queues/${name}`);
}, 120_000);

afterAll(() => {
  rmSync(directory, { recursive: true });
});

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
          (name) => !['index.mjs', 'connections.json', 'openapi.json', 'docs.json'].includes(name),
        ),
      ).toEqual([]);
      expect(readFileSync(join(codeDir, 'index.mjs'), 'utf8')).not.toContain('sourceMappingURL');
    }
    expect(readdirSync(join(buildDir, 'source-maps'))).toHaveLength(FUNCTIONS.length);
  });

  it('get the declared connections beside the bundle where their row says so, and nowhere else', () => {
    for (const { connections, name } of FUNCTIONS) {
      const codeDir = stack.functions.find((lambda) => lambda.name === `${STACK_NAME}-${name}`)?.codeDir ?? '';
      expect([name, readdirSync(codeDir).includes('connections.json')]).toEqual([name, connections !== 'none']);
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
    expect(actions().filter((action) => /delete|\*|batchwrite|partiql/i.test(action))).toEqual([]);
    for (const { Properties } of ofType('AWS::IAM::Role')) expect(Properties['ManagedPolicyArns']).toBeUndefined();
  });

  it('reach only named resources', () => {
    for (const { Properties } of ofType('AWS::IAM::Policy')) {
      for (const { Resource } of policy.parse(Properties).PolicyDocument.Statement) expect(Resource).not.toBe('*');
    }
  });

  it('let only functions whose row says so read credentials', () => {
    const readers = actions().filter((action) => action === 'secretsmanager:GetSecretValue');
    expect(readers).toHaveLength(FUNCTIONS.filter(({ connections }) => connections === 'credentials').length);
  });
});

describe('the synthesised tables and secrets', () => {
  it('outlive the stack; the tables cannot be deleted and can be taken back to any second', () => {
    expect(ofType('AWS::DynamoDB::Table')).toHaveLength(4);
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

  it('have a secret for each declared connection', () => {
    expect(stack.secretNames).toEqual([`${STACK_NAME}/loja-rio`, `${STACK_NAME}/toko-jaya`]);
  });
});

describe('the synthesised routes and schedules', () => {
  const rows = FUNCTIONS.flatMap(({ name, trigger }) => (trigger.kind === 'route' ? [{ name, ...trigger }] : []));

  it('are those of the table, and the authorizer stands before each that is not public', () => {
    expect(stack.routes).toHaveLength(rows.length);
    for (const { name, route, access } of rows) {
      expect(stack.routes).toContainEqual({
        routeKey: route,
        functionName: `${STACK_NAME}-${name}`,
        authorizerName: access === 'public' ? null : `${STACK_NAME}-authorize`,
      });
    }
  });

  it('ask for the scope that the function itself asks for', () => {
    for (const { name, access } of rows) {
      const [, asked] = /\baccess: '([\w-]+)'/.exec(readFileSync(new URL(`${name}.ts`, sourceDir), 'utf8')) ?? [];
      expect([name, asked]).toEqual([name, access]);
    }
  });

  it('settle every minute', () => {
    const settler = { everyMs: 60_000, functionName: `${STACK_NAME}-settle-operations` };
    expect(stack.schedules).toEqual([expect.objectContaining(settler)]);
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
