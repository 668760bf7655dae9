import {
  CreateTableCommand,
  DescribeTableCommand,
  ResourceNotFoundException,
  UpdateTableCommand,
  type DynamoDBClient,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import type { LocalTable } from '../template/template.ts';

/** Makes the template's tables if they are missing, and adds indexes and streams that are missing in kept tables. */
export async function createTables(dynamodb: DynamoDBClient, tables: readonly LocalTable[]): Promise<void> {
  for (const table of tables) {
    const existing = await describe(dynamodb, table.TableName);
    if (existing === null) await create(dynamodb, table);
    else await update(dynamodb, table, existing);
  }
}

async function describe(dynamodb: DynamoDBClient, name: string): Promise<TableDescription | null> {
  try {
    const { Table: table } = await dynamodb.send(new DescribeTableCommand({ TableName: name }));
    return table ?? null;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return null;
    throw error;
  }
}

async function create(
  dynamodb: DynamoDBClient,
  { GlobalSecondaryIndexes: indexes, StreamSpecification: stream, ...table }: LocalTable,
): Promise<void> {
  await dynamodb.send(
    new CreateTableCommand({
      ...table,
      BillingMode: 'PAY_PER_REQUEST',
      ...(stream && { StreamSpecification: { StreamEnabled: true, ...stream } }),
      ...(indexes.length === 0 ? {} : { GlobalSecondaryIndexes: indexes }),
    }),
  );
}

async function update(dynamodb: DynamoDBClient, table: LocalTable, existing: TableDescription): Promise<void> {
  const keysOf = (keys: readonly { AttributeName?: string | undefined; KeyType?: string | undefined }[] = []) =>
    keys.map(({ AttributeName: name, KeyType: type }) => `${name ?? ''}:${type ?? ''}`).join();
  if (keysOf(existing.KeySchema) !== keysOf(table.KeySchema)) {
    throw new Error(
      `The kept table ${table.TableName} has other keys than the template. Start with --fresh, or with another --data-dir.`,
    );
  }
  if (table.StreamSpecification !== undefined && existing.LatestStreamArn === undefined) {
    const stream = { StreamEnabled: true, ...table.StreamSpecification };
    await dynamodb.send(new UpdateTableCommand({ TableName: table.TableName, StreamSpecification: stream }));
  }
  const present = new Set(existing.GlobalSecondaryIndexes?.map(({ IndexName: name }) => name));
  for (const index of table.GlobalSecondaryIndexes) {
    if (present.has(index.IndexName)) continue;
    await dynamodb.send(
      new UpdateTableCommand({
        TableName: table.TableName,
        AttributeDefinitions: table.AttributeDefinitions,
        GlobalSecondaryIndexUpdates: [{ Create: index }],
      }),
    );
  }
}
