import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  type CancellationReason,
  type DeleteItemCommandInput,
  type PutItemCommandInput,
  type QueryCommandInput,
  type TransactWriteItemsCommandInput,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { assignmentsOf, conditionOf, nameOf, type Item } from './dynamodb-expressions.ts';

export type { Item } from './dynamodb-expressions.ts';

export interface TableShape {
  readonly hash: string;
  readonly range?: string;
  readonly indexes?: Readonly<Record<string, { hash: string; range: string }>>;
}

/**
 * DynamoDB in memory, as far as the functions use it: conditional puts with the old image, transactions with their reasons,
 * consistent reads, queries of a table and of its sparse indexes. It answers at once and never fails by itself: delays, lost
 * replies, throttling and conflicts are what is put around it. `test/simulation/dynamodb.test.ts` holds it against the embedded
 * DynamoDB. Items are shared, not copied: nobody changes one.
 */
export interface MemoryDynamoDB {
  /** Answers a command of the SDK, or throws what the SDK would throw. */
  answer(command: unknown): object;
  items(table: string): Item[];
  item(table: string, key: Item): Item | undefined;
}

interface Options {
  /** Told of every item that was written. */
  readonly onWritten?: (table: string, item: Item) => void;
  /** When the indexes follow a write; at once where nothing is said. */
  readonly follow?: (update: () => void) => void;
}

interface Table {
  readonly shape: TableShape;
  readonly items: Map<string, Item>;
  /** What the indexes show: the items, a moment ago. */
  readonly indexed: Map<string, Item>;
}

