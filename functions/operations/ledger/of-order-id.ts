import { queryPages } from '../../runtime/query-pages.ts';
import { passes, type OperationFilters } from './filters.ts';
import { readItems, type ReadNeeds } from './find.ts';
import * as items from './items.ts';
import { Newest, type NewestPage, type NewestPlace } from './newest.ts';

export interface OrderIdQuery extends OperationFilters {
  readonly orderId: string;
  /** The connections where the order is looked for. */
  readonly connections: readonly string[];
  /** RFC 3339 UTC with milliseconds, both inclusive: when the operation was requested. Left out: whenever. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly limit: number;
  readonly after: NewestPlace | null;
}

/**
 * The operations of the orders with this id, at whichever of the connections, newest first. Reads by key, a hundred connections a
 * request, and then the operations of the orders that there are.
 */
export async function listOfOrderId(query: OrderIdQuery, needs: ReadNeeds): Promise<NewestPage> {
  const { orderId, connections, from, to, limit, after, ...filters } = query;
  const newest = new Newest(limit, after);
  const unreadable: string[] = [];
  const found = await readItems(
    connections.map((connection) => items.currentKey(connection, orderId)),
    needs,
  );
  for (const { order = { S: '' } } of found) {
    const pages = queryPages(needs.dynamodb, {
      TableName: needs.table,
      KeyConditionExpression: '#order = :order',
      ExpressionAttributeNames: { '#order': 'order' },
      ExpressionAttributeValues: { ':order': order },
      ConsistentRead: true,
    });
    for await (const page of pages) {
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
