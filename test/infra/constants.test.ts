import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeTableCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { newExportJob } from '../../functions/exports/export-job.ts';
import { createExportJobs } from '../../functions/exports/export-jobs.ts';
import { DAILY_KEPT_MS, hasTimeForAStep, KEPT_MS, LONGEST_MS } from '../../functions/exports/run-export.ts';
import { leaseMs, LEDGER_WRITE_MS } from '../../functions/operations/budget.ts';
import { createLedger } from '../../functions/operations/ledger/ledger.ts';
import { settlingTimeMs } from '../../functions/operations/settle.ts';
import { systemClock } from '../../functions/runtime/clock.ts';
import { ENVIRONMENT } from '../../functions/runtime/environment.ts';
import { createWaitingTasks } from '../../functions/tasks/waiting-tasks.ts';
import { EVENT_NAMES } from '../../functions/outbox/event-names.ts';
import { MOST_RECEIVES } from '../../infra/function-row.ts';
import { FUNCTIONS, routesOf } from '../../infra/functions.ts';
import { CLOCK_SKEW_MS } from '../simulation/world.ts';
import { CONFIRMED } from '../operations/world.ts';
import { EXPORT_JOBS_TABLE, startDynamoDB, type TestDynamoDB } from '../support/dynamodb.ts';
import { buildWith } from './built-function.ts';
import { ROWS } from './constants.ts';
import { wholeTemplate, type Properties } from './whole-template.ts';

/**
 * The constants of the template, against what the code needs of them (`constants.ts`). One that is new fails here until somebody says why
 * it is what it is.
 */

