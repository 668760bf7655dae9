import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { currentItem, earlierItem } from '../../../functions/operations/ledger/items.ts';
import type { ListQuery } from '../../../functions/operations/ledger/by-day.ts';
import { operationId, type Operation } from '../../../functions/operations/rules/operation.ts';
import { startDynamoDB, type TestDynamoDB } from '../../support/dynamodb.ts';
import { cancelCommand, CONFIRMED, PENDING } from '../world.ts';
import { stopWatching, watchedLedger, type Answer } from '../watched-client.ts';

describe('the list by day', () => {
  let dynamodb: TestDynamoDB;
  let year = 2000;
  beforeAll(async () => {
    dynamodb = await startDynamoDB();
  });
  /** Each test has a year to itself. */
  beforeEach(() => {
    year += 1;
  });
  afterEach(stopWatching);
  afterAll(() => dynamodb.stop());

  const at = (moment: string) => `${year}-${moment}Z`;
  const from = () => at('01-01T00:00:00.000');
  const to = () => at('03-31T23:59:59.999');

  async function put(...operations: Operation[]): Promise<void> {
    const { client, tables } = dynamodb;
    await Promise.all(
      operations.map((operation) =>
        client.send(new PutItemCommand({ TableName: tables.ledger, Item: currentItem(operation) })),
      ),
    );
  }
  const requested = (moment: string, changes: Partial<Operation & { state: 'confirmed' }> = {}): Operation => ({
    ...CONFIRMED,
    orderId: cancelCommand().orderId,
    requestedAt: at(moment),
    ...changes,
  });
  const open = (state: 'calling' | 'unknown' | 'pending', moment: string): Operation => ({
    ...{ ...PENDING, orderId: cancelCommand().orderId, requestedAt: at(moment), state },
    ...{ dueAt: at(moment), leaseUntil: at(moment), askedAt: at(moment), lastAskEndedAt: null },
  });
  /** One a second from that moment's minute on, the newest first, as the list has them. */
  const every = (count: number, day: string, changes: Partial<Operation & { state: 'confirmed' }> = {}) =>
    Array.from({ length: count }, (_, index) => {
      const [minute, second] = [Math.floor(index / 60), index % 60].map((part) => String(part).padStart(2, '0'));
      return requested(`${day}T12:${minute}:${second}.000`, changes);
    }).reverse();

  const watched = (answer?: Answer) => watchedLedger(dynamodb, answer && { answer });
  const list = (query: Partial<ListQuery> = {}) =>
    watched().ledger.list({ from: from(), to: to(), limit: 100, ...query });
  const ids = (operations: readonly Operation[]) => operations.map(operationId);
  async function listIds(query: Partial<ListQuery> = {}): Promise<string[]> {
    const { operations, nextCursor } = await list({ from: at('03-01T00:00:00.000'), ...query });
    expect(nextCursor).toBeNull();
    return ids(operations);
  }
  /** All pages to the end, each with a cursor that went through JSON. */
  async function pages(query: Partial<ListQuery>): Promise<string[][]> {
    const found: string[][] = [];
    for (let cursor: unknown = undefined; cursor !== null;) {
      const page = await list({ ...query, ...(cursor !== undefined && { cursor }) });
      found.push(ids(page.operations));
      cursor = JSON.parse(JSON.stringify(page.nextCursor));
      if (found.length > 100) throw new Error('The list has no end.');
    }
    return found;
  }

  it('has both ends, to the millisecond', async () => {
    const [before, first, last, after] = ['07.999', '08.000', '09.123', '09.124'].map((second) =>
      requested(`03-10T12:00:${second}`),
    );
    if (!before || !first || !last || !after) throw new Error('One is missing.');
    await put(before, first, last, after);
    const ends = { from: at('03-10T12:00:08.000'), to: at('03-10T12:00:09.123') };
    expect(await listIds(ends)).toEqual(ids([last, first]));
    expect(await listIds({ from: first.requestedAt, to: first.requestedAt })).toEqual(ids([first]));
  });

  it('has the first and the last day in part, and all between them, over the end of a month', async () => {
    const moments = ['02-27T12:00:00.000', '02-28T00:00:00.000', '02-28T23:59:59.999', '03-01T00:00:00.000'];
    const made = moments.map((moment) => requested(moment));
    await put(...made);
    expect(await listIds({ from: at('02-27T12:00:00.000'), to: at('03-01T00:00:00.000') })).toEqual(
      ids(made.toReversed()),
    );
    expect(await listIds({ from: at('02-27T12:00:00.001'), to: at('02-28T23:59:59.998') })).toEqual(
      ids(made.slice(1, 2)),
    );
  });

  it('has no more in a page than its limit, also where the page ends in a later day than it begins', async () => {
    const moments = ['03-12T12:00:00.000', '03-11T12:00:02.000', '03-11T12:00:01.000', '03-11T12:00:00.000'];
    const made = moments.map((moment) => requested(moment));
    await put(...made);
    const [first, second, third, fourth] = ids(made);
    expect((await pages({ limit: 2 })).slice(0, 2)).toEqual([
      [first, second],
      [third, fourth],
    ]);
  });

  it('shows each operation of an order, the earlier ones too', async () => {
    const newer = requested('03-10T12:00:00.000', { number: 2 });
    const older: Operation = { ...newer, number: 1, requestedAt: at('03-09T12:00:00.000') };
    await put(newer);
    const { client, tables } = dynamodb;
    await client.send(new PutItemCommand({ TableName: tables.ledger, Item: earlierItem(older) }));
    const { operations } = await list();
    expect(operations).toEqual([newer, older]);
  });

  describe('by outcome', () => {
    let made: Operation[];
    beforeEach(async () => {
      made = [
        open('calling', '03-10T12:00:05.000'),
        open('unknown', '03-10T12:00:04.000'),
        open('pending', '03-10T12:00:03.000'),
        requested('03-10T12:00:02.000', { connection: 'loja-sul' }),
        requested('03-10T12:00:01.000'),
      ];
      await put(...made);
    });

    it('shows what is called at this moment as unknown, and nowhere else', async () => {
      expect(await listIds({ outcome: 'unknown' })).toEqual(ids(made.slice(0, 2)));
      expect(await listIds({ outcome: 'pending' })).toEqual(ids(made.slice(2, 3)));
      expect(await listIds({ outcome: 'confirmed' })).toEqual(ids(made.slice(3)));
      expect(await listIds({ outcome: 'refused' })).toEqual([]);
    });

    it('and by connection, each alone and both together', async () => {
      expect(await listIds({ connections: ['loja-sul'] })).toEqual(ids(made.slice(3, 4)));
      expect(await listIds({ connections: ['loja-sul', 'loja-rio'] })).toEqual(ids(made));
      expect(await listIds({ connections: ['loja-rio'], outcome: 'confirmed' })).toEqual(ids(made.slice(4)));
      expect(await listIds({ connections: ['loja-sul'], outcome: 'unknown' })).toEqual([]);
    });

    it('filters nothing where nothing is asked for', async () => {
      expect(await listIds()).toEqual(ids(made));
      const seen = watched();
      await seen.ledger.list({ from: at('03-10T00:00:00.000'), to: to(), limit: 100 });
      for (const { input } of seen.requests) expect(input).not.toHaveProperty('FilterExpression');
    });
  });

  it('ends where a page is full with the last operation of the first day', async () => {
    const made = every(3, '03-10');
    await put(...made);
    expect(await pages({ from: at('03-10T00:00:00.000'), limit: 3 })).toEqual([ids(made)]);
  });

  it('goes on where a page is full with the last operation of a day, with the day before', async () => {
    const [late, early] = [every(2, '03-10'), every(2, '03-09')];
    await put(...late, ...early);
    const day = at('03-09').slice(0, 10);
    const { operations, nextCursor } = await list({ limit: 2 });
    expect(ids(operations)).toEqual(ids(late));
    expect(nextCursor).toEqual({ day, after: null });
    expect(ids((await list({ limit: 2, cursor: nextCursor })).operations)).toEqual(ids(early));
  });

  it('goes on in the middle of the first day', async () => {
    const made = every(5, '03-10');
    await put(...made);
    expect(await pages({ from: at('03-10T00:00:00.000'), limit: 2 })).toEqual([
      ids(made.slice(0, 2)),
      ids(made.slice(2, 4)),
      ids(made.slice(4)),
    ]);
  });

  it('loses and repeats nothing of days with more than is read at once', async () => {
    const made = [...every(230, '03-10'), ...every(130, '03-09')];
    await put(...made);
    expect((await pages({ limit: 100 })).flat()).toEqual(ids(made));
    expect((await pages({ limit: 70 })).flat()).toEqual(ids(made));
    const all = await list({ from: at('03-09T00:00:00.000'), limit: 1_000 });
    expect(ids(all.operations)).toEqual(ids(made));
    expect(all.nextCursor).toBeNull();
  });

  it('loses and repeats nothing where what is sought lies behind much that is not', async () => {
    const others = every(250, '03-10');
    const old = requested('03-10T11:00:00.000', { connection: 'loja-sul' });
    const young = requested('03-10T13:00:00.000', { connection: 'loja-sul' });
    const older = requested('03-09T13:00:00.000', { connection: 'loja-sul' });
    await put(young, ...others, old, older);
    const found = await pages({ connections: ['loja-sul'], limit: 1 });
    expect(found.flat()).toEqual(ids([young, old, older]));
    for (const page of found) expect(page.length).toBeLessThanOrEqual(1);
  });

  it('makes at most forty queries for a page, however long nothing was asked', async () => {
    const made = requested('01-02T12:00:00.000');
    await put(made);
    const { ledger, requests } = watched();
    const query: ListQuery = { from: from(), to: at('02-11T12:00:00.000'), limit: 1 };
    const first = await ledger.list(query);
    // The days from 11 February back to 3 January.
    expect(requests).toHaveLength(40);
    expect(first).toEqual({
      operations: [],
      unreadable: [],
      nextCursor: { day: at('01-02').slice(0, 10), after: null },
    });
    const second = await ledger.list({ ...query, cursor: first.nextCursor });
    expect(ids(second.operations)).toEqual(ids([made]));
    expect(requests).toHaveLength(41);
    expect(await ledger.list({ ...query, cursor: second.nextCursor })).toEqual({
      operations: [],
      unreadable: [],
      nextCursor: null,
    });
  });

  it('asks for each day once, and for none before the first', async () => {
    const { ledger, requests } = watched();
    await ledger.list({ from: at('03-01T12:00:00.000'), to: at('03-03T12:00:00.000'), limit: 10 });
    const days = ['03-03', '03-02', '03-01'].map((day) => ({ ':day': { S: at(day).slice(0, 10) } }));
    expect(requests).toMatchObject(days.map((day) => ({ input: { ExpressionAttributeValues: day } })));
  });

  it('asks for no more once a page is full', async () => {
    await put(...every(150, '03-10'));
    const { ledger, requests } = watched();
    await ledger.list({ from: from(), to: at('03-10T23:59:59.999'), limit: 100 });
    expect(requests).toHaveLength(1);
    expect(requests[0]?.input).toMatchObject({ Limit: 100 });
  });

  it('is empty where DynamoDB names no items', async () => {
    const { ledger } = watched(() => ({}));
    const query = { from: at('03-10T00:00:00.000'), to: at('03-11T00:00:00.000'), limit: 1 };
    expect(await ledger.list(query)).toEqual({ operations: [], unreadable: [], nextCursor: null });
  });

  it.each([
    ['no day', { after: null }],
    ['no place', { day: '2026-03-01' }],
    ['a day that is none', { day: '2026-02-30', after: null }],
    ['half a place', { day: '2026-03-01', after: { order: 'loja-rio:340', slot: 'current' } }],
    ['nothing', null],
  ])('refuses a cursor with %s', async (_, cursor) => {
    await expect(list({ cursor })).rejects.toThrow();
  });
});
