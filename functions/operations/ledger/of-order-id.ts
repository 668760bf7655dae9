import { QueryCommand, type DynamoDBClient, type QueryCommandOutput } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../../runtime/clock.ts';
import { passes, type OperationFilters } from './filters.ts';
import { readItems } from './find.ts';
import * as items from './items.ts';
import { Newest, type NewestPage, type NewestPlace } from './newest.ts';

export interface OrderIdQuery extends OperationFilters {
  readonly orderId: string;
  /** The connections where the order is looked for. */
  readonly connections: readonly string[];
  /** RFC 3339 UTC with milliseconds, both inclusive: when the operation was requested. Left out: whenever. */
  readonly from?: string;
  readonly to?: string;
  readonly limit: number;
  readonly cursor?: NewestPlace;
}

interface Needs {
  dynamodb: DynamoDBClient;
  table: string;
  clock: Clock;
}

/**
 * The operations of the orders with this id, at whichever of the connections, newest first. Reads by key, a hundred connections a
 * request, and then the operations of the orders that there are.
 */
export async function listOfOrderId(query: OrderIdQuery, needs: Needs): Promise<NewestPage> {
  const { orderId, connections, from, to, limit, cursor, ...filters } = query;
  const newest = new Newest(limit, cursor ?? null);
  const unreadable: string[] = [];
  const found = await readItems(
    connections.map((connection) => items.currentKey(connection, orderId)),
    needs,
  );
  for (const { order } of found) {
    for await (const page of operationsOfOrder(order, needs)) {
      const read = items.operationsOf(page);
      unreadable.push(...read.unreadable);
      newest.add(
        read.operations.filter(
          (operation) =>
            passes(operation, filters) &&
            (from === undefined || operation.requestedAt >= from) &&
            (to === undefined || operation.requestedAt <= to),
        ),
      );
    }
  }
  return newest.page(unreadable);
}

async function* operationsOfOrder(order: items.Item[string] | undefined, { dynamodb, table }: Needs) {
  if (order === undefined) return;
  let ExclusiveStartKey: items.Item | undefined;
  do {
    const page: QueryCommandOutput = await dynamodb.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: '#order = :order',
        ExpressionAttributeNames: { '#order': 'order' },
        ExpressionAttributeValues: { ':order': order },
        ConsistentRead: true,
        ExclusiveStartKey,
      }),
    );
    yield page.Items ?? [];
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
}
