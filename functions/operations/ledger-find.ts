import { BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as items from './ledger-item.ts';
import { operationId, type Operation } from './operation.ts';

/** DynamoDB gives a hundred items for a request at the most. */
const KEYS_AT_ONCE = 100;
const MOST_ROUNDS = 50;

/** The operations with these ids that the ledger holds, by id: where an order has a newer one, the earlier one that is meant. */
export async function findOperations(
  ids: readonly string[],
  needs: { dynamodb: DynamoDBClient; table: string },
): Promise<Map<string, Operation>> {
  const wanted = new Map(ids.map((id) => [id, partsOf(id)]));
  const found = new Map<string, Operation>();
  const keep = (operations: readonly Operation[]) => {
    for (const operation of operations)
      if (wanted.has(operationId(operation))) found.set(operationId(operation), operation);
  };
  keep(
    await read(
      [...wanted.values()].map(({ connection, orderId }) => items.currentKey(connection, orderId)),
      needs,
    ),
  );
  const missing = [...wanted].filter(([id]) => !found.has(id)).map(([, parts]) => parts);
  keep(
    await read(
      missing.map(({ connection, orderId, number }) => items.earlierKey(connection, orderId, number)),
      needs,
    ),
  );
  return found;
}

function partsOf(id: string): { connection: string; orderId: string; number: number } {
  const [connection = '', orderId = '', number = ''] = id.split(':');
  return { connection, orderId, number: Number(number) };
}

async function read(
  keys: readonly items.Item[],
  { dynamodb, table }: { dynamodb: DynamoDBClient; table: string },
): Promise<Operation[]> {
  const operations: Operation[] = [];
  let left = [...new Map(keys.map((key) => [JSON.stringify(key), key])).values()];
  for (let round = 0; left.length > 0; round += 1) {
    if (round > MOST_ROUNDS) throw new Error('The ledger gives only some of the operations that were asked for.');
    const { Responses, UnprocessedKeys } = await dynamodb.send(
      new BatchGetItemCommand({
        RequestItems: { [table]: { Keys: left.slice(0, KEYS_AT_ONCE), ConsistentRead: true } },
      }),
    );
    operations.push(...(Responses?.[table] ?? []).map(items.operationOf));
    left = [...(UnprocessedKeys?.[table]?.Keys ?? []), ...left.slice(KEYS_AT_ONCE)];
  }
  return operations;
}
