import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeTableCommand, DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { answers, startDynamoDb, type LocalDynamoDb } from '../../../../infra/local/aws/dynamodb.ts';
import { createTables } from '../../../../infra/local/aws/tables.ts';
import type { LocalTable } from '../../../../infra/local/template/template.ts';
import { databaseProcess } from '../../../support/database-process.ts';

let directory: string;
const table: LocalTable = {
  TableName: 'Things',
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  GlobalSecondaryIndexes: [],
};
const day: LocalTable['GlobalSecondaryIndexes'][number] = {
  IndexName: 'day',
  KeySchema: [{ AttributeName: 'day', KeyType: 'HASH' }],
  Projection: { ProjectionType: 'ALL' },
};
let running: LocalDynamoDb | undefined;
let complaints: string[];
const complain = (line: string) => complaints.push(line);
const start = async () => {
  running = await startDynamoDb(join(directory, 'data.sqlite'), { PATH: process.env['PATH'] }, complain);
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return new DynamoDBClient({ endpoint: running.endpoint, region: 'us-east-1', credentials });
};
const port = () => Number(new URL(running?.endpoint ?? '').port);
async function runningDatabase(): Promise<number> {
  for (;;) {
    const found = databaseProcess(join(directory, 'data.sqlite'));
    if (found !== null) return found;
    await sleep(5);
  }
}
beforeEach(() => {
  complaints = [];
  directory = mkdtempSync(join(tmpdir(), 'countermand-dynamodb-'));
});
afterEach(async () => {
  await running?.close();
  rmSync(directory, { recursive: true, force: true });
});

describe('the embedded DynamoDB', () => {
  it('keeps its tables over a restart, gets indexes that came later, and refuses other keys', async () => {
    await createTables(await start(), [table]);
    await running?.close();
    const dynamodb = await start();
    await createTables(dynamodb, [
      {
        ...table,
        AttributeDefinitions: [...table.AttributeDefinitions, { AttributeName: 'day', AttributeType: 'S' }],
        GlobalSecondaryIndexes: [day],
      },
    ]);
    const { Table: kept } = await dynamodb.send(new DescribeTableCommand({ TableName: 'Things' }));
    expect(kept?.GlobalSecondaryIndexes?.map(({ IndexName: name }) => name)).toEqual(['day']);

    const otherKeys: LocalTable = { ...table, KeySchema: [{ AttributeName: 'name', KeyType: 'HASH' }] };
    await expect(createTables(dynamodb, [otherKeys])).rejects.toThrow('--fresh');
  });

  it('is gone after it was closed', async () => {
    await start();
    expect(await answers(port())).toBe(true);
    await running?.close();
    expect(await answers(port())).toBe(false);
  });

  it('is started again on the same port and file when it is killed, as often as that happens, and says so', async () => {
    const dynamodb = await start();
    await createTables(dynamodb, [table]);
    const killed: number[] = [];
    for (let kills = 1; kills <= 3; kills += 1) {
      const before = await runningDatabase();
      killed.push(before);
      await dynamodb.send(new PutItemCommand({ TableName: 'Things', Item: { id: { S: `before kill ${kills}` } } }));
      process.kill(before, 'SIGKILL');
      while (complaints.length < kills) await sleep(5);
      while (!(await answers(port()))) await sleep(5);
      const { Count: kept } = await dynamodb.send(new ScanCommand({ TableName: 'Things', ConsistentRead: true }));
      expect(kept).toBe(kills);
    }
    expect(new Set(killed).size).toBe(3);
    expect(complaints[0]).toMatch(/ended by itself .*started again, on the same port and file/s);

    const last = await runningDatabase();
    await running?.close();
    expect(() => process.kill(last, 0)).toThrow('ESRCH');
    expect(complaints).toHaveLength(3);
  });

  it('stays down once it is closed, also while it waits to be started again', async () => {
    await start();
    process.kill(await runningDatabase(), 'SIGKILL');
    while (complaints.length < 1) await sleep(1);
    await running?.close();
    expect(await answers(port())).toBe(false);
    expect(databaseProcess(join(directory, 'data.sqlite'))).toBeNull();
  });

  it('gives way to the one that COUNTERMAND_DYNAMODB_URL names, and not to one that is AWS’s to name', async () => {
    const urls = { AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1', COUNTERMAND_DYNAMODB_URL: 'http://127.0.0.1:8000' };
    expect((await startDynamoDb('unused', urls, complain)).endpoint).toBe('http://127.0.0.1:8000');
    running = await startDynamoDb(join(directory, 'data.sqlite'), { ...urls, COUNTERMAND_DYNAMODB_URL: '' }, complain);
    expect(port()).not.toBe(1);
    expect(await answers(port())).toBe(true);
  });

  it('is the only one on its file: one that a killed run left behind is ended first, and what it kept is there', async () => {
    const dynamodb = await start();
    await createTables(dynamodb, [table]);
    await running?.close();
    const binary = createRequire(import.meta.url).resolve('@dynoxide/linux-x64/dynoxide');
    const left = spawn(binary, ['serve', '--port', '0', '--db-path', join(directory, 'data.sqlite')], {
      stdio: 'ignore',
    });
    const gone = once(left, 'exit');
    while (databaseProcess(join(directory, 'data.sqlite')) !== left.pid) await sleep(5);

    const next = await start();
    expect(await gone).toEqual([null, 'SIGKILL']);
    expect(await runningDatabase()).not.toBe(left.pid);
    await expect(next.send(new DescribeTableCommand({ TableName: 'Things' }))).resolves.toBeDefined();
  });
});
