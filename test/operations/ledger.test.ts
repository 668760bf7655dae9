import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLedger, type Ledger } from '../../functions/operations/ledger.ts';
import type { ListQuery } from '../../functions/operations/ledger-list.ts';
import { operationId, type Operation } from '../../functions/operations/operation.ts';
import { perform } from '../../functions/operations/perform.ts';
import { startDynamoDB, type TestDynamoDB } from '../support/dynamodb.ts';
import { cancelCommand, DONE, TIMED_OUT, timeLeft, world } from './world.ts';

let dynamodb: TestDynamoDB;
beforeAll(async () => {
  dynamodb = await startDynamoDB();
});
afterAll(() => dynamodb.stop());

describe('the list', () => {
  let ledger: Ledger;
  const made: Operation[] = [];
  const all: ListQuery = { from: '2026-02-25T00:00:00.000Z', to: '2026-03-05T00:00:00.000Z', limit: 100 };

  beforeAll(async () => {
    const { needs, clock, cancel } = world(dynamodb);
    ledger = createLedger({ dynamodb: dynamodb.client, tables: dynamodb.tables, clock });
    // 30 operations, one every five hours from 2026-03-01T12:00Z, every third one unknown, in two shops.
    for (let count = 0; count < 30; count += 1) {
      cancel.mockResolvedValueOnce(count % 3 === 0 ? TIMED_OUT : DONE);
      const command = cancelCommand({ connection: count % 2 === 0 ? 'even' : 'odd' });
      made.unshift((await perform(command, needs, timeLeft(clock))).operation);
      clock.advance(5 * 3_600_000);
    }
  });

  const ids = (operations: Operation[]) => operations.map(operationId);
  async function pages(query: ListQuery): Promise<Operation[][]> {
    const found: Operation[][] = [];
    let cursor: unknown = undefined;
    do {
      const page = await ledger.list(cursor === undefined ? query : { ...query, cursor });
      found.push(page.operations);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    return found;
  }

  it('is newest first over the days asked for, both ends included', async () => {
    const within = made.filter(({ requestedAt }) => requestedAt <= all.to);
    expect(ids((await ledger.list(all)).operations)).toEqual(ids(within));
    const [last, first] = [within[2], within[7]];
    if (last === undefined || first === undefined) throw new Error('Too few operations.');
    const part = await ledger.list({ ...all, from: first.requestedAt, to: last.requestedAt });
    expect(ids(part.operations)).toEqual(ids(within.slice(2, 8)));
    expect(part.nextCursor).toBeNull();
  });

  it.each([1, 2, 3, 7, 29])('loses and repeats nothing in pages of %i', async (limit) => {
    const found = await pages({ ...all, to: '2026-03-31T00:00:00.000Z', limit });
    expect(ids(found.flat())).toEqual(ids(made));
    for (const page of found) expect(page.length).toBeLessThanOrEqual(limit);
  });

  it('filters by outcome and connection, in pages too', async () => {
    const query: ListQuery = {
      ...all,
      to: '2026-03-31T00:00:00.000Z',
      outcome: 'unknown',
      connections: ['odd', 'other'],
      limit: 2,
    };
    const expected = made.filter(({ state, connection }) => state === 'unknown' && connection === 'odd');
    expect(expected.length).toBe(5);
    expect(ids((await pages(query)).flat())).toEqual(ids(expected));
  });

  it('goes on over long empty times without endless work in one page', async () => {
    const query: ListQuery = { ...all, from: '2025-04-01T00:00:00.000Z', to: '2026-03-31T00:00:00.000Z' };
    const found = await pages(query);
    expect(ids(found.flat())).toEqual(ids(made));
    expect(found.length).toBeGreaterThan(5);
  });
});

it('holds no attribute that a person would have to decode', async () => {
  const { needs, clock } = world(dynamodb);
  const command = cancelCommand({ reason: 'inventory' });
  const { operation } = await perform(command, needs, timeLeft(clock));
  expect(await needs.ledger.find(command.connection, command.orderId)).toEqual({ current: operation, previous: [] });
  expect(operation).not.toHaveProperty('dueAt');
});
