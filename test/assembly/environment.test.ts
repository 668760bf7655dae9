import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { createBatches } from '../../functions/assembly/batch-parts.ts';
import { commandParts } from '../../functions/assembly/command-parts.ts';
import { exportPartsFor } from '../../functions/assembly/export-parts.ts';
import { createBus, deadRecords } from '../../functions/assembly/outbox-parts.ts';
import { partsFor } from '../../functions/assembly/parts.ts';
import { deadTasks, taskParts } from '../../functions/assembly/task-parts.ts';
import { webhooksFrom } from '../../functions/assembly/webhook-parts.ts';
import { newExportJob } from '../../functions/exports/export-job.ts';
import { viewOf } from '../../functions/operations/rules/view-of.ts';
import { ENVIRONMENT } from '../../functions/runtime/environment.ts';
import { CONFIRMED } from '../operations/world.ts';

/** Each part of a function takes the table, queue, bus, bucket or secret that the stack names for it, and no other. */

const requestSchema = z
  .object({
    ...{ TableName: z.string(), QueueUrl: z.string(), SecretId: z.string(), MessageBody: z.string() },
    Entries: z.array(z.object({ EventBusName: z.string().optional() })),
  })
  .partial();
/** What AWS was asked for: an operation, and where. */
let asked: string[];
const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (piece: string) => {
    body += piece;
  });
  request.on('end', () => {
    const operation =
      String(request.headers['x-amz-target'] ?? `.S3 ${request.method ?? ''}`)
        .split('.')
        .at(-1) ?? '';
    const input = requestSchema.parse(request.headers['x-amz-target'] === undefined ? {} : JSON.parse(body));
    const { TableName, QueueUrl, SecretId, Entries } = input;
    const where = TableName ?? QueueUrl ?? SecretId ?? Entries?.[0]?.EventBusName ?? request.url ?? '';
    asked.push(`${operation} ${where.replace(/^http.*\//, '')}`);
    const md5 = createHash('md5')
      .update(input.MessageBody ?? '')
      .digest('hex');
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    response.end(
      JSON.stringify({
        MD5OfMessageBody: md5,
        SecretString: '{"current":"whsec_dGhpcnR5LXRocmVlIGJ5dGVzIG9mIHNlY3JldCBoZXJl"}',
      }),
    );
  });
});

const folder = mkdtempSync(join(tmpdir(), 'environment-'));
const environment = { ...process.env };
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const connections = {
    'loja-rio': { provider: 'estoka', baseUrl: 'https://estoka.example.com', organizationId: 1 },
    'toko-jaya': { provider: 'ngorder', baseUrl: 'https://ngorder.example.com' },
  };
  const webhooks = {
    crm: { kind: 'standard', connections: ['loja-rio'] },
    shop: { kind: 'shopify', connection: 'loja-rio', orderIdPath: 'tags', orderIdPattern: 'estoka-(\\\\d+)' },
  };
  writeFileSync(join(folder, 'connections.json'), JSON.stringify(connections));
  writeFileSync(join(folder, 'webhooks.json'), JSON.stringify(webhooks));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const named = Object.values(ENVIRONMENT).map((name) => {
    const value = name.toLowerCase().replaceAll('_', '-');
    return [name, name.endsWith('_QUEUE_URL') ? `${endpoint}/${value}` : value];
  });
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL: endpoint,
    LAMBDA_TASK_ROOT: folder,
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    ...Object.fromEntries(named),
    [ENVIRONMENT.mostReceives]: '6',
    [ENVIRONMENT.clockSkewSeconds]: '20',
  });
});
afterAll(() => {
  process.env = environment;
  rmSync(folder, { recursive: true });
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  asked = [];
});

const parts = () => partsFor('cancel-order');
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const job = newExportJob(
  {
    exportId: 'x',
    owner: null,
    query: { connections: [], type: null, from: '2026-11-01', to: '2026-11-02', includeCustomer: false },
    fileName: 'orders.xlsx',
    fileKey: 'exports/x',
  },
  0,
);
const batch = {
  ...{ id: 'b', connection: 'loja-rio', provider: 'estoka', dryRun: false, orderIds: ['1'], reason: null, note: null },
  ...{ actor: null, fingerprint: 'f', requestedAt: '2026-11-30T12:00:00.000Z', queuedAt: null },
};
const command = { connection: 'loja-rio', orderId: '340' };
const record = {
  eventID: 'e',
  eventName: 'MODIFY' as const,
  dynamodb: { Keys: { order: { S: 'loja-rio:340' } }, SequenceNumber: '1' },
};
const event = {
  detailType: 'OrderContradictionFound' as const,
  at: CONFIRMED.requestedAt,
  detail: { id: 'x', operation: { id: 'x' } },
};

