import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  attributeOf,
  currentItem,
  earlierItem,
  operationOf,
  SCHEMA,
  type Item,
} from '../../../functions/operations/ledger/items.ts';
import { moved, taken } from '../../../functions/operations/rules/moves.ts';
import { OperationUnreadable } from '../../../functions/operations/ledger/errors.ts';
import { isOpen, operationId, operationSchema, type Operation } from '../../../functions/operations/rules/operation.ts';
import { viewOf } from '../../../functions/operations/rules/view-of.ts';
import { perform } from '../../../functions/operations/perform.ts';
import { settleDue } from '../../../functions/operations/settle-due.ts';
import { startDynamoDB, type TestDynamoDB } from '../../support/dynamodb.ts';
import { cancelCommand, CANCELLED, CONFIRMED, PENDING, timeLeft, world } from '../world.ts';

/** One folder for each schema so far, with items as the code of that time wrote them. */
const FIXTURES = join(import.meta.dirname, 'schemas');
const itemsOf = (schema: number): Item[] =>
  JSON.parse(readFileSync(join(FIXTURES, `${schema}.json`), 'utf8')) as Item[];
const versions = Array.from({ length: SCHEMA + 1 }, (_, schema) => schema);

describe('the items of every schema so far', () => {
  it('are recorded, one file for each schema', () => {
    expect(readdirSync(FIXTURES).toSorted()).toEqual(versions.map((schema) => `${schema}.json`));
  });

  it.each(versions)('are read: schema %i, in every state', (schema) => {
    const operations = itemsOf(schema).map(operationOf);
    const states = operationSchema.options.map(({ shape }) => shape.state.value);
    expect(new Set(operations.map(({ state }) => state))).toEqual(new Set(states));
    for (const operation of operations) expect(viewOf(operation).id).toBe(operationId(operation));
  });

  it('have each member that the schema of today has: whoever adds one records it', () => {
    const recorded = new Set(itemsOf(SCHEMA).flatMap((item) => Object.keys(item)));
    const members = operationSchema.options.flatMap(({ shape }) => Object.keys(shape));
    expect(members.map(attributeOf).filter((attribute) => !recorded.has(attribute))).toEqual([]);
    for (const item of itemsOf(SCHEMA)) expect(item['schema']).toEqual({ N: String(SCHEMA) });
  });
});

describe('what a newer version of the code wrote', () => {
  const NEW_MEMBERS: Item = {
    priority: { N: '12345678901234567890' },
    approvals: { SS: ['ana', 'budi'] },
  };

  it('keeps the members that this one does not know, through every move, also where they are nested', () => {
    const written = currentItem({ ...PENDING, timeline: [{ at: PENDING.requestedAt, event: 'requested' }] });
    const timeline = { L: [{ M: { ...written['timeline']?.L?.[0]?.M, by: { S: 'ana' } } }] };
    const operation = operationOf({ ...written, ...NEW_MEMBERS, timeline });
    if (!isOpen(operation)) throw new Error('It is open.');
    const writer = { owner: 'a settler', now: Date.parse(PENDING.requestedAt) };
    const evidence = { source: 'read_back', status: 'cancelled', at: PENDING.requestedAt } as const;
    const ended = moved(
      taken(operation, writer.now, writer),
      { to: 'confirmed', detail: 'cancelled', evidence },
      writer,
    );
    for (const item of [currentItem(ended), earlierItem(ended)]) {
      expect(item).toMatchObject(NEW_MEMBERS);
      expect(item['timeline']?.L?.[0]).toMatchObject({ M: { by: { S: 'ana' } } });
    }
    expect(JSON.stringify(viewOf(ended))).not.toMatch(/ana|priority/);
  });

  it.each<[string, Item]>([
    ['a newer schema', { schema: { N: String(SCHEMA + 1) } }],
    ['an unknown trigger', { trigger: { S: 'phone' } }],
    ['an unknown state', { state: { S: 'waiting' } }],
    ['an unknown reason', { reason: { S: 'weather' } }],
    ['an unknown event', { timeline: { L: [{ M: { at: { S: PENDING.requestedAt }, event: { S: 'phoned' } } }] } }],
    ['a number beyond those of JavaScript', { attempts: { N: '12345678901234567890' } }],
  ])('is not read where it has %s', (_, changes) => {
    expect(() => operationOf({ ...currentItem(PENDING), ...changes })).toThrow(OperationUnreadable);
  });
});

