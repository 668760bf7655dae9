import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { queryPages } from '../../runtime/query-pages.ts';
import { filterParts, type OperationFilters } from './filters.ts';
import * as items from './items.ts';
import { Newest, type NewestPage, type NewestPlace } from './newest.ts';

export interface OpenQuery extends OperationFilters {
  /** The connections that are read: at least one query each. */
  connections: readonly string[];
  /** RFC 3339 UTC with milliseconds, both inclusive: when the operation was requested. Left out: whenever. */
  from?: string | undefined;
  to?: string | undefined;
  limit: number;
  after: NewestPlace | null;
}

/** Queries that run side by side. */
const QUERIES_AT_ONCE = 16;

/**
 * Open operations, newest first. Every page reads all open operations of the connections out of the sparse index that holds no others,
 * one query for each connection and each megabyte.
 */
export async function listOpen(
  query: OpenQuery,
  needs: { dynamodb: DynamoDBClient; table: string },
): Promise<NewestPage> {
  const newest = new Newest(query.limit, query.after);
  const unreadable: string[] = [];
  const queue = query.connections.values();
  const lane = async () => {
    for (const connection of queue) {
      for await (const page of pagesOf(connection, query, needs)) {
        const read = items.operationsOf(page);
        newest.add(read.operations);
        unreadable.push(...read.unreadable);
      }
    }
  };
  await Promise.all(Array.from({ length: QUERIES_AT_ONCE }, lane));
  return newest.page(unreadable);
}

function pagesOf(
  connection: string,
  { connections: _, from, to, limit: __, after: ___, ...filters }: OpenQuery,
  { dynamodb, table }: { dynamodb: DynamoDBClient; table: string },
): AsyncGenerator<items.Item[]> {
  const { expressions, names, values } = filterParts(filters);
  const period = [
    ...(from === undefined ? [] : ['requestedAt >= :from']),
    ...(to === undefined ? [] : ['requestedAt <= :to']),
  ];
  const filter = [...expressions, ...period].join(' AND ');
  return queryPages(dynamodb, {
    TableName: table,
    IndexName: items.DUE_INDEX,
    KeyConditionExpression: 'dueConnection = :dueConnection',
    ...(filter !== '' && { FilterExpression: filter }),
    ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names }),
    ExpressionAttributeValues: {
      ...values,
      ':dueConnection': { S: connection },
      ...(from !== undefined && { ':from': { S: from } }),
      ...(to !== undefined && { ':to': { S: to } }),
    },
  });
}
