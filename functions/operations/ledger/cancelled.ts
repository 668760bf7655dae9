import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { readItems, type ReadNeeds } from './find.ts';
import * as items from './items.ts';
import { OPERATION_KINDS, type Operation } from '../rules/operation.ts';
import { confirmedLast } from '../rules/succession.ts';

export interface CancelledQuery {
  connection: string;
  /** RFC 3339 UTC with milliseconds, both inclusive: when the order was ordered, or its cancel confirmed where that is not known. */
  from: string;
  to: string;
  /** At least 2. */
  limit: number;
  /** Only what is listed behind this one. */
  after: ListedPlace | null;
}

export interface ListedPlace {
  listedAt: string;
  orderId: string;
}

export interface CancelledPage {
  /** Newest first, and of one moment by descending order id. */
  cancels: { listedAt: string; operation: ConfirmedCancel }[];
  /** Where the next page goes on; null: there is no more. */
  next: ListedPlace | null;
  /** Orders that were passed over because this version of the code cannot read them. */
  unreadable: string[];
}

type ConfirmedCancel = Operation & { state: 'confirmed' };

/** Confirmed cancels of a connection whose order has had no later operation, by when it was ordered. One query. */
export async function readCancelled(query: CancelledQuery, { dynamodb, table }: ReadNeeds): Promise<CancelledPage> {
  const { from, to, after } = query;
  const { Items = [], LastEvaluatedKey } = await dynamodb.send(
    new QueryCommand({
      TableName: table,
      IndexName: items.CANCELLED_INDEX,
      KeyConditionExpression: 'cancelledConnection = :connection AND listedAt BETWEEN :from AND :to',
      ExpressionAttributeValues: {
        ':connection': { S: query.connection },
        ':from': { S: from },
        // A sort key is a moment, `#` and an order id; `$` comes right behind `#`.
        ':to': { S: after === null ? `${to}$` : items.listedKey(after.listedAt, after.orderId) },
      },
      ScanIndexForward: false,
      Limit: query.limit,
    }),
  );
  const { operations, unreadable } = items.operationsOf(Items);
  const cancels = operations
    .filter((operation): operation is ConfirmedCancel => operation.state === 'confirmed')
    .map((operation) => ({ listedAt: items.listedAtOf(operation), operation }))
    .filter(({ listedAt, operation }) => listedAt !== after?.listedAt || operation.orderId !== after.orderId);
  return { cancels, next: LastEvaluatedKey === undefined ? null : items.listedPlaceOf(LastEvaluatedKey), unreadable };
}

const current = z.object({
  orderId: z.string(),
  kind: z.enum(OPERATION_KINDS),
  state: z.string(),
  detail: z.string(),
  number: z.number(),
  settledAt: z.optional(z.string()),
  lastConfirmed: z
    .nullable(z.object({ kind: z.enum(OPERATION_KINDS), number: z.number(), doneAt: z.nullable(z.string()) }))
    .default(null),
});

/**
 * When orders were cancelled, of those that the ledger knows it of: that a cancel of ours was confirmed last. One round trip for
 * a hundred orders.
 */
export async function readCancelTimes(
  connection: string,
  orderIds: readonly string[],
  needs: ReadNeeds,
): Promise<ReadonlyMap<string, string>> {
  const times = new Map<string, string>();
  const keys = orderIds.map((orderId) => items.currentKey(connection, orderId));
  for (const item of await readItems(keys, needs)) {
    // What this version of the code cannot read tells no time.
    const read = current.safeParse(unmarshall(item));
    if (!read.success || items.isOfNewerSchema(item)) continue;
    const { orderId, ...operation } = read.data;
    const last = confirmedLast(operation);
    if (last?.kind === 'cancel' && last.doneAt !== null) times.set(orderId, last.doneAt);
  }
  return times;
}
