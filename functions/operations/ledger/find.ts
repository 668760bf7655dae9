import { BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../../runtime/clock.ts';
import * as items from './items.ts';
import { operationId, type Operation } from '../rules/operation.ts';

export interface ReadNeeds {
  dynamodb: DynamoDBClient;
  table: string;
  clock: Clock;
}

/** DynamoDB returns at most a hundred items for one request. */
const KEYS_AT_ONCE = 100;
/** The number of requests in a row that may return nothing at all. */
const MOST_IN_VAIN = 5;
const WAIT_MS = 50;

/** Operations by id, and the ids of operations that this version of the code cannot read. */
export interface FoundOperations {
  readonly operations: ReadonlyMap<string, Operation>;
  readonly unreadable: ReadonlySet<string>;
}

/** Finds the operations with these ids, among the orders' current operations and then among their earlier ones. */
export async function findOperations(ids: readonly string[], needs: ReadNeeds): Promise<FoundOperations> {
  const wanted = new Map(ids.map((id) => [id, items.keysOf(id)]));
  const operations = new Map<string, Operation>();
  const unreadable = new Set<string>();
  const find = async (keys: items.Item[]) => {
    const read = items.operationsOf(await readItems(keys, needs));
    for (const operation of read.operations)
      if (wanted.has(operationId(operation))) operations.set(operationId(operation), operation);
    for (const id of read.unreadable) if (wanted.has(id)) unreadable.add(id);
  };
  await find([...wanted.values()].map(({ current }) => current));
  const isFound = (id: string) => operations.has(id) || unreadable.has(id);
  await find([...wanted].filter(([id]) => !isFound(id)).map(([, { earlier }]) => earlier));
  return { operations, unreadable };
}

/** Reads the ledger's items with these keys, as they are now. A key may be given twice. Throws if DynamoDB keeps leaving keys unread. */
export async function readItems(
  keys: readonly items.Item[],
  { dynamodb, table, clock }: ReadNeeds,
): Promise<items.Item[]> {
  const found: items.Item[] = [];
  let left = [...new Map(keys.map((key) => [JSON.stringify(key), key])).values()];
  let inVain = 0;
  while (left.length > 0) {
    const asked = left.slice(0, KEYS_AT_ONCE);
    const { Responses, UnprocessedKeys } = await dynamodb.send(
      new BatchGetItemCommand({ RequestItems: { [table]: { Keys: asked, ConsistentRead: true } } }),
    );
    found.push(...(Responses?.[table] ?? []));
    const unread = UnprocessedKeys?.[table]?.Keys ?? [];
    left = [...unread, ...left.slice(KEYS_AT_ONCE)];
    inVain = unread.length === asked.length ? inVain + 1 : 0;
    if (inVain === MOST_IN_VAIN) throw new Error('DynamoDB left keys of a batch unread again and again.');
    // Under load DynamoDB may leave keys unread. They are requested again after a jittered wait.
    if (unread.length > 0) await clock.sleep(clock.random() * WAIT_MS * 2 ** inVain);
  }
  return found;
}
