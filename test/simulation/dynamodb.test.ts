import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  type AttributeValue,
  type DynamoDBClient,
  type PutItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { startDynamoDB, type TestDynamoDB } from '../support/dynamodb.ts';
import { TABLES } from './world.ts';
import { createMemoryDynamoDB, type Item, type MemoryDynamoDB } from './dynamodb.ts';
import { SHAPES } from './simulate.ts';

let embedded: TestDynamoDB;
beforeAll(async () => {
  embedded = await startDynamoDB();
});
afterAll(() => embedded.stop());

let runs = 0;

/** A few orders, slots, owners and times, so that random commands meet. `run` keeps the runs' items apart in the embedded one. */
const order = fc.constantFrom('a', 'b');
const slot = fc.constantFrom('current', '000001');
const owner = fc.constantFrom('ana', 'bia');
const version = fc.integer({ min: 1, max: 3 });
const minute = fc.integer({ min: 0, max: 9 });

const key = (run: string, name: string, at: string): Item => ({ order: { S: `${run}:${name}` }, slot: { S: at } });
const conditional = fc.constantFrom<[string | undefined, readonly ('#order' | '#owner' | '#version')[]]>(
  [undefined, []],
  ['attribute_not_exists(#order)', ['#order']],
  ['#owner = :owner AND #version = :version', ['#owner', '#version']],
  ['attribute_exists(#order) AND (#owner >= :owner OR #version < :version)', ['#order', '#owner', '#version']],
  ['NOT #owner = :owner', ['#owner']],
  ['#version BETWEEN :version AND :version OR #owner IN (:owner)', ['#version', '#owner']],
);

interface Put {
  order: string;
  slot: string;
  owner: string;
  version: number;
  minute: number | null;
  condition: readonly [string | undefined, readonly string[]];
  against: { owner: string; version: number };
  returnsOld: boolean;
}
const put = fc.record<Put>({
  order,
  slot,
  owner,
  version,
  minute: fc.option(minute),
  condition: conditional,
  against: fc.record({ owner, version }),
  returnsOld: fc.boolean(),
});

type Command =
  | { kind: 'put'; put: Put }
  | { kind: 'transact'; puts: Put[]; token: string | null }
  | { kind: 'get'; order: string; slot: string }
  | { kind: 'of_order'; order: string }
  | { kind: 'due'; minute: number; limit: number }
  | { kind: 'update'; order: string; slot: string; owner: string; condition: Put['condition'] }
  | { kind: 'delete'; order: string; slot: string };

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('put' as const), put }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('transact' as const),
      // An item may be in a transaction once.
      puts: fc.uniqueArray(put, { minLength: 1, maxLength: 3, selector: (one) => `${one.order} ${one.slot}` }),
      token: fc.option(fc.constantFrom('one', 'two'), { freq: 4 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('get' as const), order, slot }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('of_order' as const), order }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('due' as const), minute, limit: fc.integer({ min: 1, max: 4 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('update' as const), order, slot, owner, condition: conditional }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), order, slot }) },
);

type SdkCommand =
  PutItemCommand | TransactWriteItemsCommand | GetItemCommand | QueryCommand | UpdateItemCommand | DeleteItemCommand;

/** The commands of the SDK, for both databases alike. Times are unique, since equal ones have no order. */
function sdkCommands(commands: readonly Command[], run: string): SdkCommand[] {
  const seenTokens = new Set<string>();
  let writes = 0;
  const putInput = (one: Put) => {
    writes += 1;
    const due = one.minute === null ? null : `2026-03-01T12:0${one.minute}:${String(writes).padStart(4, '0')}Z`;
    return {
      TableName: TABLES.ledger,
      Item: {
        ...key(run, one.order, one.slot),
        owner: { S: one.owner },
        version: { N: String(one.version) },
        ...(due === null ? {} : { dueConnection: { S: run }, dueAt: { S: due } }),
      },
      ...conditionInput(one.condition, one.against),
      ...(one.returnsOld ? { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const } : {}),
    };
  };
  return commands.flatMap((one): SdkCommand[] => {
    switch (one.kind) {
      case 'put':
        return [new PutItemCommand(putInput(one.put))];
      case 'transact': {
        const TransactItems = one.puts.map((each) => ({ Put: putInput(each) }));
        if (one.token === null || seenTokens.has(one.token)) return [new TransactWriteItemsCommand({ TransactItems })];
        seenTokens.add(one.token);
        // Sent twice with one token, as the SDK does after a lost reply.
        const input = { TransactItems, ClientRequestToken: `${run}-${one.token}` };
        return [new TransactWriteItemsCommand(input), new TransactWriteItemsCommand(input)];
      }
      case 'get':
        return [
          new GetItemCommand({ TableName: TABLES.ledger, Key: key(run, one.order, one.slot), ConsistentRead: true }),
        ];
      case 'of_order':
        return [
          new QueryCommand({
            TableName: TABLES.ledger,
            KeyConditionExpression: '#order = :order',
            ExpressionAttributeNames: { '#order': 'order' },
            ExpressionAttributeValues: { ':order': { S: `${run}:${one.order}` } },
            ConsistentRead: true,
          }),
        ];
      case 'due':
        return [
          new QueryCommand({
            TableName: TABLES.ledger,
            IndexName: 'due',
            KeyConditionExpression: 'dueConnection = :connection AND dueAt <= :now',
            ExpressionAttributeValues: {
              ':connection': { S: run },
              ':now': { S: `2026-03-01T12:0${one.minute}:9999Z` },
            },
            Limit: one.limit,
          }),
        ];
      case 'update': {
        const condition = conditionInput(one.condition, { owner: one.owner, version: 1 });
        return [
          new UpdateItemCommand({
            TableName: TABLES.ledger,
            Key: key(run, one.order, one.slot),
            UpdateExpression: 'SET #owner = :new, seen = :new',
            ...condition,
            ExpressionAttributeNames: { ...condition.ExpressionAttributeNames, '#owner': 'owner' },
            ExpressionAttributeValues: { ...condition.ExpressionAttributeValues, ':new': { S: one.owner } },
          }),
        ];
      }
      case 'delete':
        return [new DeleteItemCommand({ TableName: TABLES.ledger, Key: key(run, one.order, one.slot) })];
    }
  });
}

