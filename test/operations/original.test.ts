import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readOriginal, readOriginalPage } from '../../functions/operations/read-original.ts';
import type { OpenConnection } from '../../functions/providers/connections.ts';
import type { OriginalPage, OriginalPageQuery } from '../../functions/providers/provider.ts';
import { startDynamoDB, type TestDynamoDB } from '../support/dynamodb.ts';
import { cancelCommand, timeLeft, world } from './world.ts';

let dynamodb: TestDynamoDB;
beforeAll(async () => {
  dynamodb = await startDynamoDB();
});
afterAll(() => dynamodb.stop());

const ORDER = { order_id: 1 };
const PAGE: OriginalPage = { kind: 'page', rows: [ORDER], total: 1, totalPages: 1 };
const QUERY: OriginalPageQuery = { type: 'cancelled', fromDate: null, toDate: null, perPage: 10, page: 1 };

/** A connection whose provider shows its originals, and what time it was given for that. */
function shop() {
  const it = world(dynamodb);
  const command = cancelCommand();
  const connection = `shop-${command.orderId}`;
  const given: number[] = [];
  let offered = true;
  const opened = (name: string): OpenConnection => {
    const open = it.open(name);
    const originalPage = {
      offered: true,
      call: (_: unknown, { timeoutMs }: { timeoutMs: number }) => {
        given.push(timeoutMs);
        return Promise.resolve(PAGE);
      },
    } as const;
    const original = (orderId: string, { timeoutMs }: { timeoutMs: number }) => {
      given.push(timeoutMs);
      return it.original(orderId);
    };
    return { ...open, client: { ...open.client, original, ...(offered && { originalPage }) } };
  };
  const needs = {
    ...it.needs,
    openConnection: async (name: string) => {
      await it.needs.openConnection(name);
      return opened(name);
    },
  };
  return {
    ...it,
    given,
    offersNone: () => {
      offered = false;
    },
    order: (left: number, name = connection) =>
      readOriginal({ connection: name, orderId: '1' }, needs, timeLeft(it.clock, left)),
    page: (left: number) => readOriginalPage(connection, QUERY, needs, timeLeft(it.clock, left)),
  };
}

describe('an order as its provider writes it', () => {
  it('is shown, read in the time that is left but for a second', async () => {
    const { original, order, given } = shop();
    original.mockResolvedValue({ kind: 'original', order: ORDER });
    expect(await order(4_000)).toBe(ORDER);
    expect(await order(60_000)).toBe(ORDER);
    expect(given).toEqual([3_000, 5_000]);
  });

  it('is null, without a word, where there is none, or no time', async () => {
    const { original, order, logged } = shop();
    expect(await order(60_000)).toBeNull();
    expect(await order(1_900)).toBeNull();
    expect(original).toHaveBeenCalledTimes(1);
    expect(logged).toEqual([]);
  });

  it('is null where no connection can be opened, or reading fails by a defect of ours, and the log has why', async () => {
    const { original, order, logged } = shop();
    expect(await order(60_000, 'nowhere')).toBeNull();
    original.mockRejectedValue(new TypeError('x is not a function'));
    expect(await order(60_000)).toBeNull();
    expect(logged).toMatchObject([
      {
        level: 'error',
        code: 'ORIGINAL_NOT_READ',
        fields: { connection: 'nowhere', error: { name: 'UnknownConnection' } },
      },
      { level: 'error', code: 'ORIGINAL_NOT_READ', fields: { error: { name: 'TypeError' } } },
    ]);
  });
});

describe('a page as its provider writes it', () => {
  it('is shown, read in the time that is left but for a second', async () => {
    const { page, given } = shop();
    expect(await page(4_000)).toEqual(PAGE);
    expect(given).toEqual([3_000]);
  });

  it('is not there without time', async () => {
    const { page, given } = shop();
    expect(await page(1_900)).toEqual({ kind: 'lost', problem: 'timed_out' });
    expect(given).toEqual([]);
  });

  it('is null where the provider has no such list', async () => {
    const { page, offersNone } = shop();
    offersNone();
    expect(await page(60_000)).toBeNull();
  });
});