const DAY_MS = 24 * 3_600_000;
const directory = mkdtempSync(join(tmpdir(), 'countermand-constants-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});

const { Resources } = wholeTemplate(directory);
const ofType = (type: string) => Object.values(Resources).filter((resource) => resource.Type === `AWS::${type}`);

/** What stands at a path below a resource type: `SQS::Queue.VisibilityTimeout`; `[]` for each of a list. */
const constants = new Map<string, (number | boolean)[]>();
function collect(value: unknown, path: string): void {
  if (Array.isArray(value)) for (const one of value) collect(one, `${path}[]`);
  else if (typeof value === 'object' && value !== null) {
    for (const [name, one] of Object.entries(value)) collect(one, `${path}.${name}`);
  } else {
    const constant = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
    if (typeof constant !== 'number' && typeof constant !== 'boolean') return;
    constants.set(path, [...(constants.get(path) ?? []), constant]);
  }
}
for (const { Type, Properties } of Object.values(Resources)) collect(Properties, Type.replace('AWS::', ''));
const differentAt = (path: string) => [...new Set(constants.get(path))].sort((a, b) => Number(a) - Number(b));

/** A connection may declare no longer time-out (providers/connections.ts). */
const SLOWEST = { timeoutMs: 20_000 };
const timeoutsOf = (kind: string) =>
  FUNCTIONS.filter(({ trigger }) => trigger.kind === kind).map(({ timeoutSeconds }) => timeoutSeconds);

describe('a constant of the template', () => {
  it.each(ROWS)('%s is %j: %s', (path, values) => {
    expect(differentAt(path)).toEqual(values);
  });

  it('has a row above, or is one of an alarm', () => {
    const known = new Set(ROWS.map(([path]) => path));
    const left = [...constants.keys()].filter((path) => !known.has(path) && !path.startsWith('CloudWatch::Alarm'));
    expect(left.filter((path) => !/DefinitionString|aws:SecureTransport|TlsVersion|\.Version$/.test(path))).toEqual([]);
  });
});

describe('an alarm', () => {
  const OFTEN = { Period: 300, EvaluationPeriods: 1, Threshold: 1 };
  const rows: Record<string, Properties> = {
    // A function that stands: its rule is every minute.
    SettlerStands: { Period: 900, EvaluationPeriods: 1, Threshold: 1, TreatMissingData: 'breaching' },
    // What may pass by itself has to last.
    SettlerFails: { ...OFTEN, EvaluationPeriods: 3 },
    SettlerLeavesConnections: { ...OFTEN, EvaluationPeriods: 3 },
    ProviderSupplanted: { ...OFTEN, EvaluationPeriods: 2 },
    // A quarter of an hour; the stream keeps a day.
    'Latepublish-outcomes': { ...OFTEN, Threshold: 900_000 },
    'Lateanswer-waiting-tasks': { ...OFTEN, Threshold: 900_000 },
  };
  it.each(Object.entries(Resources).filter(([, { Type }]) => Type === 'AWS::CloudWatch::Alarm'))(
    'goes off in its time, and tells the topic: %s',
    (id, { Properties }) => {
      const row = Object.entries(rows).find(([name]) => id.startsWith(`Alarms${name.replaceAll('-', '')}`))?.[1];
      const isOfNothing = row?.['TreatMissingData'] === 'breaching';
      expect(Properties).toMatchObject({
        TreatMissingData: 'notBreaching',
        ...(row ?? OFTEN),
        ComparisonOperator: isOfNothing ? 'LessThanThreshold' : 'GreaterThanOrEqualToThreshold',
        AlarmActions: ['arn:aws:sns:us-east-1:123456789012:pager'],
      });
      expect(Properties['Statistic']).toBe(/Number|Age/.test(String(Properties['MetricName'])) ? 'Maximum' : 'Sum');
    },
  );

  it('has a row in the list above where the list has one', () => {
    const ids = Object.keys(Resources).join();
    for (const name of Object.keys(rows)) expect(ids).toContain(`Alarms${name.replaceAll('-', '')}`);
  });
});

describe('the time-out of a function', () => {
  it('of a route lets the answer out before the HTTP API gives up after 30 s, the authorizer and a cold start included', () => {
    for (const seconds of timeoutsOf('route')) expect(seconds).toBeLessThanOrEqual(27);
    expect(timeoutsOf('authorizer')).toEqual([10]);
  });

  it('of an ask lets the slowest connection answer, and what it answered be written', () => {
    const asks = FUNCTIONS.filter(({ tables }) => tables.ledger?.includes('PutItem')).filter(
      // Shopify itself waits for five seconds, and nothing is asked for it.
      ({ name, connections }) => connections === 'credentials' && name !== 'receive-shopify-webhook',
    );
    expect(asks.length).toBeGreaterThan(10);
    for (const { timeoutSeconds } of asks) {
      // The credential is read beside the claim, in one attempt that may hang.
      expect(timeoutSeconds * 1_000).toBeGreaterThanOrEqual(3_000 + SLOWEST.timeoutMs + LEDGER_WRITE_MS);
    }
  });

  it('of the queue’s consumer lets two lanes carry out a batch of a connection that answers just in time', () => {
    const [row] = FUNCTIONS.filter(({ trigger }) => trigger.kind === 'queue');
    const { batchSize } = row?.trigger.kind === 'queue' ? row.trigger : { batchSize: NaN };
    expect((row?.timeoutSeconds ?? 0) * 1_000).toBeGreaterThan((batchSize / 2) * (15_000 + LEDGER_WRITE_MS));
  });

  it('lets the settler end an operation of the slowest connection that can be declared', () => {
    const settler = FUNCTIONS.find(({ name }) => name === 'settle-operations');
    expect((settler?.timeoutSeconds ?? 0) * 1_000).toBeGreaterThan(settlingTimeMs(SLOWEST));
  });

  it('lets a run of exports do more than one step', () => {
    const runner = FUNCTIONS.find(({ name }) => name === 'run-exports');
    expect(hasTimeForAStep(() => ((runner?.timeoutSeconds ?? 0) * 1_000) / 4)).toBe(true);
  });

  it('of whoever holds an order’s lease is over before the queue gives a command for that order up', () => {
    // What the consumer waits for between its deliveries: test/cancel-queued-orders.test.ts.
    const pausesMs = [2, 6, 18, 54, 162].slice(0, MOST_RECEIVES - 1).reduce((sum, seconds) => sum + seconds, 0) * 1_000;
    const whole = FUNCTIONS.filter(({ tables, trigger }) => {
      return tables.ledger?.includes('PutItem') && trigger.kind !== 'schedule';
    });
    expect(whole.length).toBeGreaterThan(5);
    for (const { timeoutSeconds } of whole) {
      expect(leaseMs(timeoutSeconds * 1_000, CLOCK_SKEW_MS)).toBeLessThan(pausesMs);
    }
    // Of the scheduled ones, each operation is leased for its own time only (settle.ts, cancel-unpaid.ts).
    expect(leaseMs(settlingTimeMs(SLOWEST), CLOCK_SKEW_MS)).toBeLessThan(pausesMs);
  });
});

describe('the environment of a function', () => {
  /** Read when a credential is, or a cursor: not when the function is built. */
  const later: readonly string[] = [ENVIRONMENT.connectionSecretPrefix, ENVIRONMENT.keySecret];
  /** These make what they ask with only then. */
  const atFirstAsk = ['receive-shopify-webhook', 'export-cancelled-orders', 'run-exports'];
  const functions = ofType('Lambda::Function').map(({ Properties }) => {
    const { Variables = {} } = z
      .object({ Variables: z.optional(z.record(z.string(), z.unknown())) })
      .parse(Properties['Environment'] ?? {});
    const values = Object.entries(Variables).map(([name, value]) => [name, typeof value === 'string' ? value : 'x']);
    return [String(Properties['FunctionName']).replace('Countermand-', ''), Object.fromEntries(values)] as const;
  });

  it.each(functions)('is all that it needs when it is built, and nothing in vain: %s', async (name, given) => {
    const taken = await buildWith(name, given as Record<string, string>);
    const inVain = Object.keys(given as object).filter((variable) => !taken.includes(variable));
    expect(atFirstAsk.includes(name) ? [] : inVain.filter((variable) => !later.includes(variable))).toEqual([]);
  });
});

describe('what the stack keeps', () => {
  it('of exports outlives what the code promises of them, by a day at the most', () => {
    const [bucket] = ofType('S3::Bucket');
    const rule = z.object({
      Prefix: z.optional(z.string()),
      ExpirationInDays: z.optional(z.number()),
      Status: z.string(),
    });
    const { Rules } = z.object({ Rules: z.array(rule) }).parse(bucket?.Properties['LifecycleConfiguration']);
    const days = (prefix: string) => Rules.find(({ Prefix }) => Prefix === prefix)?.ExpirationInDays;
    const promised = {
      'pages/': LONGEST_MS / DAY_MS,
      'exports/': (LONGEST_MS + KEPT_MS) / DAY_MS,
      'daily/': DAILY_KEPT_MS / DAY_MS,
    };
    for (const [prefix, least] of Object.entries(promised)) expect([prefix, days(prefix)]).toEqual([prefix, least + 1]);
    for (const { Status } of Rules) expect(Status).toBe('Enabled');
  });

  it('of the ledger’s stream is both images, from the oldest on', () => {
    const streams = ofType('DynamoDB::Table').flatMap(({ Properties }) => Properties['StreamSpecification'] ?? []);
    expect(streams).toEqual([{ StreamViewType: 'NEW_AND_OLD_IMAGES' }]);
    const mappings = ofType('Lambda::EventSourceMapping').map(({ Properties }) => Properties);
    expect(mappings.filter(({ StartingPosition }) => StartingPosition === 'TRIM_HORIZON')).toHaveLength(
      timeoutsOf('stream').length,
    );
    // A filter would leave out what is no longer told of: the functions themselves say what is a change.
    for (const mapping of mappings) {
      expect(mapping).not.toHaveProperty('FilterCriteria');
      expect(mapping).toMatchObject({ FunctionResponseTypes: ['ReportBatchItemFailures'] });
    }
  });
});

describe('what the bus tells', () => {
  it('a subscriber of is every outcome, and nothing of any other source', () => {
    const rules = ofType('Events::Rule').map(({ Properties }) => Properties['EventPattern']);
    expect(rules).toContainEqual({ source: ['countermand'], 'detail-type': [...EVENT_NAMES] });
  });

  it('no function that has a route: each has one trigger', () => {
    for (const row of FUNCTIONS)
      expect([row.name, routesOf(row).length > 0]).toEqual([row.name, row.trigger.kind === 'route']);
  });
});

describe('the tables', () => {
  let database: TestDynamoDB;
  beforeAll(async () => {
    database = await startDynamoDB();
  });
  afterAll(() => database.stop());
  const tableSchema = z.object({
    KeySchema: z.array(z.unknown()),
    AttributeDefinitions: z.array(z.object({ AttributeName: z.string() })),
    GlobalSecondaryIndexes: z
      .array(z.object({ IndexName: z.string(), KeySchema: z.array(z.unknown()), Projection: z.unknown() }))
      .default([]),
  });
  /** Of the template, by the name that tests have for them. */
  const tables = Object.entries(Resources)
    .filter(([, { Type }]) => Type === 'AWS::DynamoDB::Table')
    .map(([id, { Properties }]) => [/^Storage(\w+?)[0-9A-F]{8}$/.exec(id)?.[1] ?? id, Properties] as const);
  const shapeOf = (table: unknown) => {
    const { KeySchema, AttributeDefinitions, GlobalSecondaryIndexes } = tableSchema.parse(table);
    const byName = <Named extends object>(list: Named[], name: keyof Named) =>
      list.toSorted((a, b) => String(a[name]).localeCompare(String(b[name])));
    return {
      KeySchema,
      AttributeDefinitions: byName(AttributeDefinitions, 'AttributeName').map(({ AttributeName }) => AttributeName),
      GlobalSecondaryIndexes: byName(GlobalSecondaryIndexes, 'IndexName'),
    };
  };

  it.each(tables)('%s has the keys and indexes of the one that every test works with', async (name, properties) => {
    const { Table } = await database.client.send(new DescribeTableCommand({ TableName: name }));
    expect(shapeOf(properties)).toEqual(shapeOf(Table));
  });

  it('forget what is ended by an attribute that the code writes, in seconds of the epoch, and nothing else', async () => {
    const { client: dynamodb, tables: names } = database;
    const now = systemClock.now();
    await createLedger({ dynamodb, tables: names, clock: systemClock }).claim(CONFIRMED, {
      key: 'k',
      fingerprint: 'f',
    });
    const tasks = createWaitingTasks({ dynamodb, table: names.waitingTasks, clock: systemClock });
    await Promise.all([tasks.add('1', 'a'), tasks.markAnswered('2', 'b'), tasks.markBuried('3', 'c')]);
    const jobs = createExportJobs({ dynamodb, table: EXPORT_JOBS_TABLE, clock: systemClock });
    const query = { connections: [], type: null, from: '', to: '', includeCustomer: false };
    for (const exportId of ['open', 'ended']) {
      const job = newExportJob({ exportId, owner: null, query, fileName: 'x.xlsx', fileKey: 'x' }, now);
      await jobs.create(job, 'ended');
      if (exportId === 'open') continue;
      await jobs.claim(exportId, 'owner', 1_000);
      const expiresAt = new Date(now + KEPT_MS).toISOString();
      await jobs.release({ ...job, state: 'finished', fileBytes: 1, expiresAt }, 'owner', 0);
    }
    const kept = { IdempotencyKeys: [14], WaitingTasks: [7], ExportJobs: [KEPT_MS / DAY_MS] };
    for (const [name, properties] of tables) {
      const ttl = z.optional(z.object({ AttributeName: z.string() })).parse(properties['TimeToLiveSpecification']);
      const { Items = [] } = await database.client.send(new ScanCommand({ TableName: name }));
      const days = Items.flatMap((item) => {
        const seconds = Number(item[ttl?.AttributeName ?? '']?.N);
        return Number.isNaN(seconds) ? [] : [Math.round((seconds * 1_000 - now) / DAY_MS)];
      });
      expect([name, days]).toEqual([name, Object.entries(kept).find(([one]) => one === name)?.[1] ?? []]);
    }
  });
});
