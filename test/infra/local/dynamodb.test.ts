import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { answers, startDynamoDb, type LocalDynamoDb } from '../../../infra/local/dynamodb.ts';
import { createTables } from '../../../infra/local/tables.ts';
import type { LocalTable } from '../../../infra/local/template.ts';

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
const start = async () => {
  running = await startDynamoDb(join(directory, 'data.sqlite'), { PATH: process.env['PATH'] });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return new DynamoDBClient({ endpoint: running.endpoint, region: 'us-east-1', credentials });
};
beforeEach(() => {
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
    const port = Number(new URL(running?.endpoint ?? '').port);
    expect(await answers(port)).toBe(true);
    await running?.close();
    expect(await answers(port)).toBe(false);
  });

  it('gives way to the one that AWS_ENDPOINT_URL_DYNAMODB names', async () => {
    const given = await startDynamoDb('unused', { AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:8000' });
    expect(given.endpoint).toBe('http://127.0.0.1:8000');
  });
});