function conditionInput(
  [expression, names]: Put['condition'],
  against: Put['against'],
): Pick<PutItemCommandInput, 'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'> {
  if (expression === undefined) return {};
  const values: Record<string, AttributeValue> = {};
  if (expression.includes(':owner')) values[':owner'] = { S: against.owner };
  if (expression.includes(':version')) values[':version'] = { N: String(against.version) };
  return {
    ConditionExpression: expression,
    ExpressionAttributeNames: Object.fromEntries(names.map((name) => [name, name.slice(1)])),
    ...(Object.keys(values).length > 0 ? { ExpressionAttributeValues: values } : {}),
  };
}

/** What a caller can see of an answer: items, or the error with its old images and reasons. */
async function seeAnswer(answer: () => object | Promise<object>): Promise<unknown> {
  try {
    const reply = await answer();
    return { items: 'Items' in reply ? reply.Items : undefined, item: 'Item' in reply ? reply.Item : undefined };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const old = 'Item' in error ? error.Item : undefined;
    const reasons = 'CancellationReasons' in error ? error.CancellationReasons : undefined;
    if (!/^(ConditionalCheckFailed|TransactionCanceled)Exception$/.test(error.name)) throw error;
    return {
      error: error.name,
      old,
      reasons: Array.isArray(reasons)
        ? reasons.map((reason: { Code?: string; Item?: unknown }) => ({ code: reason.Code, old: reason.Item }))
        : undefined,
    };
  }
}

async function answersOf(commands: readonly Command[], run: string, database: MemoryDynamoDB | DynamoDBClient) {
  const answers: unknown[] = [];
  for (const one of sdkCommands(commands, run)) {
    answers.push(await seeAnswer(() => ('answer' in database ? database.answer(one) : sendTo(database, one))));
  }
  return answers;
}

function sendTo(client: DynamoDBClient, one: SdkCommand): Promise<object> {
  if (one instanceof PutItemCommand) return client.send(one);
  if (one instanceof TransactWriteItemsCommand) return client.send(one);
  if (one instanceof GetItemCommand) return client.send(one);
  if (one instanceof QueryCommand) return client.send(one);
  if (one instanceof UpdateItemCommand) return client.send(one);
  return client.send(one);
}

describe('the in-memory DynamoDB', () => {
  it('answers the same random commands as the embedded one', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 30 }), async (commands) => {
        runs += 1;
        const run = `run-${runs}`;
        const real = await answersOf(commands, run, embedded.client);
        expect(await answersOf(commands, run, createMemoryDynamoDB(SHAPES))).toEqual(real);
      }),
      { numRuns: 150 },
    );
  });

  it('knows no expression or parameter by guessing', () => {
    const memory = createMemoryDynamoDB(SHAPES);
    const query = {
      TableName: TABLES.ledger,
      KeyConditionExpression: '#order = :order',
      ExpressionAttributeNames: { '#order': 'order' },
      ExpressionAttributeValues: { ':order': { S: 'a' } },
    };
    expect(() => memory.answer(new QueryCommand({ ...query, FilterExpression: 'x = :order' }))).toThrow('Filters');
    expect(() =>
      memory.answer(new QueryCommand({ ...query, KeyConditionExpression: 'begins_with(#order, :order)' })),
    ).toThrow('does not know');
    expect(() => memory.answer({ TableName: TABLES.ledger })).toThrow('does not know this command');
  });

  it('lets an index follow later, with the item as it is by then', () => {
    const following: (() => void)[] = [];
    const memory = createMemoryDynamoDB(SHAPES, { follow: (update) => following.push(update) });
    const due = {
      TableName: TABLES.ledger,
      IndexName: 'due',
      KeyConditionExpression: 'dueConnection = :c AND dueAt <= :n',
    };
    const look = () =>
      memory.answer(new QueryCommand({ ...due, ExpressionAttributeValues: { ':c': { S: 'c' }, ':n': { S: '9' } } }));
    const item = { order: { S: 'a' }, slot: { S: 'current' }, dueConnection: { S: 'c' }, dueAt: { S: '1' } };
    memory.answer(new PutItemCommand({ TableName: TABLES.ledger, Item: item }));
    expect(look()).toEqual({ Items: [] });
    memory.answer(new PutItemCommand({ TableName: TABLES.ledger, Item: { ...item, dueAt: { S: '2' } } }));
    following.shift()?.();
    expect(look()).toEqual({ Items: [{ ...item, dueAt: { S: '2' } }] });
  });
});
