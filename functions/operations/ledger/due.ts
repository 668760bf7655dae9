import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { queryPages } from '../../runtime/query-pages.ts';
import * as items from './items.ts';
import { isOpen, type OpenOperation } from '../rules/operation.ts';

export interface DueQuery {
  readonly connection: string;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly limit: number;
}

export interface Due {
  /** At most the query's limit, the longest due first. */
  readonly operations: OpenOperation[];
  /** The names of due operations that were passed over because this version of the code cannot read them. */
  readonly unreadable: string[];
}

/** Reads a connection's open operations that are due. Unreadable ones do not hold up the others, however many there are. */
export async function readDue(
  { connection, now, limit }: DueQuery,
  { dynamodb, table }: { dynamodb: DynamoDBClient; table: string },
): Promise<Due> {
  const operations: OpenOperation[] = [];
  const unreadable: string[] = [];
  const pages = queryPages(dynamodb, {
    TableName: table,
    IndexName: items.DUE_INDEX,
    KeyConditionExpression: 'dueConnection = :connection AND dueAt <= :now',
    ExpressionAttributeValues: { ':connection': { S: connection }, ':now': { S: new Date(now).toISOString() } },
    Limit: limit,
  });
  for await (const page of pages) {
    const read = items.operationsOf(page);
    operations.push(...read.operations.filter(isOpen));
    unreadable.push(...read.unreadable);
    if (operations.length >= limit) break;
  }
  return { operations: operations.slice(0, limit), unreadable };
}