describe('among operations that cannot be read', () => {
  let dynamodb: TestDynamoDB;
  beforeAll(async () => {
    dynamodb = await startDynamoDB();
  });
  afterAll(() => dynamodb.stop());

  const put = (...all: Item[]) =>
    Promise.all(
      all.map((Item) => dynamodb.client.send(new PutItemCommand({ TableName: dynamodb.tables.ledger, Item }))),
    );
  const newer = (operation: Operation): Item => ({ ...currentItem(operation), ...marshall({ trigger: 'phone' }) });
  const orders = (connection: string, count: number) =>
    Array.from({ length: count }, (_, index) => ({ ...PENDING, connection, orderId: String(index + 1) }));

  it('the others of their connection are settled, however many they are', async () => {
    const connection = 'loja-rio';
    const { needs, clock, lookUp, logged } = world(dynamodb);
    lookUp.mockResolvedValue(CANCELLED);
    const [last, ...others] = orders(connection, 251).toReversed();
    if (last === undefined) throw new Error('There is one.');
    const earlier = new Date(Date.parse(PENDING.dueAt) - 60_000).toISOString();
    await put(...others.map((operation) => newer({ ...operation, dueAt: earlier })), currentItem(last));

    const report = await settleDue([connection], needs, timeLeft(clock, 120_000));
    expect(report).toMatchObject({ settled: 1, unreadable: 250 });
    expect(logged.filter(({ code }) => code === 'OPERATIONS_UNREADABLE')).toMatchObject([
      { fields: { connection, count: 250 } },
    ]);
  });

  it('an order stays closed: nothing is asked, and nothing written over it', async () => {
    const { needs, clock, cancel } = world(dynamodb);
    const command = cancelCommand();
    const item = newer({ ...CONFIRMED, connection: command.connection, orderId: command.orderId });
    await put(item);
    for (const idempotency of [null, { key: `key of ${command.orderId}`, fingerprint: 'an ask' }]) {
      await expect(perform({ ...command, idempotency }, needs, timeLeft(clock))).rejects.toThrow(OperationUnreadable);
    }
    expect(cancel).not.toHaveBeenCalled();
    await expect(needs.ledger.findCurrent(command.connection, command.orderId)).rejects.toThrow(OperationUnreadable);
    await expect(needs.ledger.find(command.connection, command.orderId)).rejects.toThrow(OperationUnreadable);
  });

  it('lists show the others, name those that were passed over, and go on behind a page of nothing else', async () => {
    const connection = 'listed';
    const day = '2020-02-03';
    const at = (minute: number) => `${day}T12:${String(minute).padStart(2, '0')}:00.000Z`;
    const made = orders(connection, 40).map((operation, index) => ({ ...operation, requestedAt: at(index) }));
    await put(...made.slice(0, 1).map(currentItem), ...made.slice(1).map(newer));
    const { ledger } = world(dynamodb).needs;
    let found: string[] = [];
    let unreadable = 0;
    let cursor: unknown;
    do {
      const page = await ledger.list({
        ...{ from: at(0), to: at(59), connections: [connection], limit: 10 },
        ...(cursor !== undefined && { cursor }),
      });
      found = [...found, ...page.operations.map(operationId)];
      unreadable += page.unreadable.length;
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(found).toEqual([`${connection}:1:1`]);
    expect(unreadable).toBe(39);
  });

  it('cancelled orders are listed on, past a page of nothing else', async () => {
    const connection = 'cancelled';
    const cancels = Array.from({ length: 12 }, (_, index) => ({
      ...CONFIRMED,
      connection,
      orderId: String(index + 1),
      settledAt: `2026-02-01T12:00:${String(index).padStart(2, '0')}.000Z`,
    }));
    await put(...cancels.slice(0, 2).map(currentItem), ...cancels.slice(2).map(newer));
    const { ledger } = world(dynamodb).needs;
    const period = { from: '2026-02-01T00:00:00.000Z', to: '2026-02-02T00:00:00.000Z' };
    const shown: string[] = [];
    let passedOver = 0;
    let after: Awaited<ReturnType<typeof ledger.listCancelled>>['next'] = null;
    do {
      const page = await ledger.listCancelled({ connection, ...period, limit: 5, after });
      shown.push(...page.cancels.map(({ operation }) => operation.orderId));
      passedOver += page.unreadable.length;
      after = page.next;
    } while (after !== null);
    expect(shown).toEqual(['2', '1']);
    expect(passedOver).toBeGreaterThanOrEqual(10);
  });

  it('operations of a batch are found, and those that cannot be read are named', async () => {
    const connection = 'batch';
    const [readable, other] = orders(connection, 2);
    if (readable === undefined || other === undefined) throw new Error('There are two.');
    await put(currentItem(readable), newer(other));
    const { ledger } = world(dynamodb).needs;
    const found = await ledger.findOperations([`${connection}:1:1`, `${connection}:2:1`, `${connection}:3:1`]);
    expect([...found.operations.keys()]).toEqual([`${connection}:1:1`]);
    expect([...found.unreadable]).toEqual([`${connection}:2:1`]);
  });
});
