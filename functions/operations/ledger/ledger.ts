import {
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactionCanceledException,
  TransactionConflictException,
  TransactionInProgressException,
  TransactWriteItemsCommand,
  type DynamoDBClient,
  type QueryCommandOutput,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Clock } from '../../runtime/clock.ts';
import { readDue, type Due } from './due.ts';
import { findOperations, type FoundOperations } from './find.ts';
import { readCancelled, readCancelTimes, type CancelledPage, type CancelledQuery } from './cancelled.ts';
import * as items from './items.ts';
import { listByDay, type ListPage, type ListQuery } from './by-day.ts';
import { operationId, type Operation } from '../rules/operation.ts';

/**
 * The ledger holds each order's current operation and its earlier ones. Every write is conditional on owner and version, and a
 * write of ours whose reply was lost is recognised in the old image that a failed condition returns. Nothing is ever deleted.
 *
 * What this version of the code cannot read, it never writes over: claims, writes and single reads of it throw
 * {@link OperationUnreadable}; lists name it and go on.
 */
export interface Ledger {
  /** Opens an order's first operation, if it has none. With a key, both are claimed in one transaction. One round trip. */
  claim(opening: Operation, key: KeyClaim | null): Promise<Claim>;
  /** Opens the next operation of an order and keeps the settled `previous` one beside it, in one transaction. */
  claimNext(previous: Operation, opening: Operation, key: KeyClaim | null): Promise<Claim>;
  /** What a key is bound to, or null where it is free. One round trip. */
  findKey(key: KeyClaim): Promise<items.BoundKey | null>;
  /** Binds a key to an operation that another ask opened. Returns what the key is bound to now. */
  bindKey(key: KeyClaim, operation: Operation): Promise<items.BoundKey>;
  /**
   * Writes the next version of an operation. `lost`: another owner wrote meanwhile; `current` is what stands. Where it is too large, or
   * DynamoDB does not take it as it is, it is written without the provider's mark and a new snapshot, and `refusal` says why.
   */
  write(previous: Operation, next: Operation): Promise<Written>;
  /** The open operations of a connection that are due, the longest due first. */
  due(connection: string, now: number, limit: number): Promise<Due>;
  /** An order's current operation, or null where it has none. One read, however many operations the order has had. */
  findCurrent(connection: string, orderId: string): Promise<Operation | null>;
  /** An order's current operation and its latest earlier ones, newest first, at most {@link MOST_EARLIER} of them. */
  find(connection: string, orderId: string): Promise<{ current: Operation; previous: Operation[] } | null>;
  /** The operation with that id (`connection:orderId:number`), or null. */
  findOperation(id: string): Promise<Operation | null>;
  /** Those of the operations with these ids that there are, by id. `unreadable`: the ids of those that cannot be read. */
  findOperations(ids: readonly string[]): Promise<FoundOperations>;
  /** Operations by the time of their request, newest first. */
  list(query: ListQuery): Promise<ListPage>;
  /** Orders of a connection that are cancelled as far as the ledger knows, newest first. */
  listCancelled(query: CancelledQuery): Promise<CancelledPage>;
  /** When those of the orders were cancelled of which the ledger knows it. */
  cancelTimes(connection: string, orderIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

export interface KeyClaim {
  /** Scoped to its caller (`idempotency/idempotency-key.ts`). */
  key: string;
  fingerprint: string;
}

export type Claim =
  | { kind: 'claimed'; operation: Operation }
  /** The order has an operation. */
  | { kind: 'exists'; current: Operation }
  /** The key was used before. `current` is the order's operation, where the order has one. */
  | { kind: 'key_known'; bound: items.BoundKey; current: Operation | null };

export type Written =
  { kind: 'written'; operation: Operation; refusal?: string } | { kind: 'lost'; current: Operation };

export interface LedgerNeeds {
  dynamodb: DynamoDBClient;
  tables: { ledger: string; idempotencyKeys: string };
  clock: Clock;
}

/** The IETF draft leaves it to the server; Standard Webhooks' senders repeat for 75 hours, people return after a week-end. */
const KEY_LIFETIME_SECONDS = 14 * 24 * 3600;
/** Earlier operations of an order that are shown with it: some hundred KB, where a reply may have 6 MB. */
export const MOST_EARLIER = 100;
const CONFLICT_RETRIES = 6;
const CONFLICT_WAIT_MS = 40;
const ORDER_IS_NEW = {
  ConditionExpression: 'attribute_not_exists(#order)',
  ExpressionAttributeNames: { '#order': 'order' },
};
const RETURN_OLD = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;

export function createLedger({ dynamodb, tables, clock }: LedgerNeeds): Ledger {
  const putNew = (operation: Operation) => ({
    TableName: tables.ledger,
    Item: items.currentItem(operation),
    ...ORDER_IS_NEW,
    ...RETURN_OLD,
  });
  /** Fenced: succeeds only on top of the very version that `previous` is. */
  const putOver = (previous: Operation, next: Operation) => ({
    TableName: tables.ledger,
    Item: items.currentItem(next),
    ConditionExpression: '#owner = :owner AND #version = :version',
    ExpressionAttributeNames: { '#owner': 'owner', '#version': 'version' },
    ExpressionAttributeValues: { ':owner': { S: previous.owner }, ':version': { N: String(previous.version) } },
    ...RETURN_OLD,
  });
  const putKey = (key: KeyClaim, operation: Operation) => ({
    TableName: tables.idempotencyKeys,
    Item: marshall(boundKey(key, operation)),
    ConditionExpression: 'attribute_not_exists(#key) OR #expiresAt < :now',
    ExpressionAttributeNames: { '#key': 'key', '#expiresAt': 'expiresAt' },
    ExpressionAttributeValues: { ':now': { N: String(Math.floor(clock.now() / 1000)) } },
    ...RETURN_OLD,
  });
  const boundKey = (key: KeyClaim, operation: Operation): items.BoundKey => ({
    ...key,
    operationId: operationId(operation),
    expiresAt: Math.floor(clock.now() / 1000) + KEY_LIFETIME_SECONDS,
  });

  /** A conflict with another transaction says nothing of the condition, so the same write is tried again after a jittered wait. */
  async function pastConflicts<T>(attempt: () => Promise<T>): Promise<T> {
    for (let tries = 0; ; tries += 1) {
      try {
        return await attempt();
      } catch (error) {
        if (!isConflict(error) || tries === CONFLICT_RETRIES) throw error;
        await clock.sleep(clock.random() * CONFLICT_WAIT_MS * 2 ** tries);
      }
    }
  }

  /** One transaction; answers the old image for each write where a condition failed, null where it was written. */
  async function transact(writes: TransactWriteItem[]): Promise<(items.Item | undefined)[] | null> {
    return pastConflicts(async () => {
      try {
        await dynamodb.send(new TransactWriteItemsCommand({ TransactItems: writes }));
        return null;
      } catch (error) {
        if (error instanceof TransactionCanceledException) {
          const reasons = error.CancellationReasons;
          if (reasons?.some(({ Code }) => Code === 'ConditionalCheckFailed')) return reasons.map(({ Item }) => Item);
        }
        throw error;
      }
    });
  }

  /** One conditional put; answers the old image where its condition failed, null where it was written. */
  async function put(request: ReturnType<typeof putNew> | ReturnType<typeof putOver> | ReturnType<typeof putKey>) {
    return pastConflicts(async () => {
      try {
        await dynamodb.send(new PutItemCommand(request));
        return null;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException && error.Item !== undefined) return error.Item;
        throw error;
      }
    });
  }

  async function read(Key: items.Item): Promise<Operation | null> {
    const { Item } = await dynamodb.send(new GetItemCommand({ TableName: tables.ledger, Key, ConsistentRead: true }));
    return Item === undefined ? null : items.operationOf(Item);
  }

  /** What a transaction that opens an operation came to, its conditions' old images read. */
  function claimOf(opening: Operation, ledgerItem: items.Item | undefined, keyItem: items.Item | undefined): Claim {
    const current = ledgerItem === undefined ? null : items.operationOf(ledgerItem);
    if (current !== null && isSameWrite(current, opening)) return { kind: 'claimed', operation: opening };
    if (keyItem !== undefined) {
      return { kind: 'key_known', bound: items.boundKeySchema.parse(unmarshall(keyItem)), current };
    }
    if (current === null) throw new Error('A claim failed, and no condition says why.');
    return { kind: 'exists', current };
  }

  return {
    async claim(opening, key) {
      if (key === null) {
        const old = await put(putNew(opening));
        return old === null ? { kind: 'claimed', operation: opening } : claimOf(opening, old, undefined);
      }
      const old = await transact([{ Put: putNew(opening) }, { Put: putKey(key, opening) }]);
      return old === null ? { kind: 'claimed', operation: opening } : claimOf(opening, old[0], old[1]);
    },

    async claimNext(previous, opening, key) {
      const keep = { TableName: tables.ledger, Item: items.earlierItem(previous), ...ORDER_IS_NEW };
      const writes: TransactWriteItem[] = [{ Put: putOver(previous, opening) }, { Put: keep }];
      if (key !== null) writes.push({ Put: putKey(key, opening) });
      const old = await transact(writes);
      return old === null ? { kind: 'claimed', operation: opening } : claimOf(opening, old[0], old[2]);
    },

    async findKey({ key }) {
      const { Item } = await dynamodb.send(
        new GetItemCommand({ TableName: tables.idempotencyKeys, Key: { key: { S: key } }, ConsistentRead: true }),
      );
      if (Item === undefined) return null;
      const found = items.boundKeySchema.parse(unmarshall(Item));
      return found.expiresAt < Math.floor(clock.now() / 1000) ? null : found;
    },

    async bindKey(key, operation) {
      const old = await put(putKey(key, operation));
      return old === null ? boundKey(key, operation) : items.boundKeySchema.parse(unmarshall(old));
    },

    async write(previous, next) {
      const over = async (operation: Operation): Promise<Written> => {
        const old = await put(putOver(previous, operation));
        if (old === null) return { kind: 'written', operation };
        const current = items.operationOf(old);
        return isSameWrite(current, operation) ? { kind: 'written', operation } : { kind: 'lost', current };
      };
      const bare = async (refusal: string) => ({ ...(await over(bareOf(previous, next))), refusal });
      if (isTooLarge(next)) return bare('It is larger than an item may be.');
      try {
        return await over(next);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        return bare(String(error));
      }
    },

    due: (connection, now, limit) => readDue({ connection, now, limit }, { dynamodb, table: tables.ledger }),

    async findCurrent(connection, orderId) {
      return read(items.currentKey(connection, orderId));
    },

    async find(connection, orderId) {
      const found: Operation[] = [];
      // The slot "current" sorts behind all numbers, so that backwards it comes first and the latest earlier operations follow.
      let ExclusiveStartKey: items.Item | undefined;
      do {
        const page: QueryCommandOutput = await dynamodb.send(
          new QueryCommand({
            TableName: tables.ledger,
            KeyConditionExpression: '#order = :order',
            ExpressionAttributeNames: { '#order': 'order' },
            ExpressionAttributeValues: { ':order': { S: items.orderKey(connection, orderId) } },
            ScanIndexForward: false,
            ConsistentRead: true,
            Limit: 1 + MOST_EARLIER - found.length,
            ExclusiveStartKey,
          }),
        );
        found.push(...(page.Items ?? []).map(items.operationOf));
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey !== undefined && found.length <= MOST_EARLIER);
      const [current, ...previous] = found;
      return current === undefined ? null : { current, previous };
    },

    async findOperation(id) {
      const { current: currentKey, earlier } = items.keysOf(id);
      const current = await read(currentKey);
      return current === null || operationId(current) === id ? current : read(earlier);
    },

    findOperations: (ids) => findOperations(ids, { dynamodb, table: tables.ledger, clock }),

    list: (query) => listByDay(query, { dynamodb, table: tables.ledger }),
    listCancelled: (query) => readCancelled(query, { dynamodb, table: tables.ledger, clock }),
    cancelTimes: (connection, orderIds) =>
      readCancelTimes(connection, orderIds, { dynamodb, table: tables.ledger, clock }),
  };
}

/** A tenth of what DynamoDB takes (its quotas: 400 KB), so that many more steps than come about fit beside it. JSON is a little larger than an item. */
const LARGEST_OPERATION = 40_000;

function isTooLarge(operation: Operation): boolean {
  return Buffer.byteLength(JSON.stringify(operation)) > LARGEST_OPERATION;
}

/** Whether DynamoDB would refuse the same write for ever: it is too large, or holds what DynamoDB has no form for. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && ['ValidationException', 'SerializationException'].includes(error.name);
}

/** An operation without what its provider made and nothing here has cut: nothing of what is left can be too large. */
function bareOf({ snapshot }: Operation, next: Operation): Operation {
  return { ...next, historyMark: null, snapshot };
}

/** An owner writes each version once, so owner and version together name a write. */
function isSameWrite(found: Operation, written: Operation): boolean {
  return found.owner === written.owner && found.version === written.version && found.number === written.number;
}

/** Asked only where no condition failed: `transact` answers that one first. */
function isConflict(error: unknown): boolean {
  if (error instanceof TransactionConflictException || error instanceof TransactionInProgressException) return true;
  if (!(error instanceof TransactionCanceledException)) return false;
  return error.CancellationReasons?.some(({ Code }) => Code === 'TransactionConflict') === true;
}
