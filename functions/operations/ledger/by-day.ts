import { QueryCommand, type DynamoDBClient, type QueryCommandOutput } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { filterParts, type OperationFilters } from './filters.ts';
import * as items from './items.ts';
import type { Operation } from '../rules/operation.ts';

export interface ListQuery extends OperationFilters {
  /** The period in which the operations were requested: RFC 3339 UTC with milliseconds, both ends inclusive. */
  from: string;
  to: string;
  limit: number;
  /** The `nextCursor` of the previous page. */
  cursor?: unknown;
}

export interface ListPage {
  operations: Operation[];
  /** The ids of operations that were passed over because this version of the code cannot read them. */
  unreadable: string[];
  /** Plain JSON; null at the end. A page with fewer operations than its limit, even with none, may still have a next page. */
  nextCursor: ListCursor | null;
}

const place = z.object({ order: z.string(), slot: z.string(), requestedAt: z.string() });
/** Where the next page starts: a day, and the item of that day after which it starts. */
export const listCursorSchema = z.object({ day: z.iso.date(), after: z.nullable(place) });
export type ListCursor = z.infer<typeof listCursorSchema>;

/** Bounds the work of one page when days are empty or the outcome is rare. */
const QUERIES_PER_PAGE = 40;
/** Items that one query reads before it filters them. */
const READ_AT_ONCE = 100;

/** Reads operations by the day of their request, newest first. DynamoDB runs at least one query for each day, and filters its items. */
export async function listByDay(
  query: ListQuery,
  needs: { dynamodb: DynamoDBClient; table: string },
): Promise<ListPage> {
  const firstDay = query.from.slice(0, 10);
  const operations: Operation[] = [];
  const unreadable: string[] = [];
  let cursor: ListCursor =
    query.cursor === undefined ? { day: query.to.slice(0, 10), after: null } : listCursorSchema.parse(query.cursor);
  for (let queries = 0; cursor.day >= firstDay && queries < QUERIES_PER_PAGE; queries += 1) {
    const page: QueryCommandOutput = await needs.dynamodb.send(new QueryCommand(dayQuery(query, cursor, needs.table)));
    const found = page.Items ?? [];
    const taken = found.slice(0, query.limit - operations.length);
    const read = items.operationsOf(taken);
    operations.push(...read.operations);
    unreadable.push(...read.unreadable);
    const last = taken.length < found.length ? taken.at(-1) : page.LastEvaluatedKey;
    cursor =
      last === undefined
        ? { day: dayBefore(cursor.day), after: null }
        : { day: cursor.day, after: place.parse(unmarshall(last)) };
    if (operations.length === query.limit) break;
  }
  return { operations, unreadable, nextCursor: cursor.day >= firstDay ? cursor : null };
}

function dayQuery(query: ListQuery, cursor: ListCursor, table: string) {
  const { from, to, limit: _, cursor: __, ...filters } = query;
  const { expressions, names, values } = filterParts(filters);
  return {
    TableName: table,
    IndexName: items.DAY_INDEX,
    KeyConditionExpression: '#day = :day AND requestedAt BETWEEN :from AND :to',
    ExpressionAttributeNames: { ...names, '#day': 'day' },
    ExpressionAttributeValues: { ...values, ':day': { S: cursor.day }, ':from': { S: from }, ':to': { S: to } },
    ...(expressions.length > 0 && { FilterExpression: expressions.join(' AND ') }),
    ...(cursor.after === null ? {} : { ExclusiveStartKey: indexKey(cursor.day, cursor.after) }),
    ScanIndexForward: false,
    Limit: READ_AT_ONCE,
  };
}

function indexKey(day: string, after: z.infer<typeof place>): items.Item {
  return { day: { S: day }, order: { S: after.order }, slot: { S: after.slot }, requestedAt: { S: after.requestedAt } };
}

function dayBefore(day: string): string {
  return new Date(Date.parse(day) - 1).toISOString().slice(0, 10);
}
