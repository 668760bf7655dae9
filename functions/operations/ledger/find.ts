import { BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../../runtime/clock.ts';
import * as items from './items.ts';
import { operationId, type Operation } from '../rules/operation.ts';

export interface ReadNeeds {
  dynamodb: DynamoDBClient;
  table: string;
  clock: Clock;
}

/** DynamoDB gives a hundred items for a request at the most. */
const KEYS_AT_ONCE = 100;
/** Requests in a row of which nothing at all was read. */
const MOST_IN_VAIN = 5;
const WAIT_MS = 50;

/** Operations by id, and the ids of those that the ledger holds in a form that cannot be read. */
export interface FoundOperations {
  readonly operations: ReadonlyMap<string, Operation>;
  readonly unreadable: ReadonlySet<string>;
}

/** The operations with these ids that the ledger holds: where an order has a newer one, the earlier one that is meant. */
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

/** The items of the ledger with these keys, as they stand; a key may be there twice. Throws where DynamoDB reads no more of them. */
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
    // DynamoDB may leave keys unread under load; they are asked for again after a jittered wait.
    if (unread.length > 0) await clock.sleep(clock.random() * WAIT_MS * 2 ** inVain);
  }
  return found;
}