export function createMemoryDynamoDB(
  shapes: Readonly<Record<string, TableShape>>,
  {
    onWritten = () => undefined,
    follow = (update) => {
      update();
    },
  }: Options = {},
): MemoryDynamoDB {
  const tables = new Map<string, Table>(
    Object.entries(shapes).map(([name, shape]) => [name, { shape, items: new Map(), indexed: new Map() }]),
  );
  /** Transactions that were carried out, by their client token: the SDK sends one again with the same token. */
  const carriedOut = new Set<string>();

  const tableOf = (name: string | undefined): Table => {
    const table = tables.get(name ?? '');
    if (table === undefined) throw new Error(`There is no table ${name}.`);
    return table;
  };
  const store = (name: string, table: Table, item: Item): void => {
    const key = keyOf(table.shape, item);
    table.items.set(key, item);
    follow(() => {
      const latest = table.items.get(key);
      if (latest !== undefined) table.indexed.set(key, latest);
    });
    onWritten(name, item);
  };
  /** The old image where the condition fails, `holds` where it does not. */
  const failedOn = (write: Conditional, table: Table, key: Item): { old: Item | undefined } | 'holds' => {
    const old = table.items.get(keyOf(table.shape, key));
    if (write.ConditionExpression === undefined) return 'holds';
    const substitutes = { names: write.ExpressionAttributeNames ?? {}, values: write.ExpressionAttributeValues ?? {} };
    if (conditionOf(write.ConditionExpression)(old ?? {}, substitutes)) return 'holds';
    return { old: write.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' ? old : undefined };
  };
  const check = (write: Conditional, table: Table, key: Item): void => {
    const failed = failedOn(write, table, key);
    if (failed !== 'holds') throw conditionFailed(failed.old);
  };

  const put = (input: PutItemCommandInput): object => {
    const table = tableOf(input.TableName);
    const item = present(input.Item);
    check(input, table, item);
    store(present(input.TableName), table, item);
    return {};
  };
  const update = (input: UpdateItemCommandInput): object => {
    const table = tableOf(input.TableName);
    const key = present(input.Key);
    check(input, table, key);
    const names = input.ExpressionAttributeNames ?? {};
    const item = { ...(table.items.get(keyOf(table.shape, key)) ?? key) };
    for (const { name, value } of assignmentsOf(present(input.UpdateExpression))) {
      item[nameOf(name, { names })] = present(input.ExpressionAttributeValues?.[value]);
    }
    store(present(input.TableName), table, item);
    return {};
  };
  const remove = (input: DeleteItemCommandInput): object => {
    const table = tableOf(input.TableName);
    const key = present(input.Key);
    check(input, table, key);
    table.items.delete(keyOf(table.shape, key));
    table.indexed.delete(keyOf(table.shape, key));
    return {};
  };
  const transact = (input: TransactWriteItemsCommandInput): object => {
    const token = input.ClientRequestToken;
    if (token !== undefined && carriedOut.has(token)) return {};
    const puts = present(input.TransactItems).map(({ Put, ...others }) => {
      if (Put === undefined || Object.keys(others).length > 0) throw new Error('Only puts are transacted here.');
      return { put: Put, table: tableOf(Put.TableName), item: present(Put.Item) };
    });
    const failures = puts.map((one) => failedOn(one.put, one.table, one.item));
    if (failures.some((failed) => failed !== 'holds')) throw cancelled(failures.map(reasonOf));
    for (const one of puts) store(present(one.put.TableName), one.table, one.item);
    if (token !== undefined) carriedOut.add(token);
    return {};
  };
  const query = (input: QueryCommandInput): object => {
    if (input.FilterExpression !== undefined || input.ExclusiveStartKey !== undefined) {
      throw new Error('Filters and later pages are not known here.');
    }
    const table = tableOf(input.TableName);
    const index = input.IndexName === undefined ? undefined : present(table.shape.indexes?.[input.IndexName]);
    const { hash, range = '' } = index ?? table.shape;
    const holds = conditionOf(present(input.KeyConditionExpression));
    const substitutes = { names: input.ExpressionAttributeNames ?? {}, values: input.ExpressionAttributeValues ?? {} };
    const direction = input.ScanIndexForward === false ? -1 : 1;
    const found: Item[] = [];
    for (const item of (index === undefined ? table.items : table.indexed).values()) {
      if (item[hash] !== undefined && (range === '' || item[range] !== undefined) && holds(item, substitutes)) {
        found.push(item);
      }
    }
    found.sort((a, b) => direction * ((a[range]?.S ?? '') < (b[range]?.S ?? '') ? -1 : 1));
    return { Items: found.slice(0, input.Limit) };
  };

  return {
    answer(command) {
      if (command instanceof PutItemCommand) return put(command.input);
      if (command instanceof QueryCommand) return query(command.input);
      if (command instanceof TransactWriteItemsCommand) return transact(command.input);
      if (command instanceof UpdateItemCommand) return update(command.input);
      if (command instanceof DeleteItemCommand) return remove(command.input);
      if (command instanceof GetItemCommand) {
        const table = tableOf(command.input.TableName);
        const item = table.items.get(keyOf(table.shape, present(command.input.Key)));
        return item === undefined ? {} : { Item: item };
      }
      throw new Error('The in-memory DynamoDB does not know this command.');
    },
    items: (table) => [...tableOf(table).items.values()],
    item: (name, key) => {
      const table = tableOf(name);
      return table.items.get(keyOf(table.shape, key));
    },
  };
}

type Conditional = Pick<
  PutItemCommandInput,
  | 'ConditionExpression'
  | 'ExpressionAttributeNames'
  | 'ExpressionAttributeValues'
  | 'ReturnValuesOnConditionCheckFailure'
>;

function keyOf({ hash, range }: TableShape, item: Item): string {
  const first = present(item[hash]?.S);
  return range === undefined ? first : `${first}\0${present(item[range]?.S)}`;
}

function conditionFailed(old: Item | undefined): Error {
  return new ConditionalCheckFailedException({
    message: 'The conditional request failed',
    $metadata: {},
    ...(old === undefined ? {} : { Item: old }),
  });
}

export function cancelled(reasons: CancellationReason[]): Error {
  return new TransactionCanceledException({
    message: `Transaction cancelled [${reasons.map(({ Code }) => Code).join(', ')}]`,
    $metadata: {},
    CancellationReasons: reasons,
  });
}

function reasonOf(failed: { old: Item | undefined } | 'holds'): CancellationReason {
  if (failed === 'holds') return { Code: 'None' };
  const reason = { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed' };
  return failed.old === undefined ? reason : { ...reason, Item: failed.old };
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('The in-memory DynamoDB misses a member of a command.');
  return value;
}