describe('what the stack names', () => {
  it.each<[string, string, () => unknown]>([
    ['the ledger', 'GetItem ledger-table', () => parts().ledger().findCurrent('loja-rio', '340')],
    ['the keys', 'GetItem idempotency-keys-table', () => parts().ledger().findKey({ key: 'k', fingerprint: 'f' })],
    ['the health', 'GetItem connection-health-table', () => parts().health().read('loja-rio')],
    ['the accounts', 'GetItem connection-health-table', () => parts().accounts().checkDeclared('loja-rio')],
    ['the tokens', 'GetItem access-tokens-table', () => parts().accessTokens().find('cm_x')],
    ['the stack’s own key', 'GetSecretValue key-secret', () => parts().keys().derive('cursor')],
    ['a credential', 'GetSecretValue connection-secret-prefixloja-rio', () => parts().connections().open('loja-rio')],
    [
      'the secrets of a webhook',
      'GetSecretValue webhook-secret-prefixcrm',
      () => {
        const webhooks = webhooksFrom(parts());
        return webhooks.verify(webhooks.get('crm', 'standard'), 'no', () => true);
      },
    ],
    ['which account a credential is of', 'GetSecretValue key-secret', () => parts().connections().open('toko-jaya')],
    ['the batches', 'Query batches-table', () => createBatches(parts().dynamodb()).find('b')],
    ['the command queue', 'SendMessageBatch command-queue-url', () => commandParts().commandQueue().sendBatch(batch)],
    [
      'the command queue, of its consumer',
      'ChangeMessageVisibility command-queue-url',
      () => commandParts().commandSource().hideFor('handle', 2),
    ],
    [
      'the dead commands',
      'SendMessage dead-command-queue-url',
      () =>
        commandParts()
          .deadLetters()
          .bury({ body: JSON.stringify(command), queued: null, commandId: 'c' }, { code: 'x', text: 'x' }),
    ],
    ['the bus', 'PutEvents event-bus', () => createBus().publish([event])],
    ['the dead outcomes', 'SendMessage dead-outcome-queue-url', () => deadRecords(log).bury(record, new Error('x'))],
    [
      'the dead tasks',
      'SendMessage dead-outcome-queue-url',
      () => deadTasks(log).bury(viewOf(CONFIRMED), 'token', 'TaskTimedOut'),
    ],
    [
      'the waiting tasks',
      'Query waiting-tasks-table',
      () => taskParts({ dynamodb: parts().dynamodb(), log }).waitingTasks.of('loja-rio:340:1'),
    ],
    [
      'Step Functions',
      'SendTaskSuccess /',
      () => taskParts({ dynamodb: parts().dynamodb(), log }).taskAnswers.answer(CONFIRMED, 'token'),
    ],
    ['the export jobs', 'PutItem export-jobs-table', () => exportPartsFor('run-exports').jobs().create(job, 'ended')],
    ['the exports', 'S3 PUT /exports-bucket/pages/', () => exportPartsFor('run-exports').files().putPage('x', 1, [])],
  ])('is where a part finds %s: %s', async (_, expected, use) => {
    await Promise.resolve(use()).catch(() => undefined);
    expect(asked.map((one) => one.slice(0, expected.length))).toContain(expected);
  });

  it('is how often SQS delivers a command, a number from one on', () => {
    expect(commandParts().commandSource().mostReceives).toBe(6);
    for (const value of ['0', 'often', '']) {
      process.env[ENVIRONMENT.mostReceives] = value;
      expect(() => commandParts().commandSource()).toThrow();
    }
    process.env[ENVIRONMENT.mostReceives] = '1';
    expect(commandParts().commandSource().mostReceives).toBe(1);
    process.env[ENVIRONMENT.mostReceives] = '6';
  });
});

describe('the orders of an export', () => {
  const read = (type: 'cancelled' | 'rejected' | null, after: Record<string, string> | null = null) => {
    const query = { connections: ['loja-rio'], type, from: '2026-11-01', to: '2026-11-02', includeCustomer: false };
    return exportPartsFor('run-exports').readOrders(query, { after, limit: 5 }, () => 1_000);
  };

  it.each([
    ['cancelled' as const, true],
    ['rejected' as const, false],
    [null, true],
  ])('are those of the type that is asked for, or of every type: %s', async (type, isOfLedger) => {
    expect(await read(type)).toMatchObject({ orders: [], next: null });
    expect(asked.includes('Query ledger-table')).toBe(isOfLedger);
  });

  it('go on behind a place, which is one', async () => {
    expect(await read(null, { at: '2026-11-01T12:00:00.000Z', connection: 'loja-rio', orderId: '1' })).toMatchObject({
      orders: [],
    });
    await expect(async () => read(null, { at: '2026-11-01T12:00:00.000Z' })).rejects.toThrow('connection');
  });
});

it('an account is known by the mark that ledgers know it by already', async () => {
  const { account } = await parts().connections().open('toko-jaya');
  expect(account.marks).toEqual(['ngorder 0DXraDeFwdtgUokOSythFEJwRDBOIVHcIC46XTViuYM']);
});

describe('owners', () => {
  it.each([
    ['of operations', () => parts().operations()],
    ['of claims', () => parts().claims()],
    ['of exports', () => exportPartsFor('run-exports').running()],
  ])('%s are new for each invocation of a container', (_, made) => {
    const { newOwner } = made();
    expect(new Set(Array.from({ length: 10 }, newOwner)).size).toBe(10);
  });
});

describe('parts', () => {
  it('are made once for a container, and anew for another function', () => {
    const one = parts();
    expect(one.ledger()).toBe(one.ledger());
    expect(one.operations().ledger).toBe(one.ledger());
    expect(parts().ledger()).not.toBe(one.ledger());
  });
});
