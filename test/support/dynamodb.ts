import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { CreateTableCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';

/** The embedded DynamoDB in memory, with the tables of `infra/storage.ts` (held against the template in test/infra). */
export interface TestDynamoDB {
  client: DynamoDBClient;
  endpoint: string;
  tables: {
    ledger: string;
    idempotencyKeys: string;
    connectionHealth: string;
    accessTokens: string;
    batches: string;
    waitingTasks: string;
  };
  stop(): Promise<void>;
}

export const EXPORT_JOBS_TABLE = 'ExportJobs';
const BINARY = new URL('../../node_modules/@dynoxide/linux-x64/dynoxide', import.meta.url).pathname;

export async function startDynamoDB(): Promise<TestDynamoDB> {
  const { process, endpoint, client } = await startServer();
  const tables = {
    ledger: 'Ledger',
    idempotencyKeys: 'IdempotencyKeys',
    connectionHealth: 'ConnectionHealth',
    accessTokens: 'AccessTokens',
    batches: 'Batches',
    waitingTasks: 'WaitingTasks',
  };
  const index = (name: string, hash: string, range: string) => ({
    IndexName: name,
    KeySchema: [
      { AttributeName: hash, KeyType: 'HASH' as const },
      { AttributeName: range, KeyType: 'RANGE' as const },
    ],
    Projection: { ProjectionType: 'ALL' as const },
  });
  const text = (name: string) => ({ AttributeName: name, AttributeType: 'S' as const });
  await client.send(
    new CreateTableCommand({
      TableName: tables.ledger,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        'order',
        'slot',
        'dueConnection',
        'dueAt',
        'day',
        'requestedAt',
        'cancelledConnection',
        'listedAt',
      ].map(text),
      KeySchema: [
        { AttributeName: 'order', KeyType: 'HASH' },
        { AttributeName: 'slot', KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: [
        index('due', 'dueConnection', 'dueAt'),
        index('day', 'day', 'requestedAt'),
        index('cancelled', 'cancelledConnection', 'listedAt'),
      ],
    }),
  );
  for (const [name, key] of [
    [tables.idempotencyKeys, 'key'],
    [tables.connectionHealth, 'connection'],
    [tables.accessTokens, 'tokenHash'],
  ] as const) {
    await client.send(
      new CreateTableCommand({
        TableName: name,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [text(key)],
        KeySchema: [{ AttributeName: key, KeyType: 'HASH' }],
      }),
    );
  }
  for (const [name, hash, range] of [
    [tables.batches, 'batch', 'row'],
    [tables.waitingTasks, 'operation', 'task'],
  ] as const) {
    await client.send(
      new CreateTableCommand({
        TableName: name,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [text(hash), text(range)],
        KeySchema: [
          { AttributeName: hash, KeyType: 'HASH' },
          { AttributeName: range, KeyType: 'RANGE' },
        ],
      }),
    );
  }
  await client.send(
    new CreateTableCommand({
      TableName: EXPORT_JOBS_TABLE,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['exportId', 'open', 'dueAt'].map(text),
      KeySchema: [{ AttributeName: 'exportId', KeyType: 'HASH' }],
      GlobalSecondaryIndexes: [index('open', 'open', 'dueAt')],
    }),
  );
  return {
    client,
    endpoint,
    tables,
    async stop() {
      client.destroy();
      if (hasEnded(process)) return;
      const gone = once(process, 'exit');
      process.kill();
      await gone;
    },
  };
}

/** A client of a database that a test started, for a test that watches the client's requests. */
export function clientOf(endpoint: string, maxAttempts = 1): DynamoDBClient {
  return new DynamoDBClient({
    endpoint,
    region: 'local',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts,
  });
}

const MOST_STARTS = 10;

/** Another process may take the port between the probe and the start. Then the server ends, and another one is started. */
async function startServer() {
  for (let starts = 1; ; starts += 1) {
    const port = await freePort();
    const process = spawn(BINARY, ['serve', '--port', String(port)], { stdio: 'ignore' });
    const endpoint = `http://127.0.0.1:${port}`;
    const client = clientOf(endpoint);
    if (await answers(client, process)) return { process, endpoint, client };
    client.destroy();
    if (starts === MOST_STARTS) throw new Error(`The embedded DynamoDB ended ${starts} times as it started.`);
  }
}

/** Waits until the server answers, however long that takes. Returns false if the server ended instead. */
async function answers(client: DynamoDBClient, process: ChildProcess): Promise<boolean> {
  while (!hasEnded(process)) {
    try {
      await client.send(new ListTablesCommand({}));
      return !hasEnded(process);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  return false;
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('The probe for a free port has no port.');
  return address.port;
}
