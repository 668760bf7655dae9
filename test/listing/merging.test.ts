import { describe, expect, it } from '@jest/globals';
import { readCancelledOrders, readPage, type CancelledOrdersQuery } from '../../functions/listing/cancelled-orders.ts';
import type { Place } from '../../functions/listing/entry.ts';
import type { ListingNeeds } from '../../functions/listing/open-sources.ts';
import type { ConnectionState } from '../../functions/operations/connection-health.ts';
import { AccountTurnedAway } from '../../functions/operations/errors.ts';
import type { CancelledOrder } from '../../functions/providers/cancelled-order.ts';
import type { CallFailure } from '../../functions/providers/call-failure.ts';
import type { OpenConnection } from '../../functions/providers/connections.ts';
import type { WindowReply } from '../../functions/providers/provider.ts';
import { handClock, shownOrder } from '../operations/world.ts';
import { keepingLog } from '../support/api-event.ts';

const MINUTE_MS = 60_000;
const LAST = Date.parse('2026-06-30T12:00:00.000Z');
const FIRST = Date.parse('2026-01-01T00:00:00.000Z');
const iso = (ms: number) => new Date(ms).toISOString();
const QUERY = { types: ['cancelled'] as const, from: iso(FIRST), to: iso(LAST), includeCustomer: false };

/** An order that was ordered so many minutes before the last moment. */
interface Row {
  readonly id: string;
  readonly ago: number;
}
const rowsOf = (count: number, everyMinutes: number, first = 0): Row[] =>
  Array.from({ length: count }, (_, at) => ({ id: String(at), ago: first + at * everyMinutes }));

interface Account {
  readonly rows: readonly Row[];
  /** How many orders a window has. */
  readonly window?: number;
  readonly stoodStill?: boolean;
  /** Instead of the account's first replies. */
  readonly failures?: CallFailure[];
  /** Credentials by how often the connection was opened. */
  readonly digests?: string[];
  readonly opened?: Error;
  /** What the connection's health says. */
  readonly standing?: ConnectionState;
  readonly offers?: boolean[];
}

/** Accounts that tell of their orders in windows of a few, the oldest first in each, and what they were asked. */
function accounts(declared: Record<string, Account>) {
  const calls: string[] = [];
  const openings: unknown[] = [];
  const rejected: string[] = [];
  const log = keepingLog();
  const counts = new Map<string, number>();
  const listed = (connection: string, { rows, window = 100, stoodStill = true }: Account) => ({
    call: ({ from, to }: { from: number; to: number }): Promise<WindowReply> => {
      calls.push(connection);
      const at = ({ ago }: Row) => LAST - ago * MINUTE_MS;
      const inTime = rows.filter((row) => at(row) >= from && at(row) <= to).sort((a, b) => at(b) - at(a));
      const told = inTime.slice(0, window);
      const oldest = told.at(-1);
      const rest = inTime.length > window && oldest !== undefined;
      const order = (row: Row) => ({
        order: shownOrder({ connection, orderId: row.id, orderedAt: iso(at(row)) }),
        ...{ customer: null, version: '1', restoreWarnings: [] },
      });
      const orders = told.reverse().map(order);
      return Promise.resolve({ kind: 'window', orders, from: rest ? at(oldest) : from, pages: 3, stoodStill });
    },
  });
  const needs: ListingNeeds = {
    ledger: {
      cancelTimes: () => Promise.resolve(new Map()),
      listCancelled: () => Promise.resolve({ cancels: [], next: null, unreadable: ['ledger:1'] }),
    },
    health: {
      read: (name: string) => Promise.resolve(declared[name]?.standing ?? null),
      markRejected: (_: string, digest: string) => {
        rejected.push(digest);
        return Promise.resolve();
      },
      pause: () => Promise.resolve(),
    },
    openConnection: (name, options) => {
      openings.push([name, options?.fresh === true]);
      const account = declared[name] ?? { rows: [] };
      const opening = counts.get(name) ?? 0;
      counts.set(name, opening + 1);
      if (account.opened !== undefined) return Promise.reject(account.opened);
      const { call } = listed(name, account);
      const offered = account.offers?.[Math.min(opening, account.offers.length - 1)] ?? true;
      const listCancelled = {
        offered,
        call: async (query: { from: number; to: number }) => {
          const failure = account.failures?.shift();
          if (failure === undefined) return call(query);
          calls.push(name);
          return Promise.resolve(failure);
        },
      };
      const credentialDigest = account.digests?.[Math.min(opening, account.digests.length - 1)] ?? 'd';
      const opened = { name, timeZone: 'UTC', credentialDigest, provider: { name: 'fake' }, client: { listCancelled } };
      return Promise.resolve(opened as unknown as OpenConnection);
    },
    ...{ clock: handClock(), log, redact: (text: string) => text },
  };
  const query: CancelledOrdersQuery = { ...QUERY, connections: Object.keys(declared) };
  const page = (limit: number, after: Place | null = null, remainingMs = () => 1_000) =>
    readPage(query, { after, limit }, needs, remainingMs);
  return { needs, query, page, calls, openings, rejected, log };
}

async function batchesOf({ needs, query, calls }: ReturnType<typeof accounts>, remainingMs = () => 1_000) {
  const batches = [];
  for await (const batch of readCancelledOrders(query, needs, remainingMs)) {
    batches.push({ ...batch, calls: calls.length });
  }
  return batches;
}
const named = (orders: readonly CancelledOrder[]) =>
  orders.map(({ connection, orderId }) => `${connection}:${orderId}`);

describe('accounts of which one has many orders a day, and one has few', () => {
  const uneven = () => accounts({ busy: { rows: rowsOf(1_000, 1) }, calm: { rows: rowsOf(1_000, 10) } });

  it('are told newest first over all batches, whichever of them is first', async () => {
    for (const one of [uneven(), accounts({ calm: { rows: rowsOf(1_000, 10) }, busy: { rows: rowsOf(1_000, 1) } })]) {
      const batches = await batchesOf(one);
      const rows = batches.flatMap(({ rows: told }) => told);
      expect(new Set(named(rows)).size).toBe(2_000);
      const times = rows.map(({ orderedAt }) => orderedAt ?? '');
      expect([...times].sort().reverse()).toEqual(times);
      expect(batches.length).toBeGreaterThan(2);
    }
  });

  it('are read five hundred orders ahead, and the requests are counted', async () => {
    const batches = await batchesOf(uneven());
    expect(batches[0]).toMatchObject({ calls: 10, pages: 30 });
    expect(batches.at(-1)).toMatchObject({ calls: 20, pages: 60, incomplete: [] });
  });

  it('are read for a page until one order more than it has is there', async () => {
    const one = accounts({ busy: { rows: rowsOf(10, 1), window: 1 } });
    const { orders, next, pages, sources } = await one.page(4);
    expect(named(orders)).toEqual(['busy:0', 'busy:1', 'busy:2', 'busy:3']);
    expect([one.calls.length, pages, sources]).toEqual([5, 15, { busy: 'provider' }]);
    expect(one.openings).not.toContainEqual(['busy', true]);
    expect(next).toEqual({ at: iso(LAST - 3 * MINUTE_MS), connection: 'busy', orderId: '3' });
    expect(named((await one.page(4, next)).orders)).toEqual(['busy:4', 'busy:5', 'busy:6', 'busy:7']);
  });

  it('have no next page behind the last order', async () => {
    const one = accounts({ busy: { rows: rowsOf(4, 1) } });
    expect(await one.page(4)).toMatchObject({ orders: { length: 4 }, next: null });
    expect((await one.page(3)).next).not.toBeNull();
  });
});

describe('an account', () => {
  it('has an order once that comes in two of its windows', async () => {
    const rows = [
      { id: 'twice', ago: 1 },
      { id: 'other', ago: 2 },
      { id: 'twice', ago: 3 },
    ];
    const batches = await batchesOf(accounts({ busy: { rows, window: 1 } }));
    expect(batches.flatMap(({ rows: told }) => named(told))).toEqual(['busy:twice', 'busy:other']);
  });

  it('whose orders kept moving is named, and its orders are told', async () => {
    const one = accounts({ busy: { rows: rowsOf(2, 1), stoodStill: false }, calm: { rows: [], stoodStill: false } });
    expect(await one.page(5)).toMatchObject({
      orders: { length: 2 },
      incomplete: [
        { connection: 'busy', problem: 'kept_moving' },
        { connection: 'calm', problem: 'kept_moving' },
      ],
    });
  });

  it('that is read from the ledger, where some of it cannot be read, is named', async () => {
    const one = accounts({ busy: { rows: [], offers: [false] } });
    expect(await one.page(5)).toMatchObject({
      incomplete: [{ connection: 'busy', problem: 'unreadable_items' }],
      sources: { busy: 'ledger' },
    });
  });

  it('is not asked when there is no time', async () => {
    const one = accounts({ busy: { rows: rowsOf(2, 1) } });
    expect((await one.page(5, null, () => 0)).incomplete).toEqual([{ connection: 'busy', problem: 'out_of_time' }]);
    expect(one.calls).toEqual([]);
  });

  it('is not asked for what is newer than the place to go on from, and is asked for that very moment', async () => {
    const at = (ago: number): Place => ({ at: iso(LAST - ago * MINUTE_MS), connection: 'zzz', orderId: '' });
    for (const offers of [[true], [false]]) {
      const one = accounts({ busy: { rows: [{ id: 'first', ago: (LAST - FIRST) / MINUTE_MS }], offers } });
      const firstAgo = (LAST - FIRST) / MINUTE_MS;
      const read = await one.page(5, at(firstAgo));
      expect(offers[0] === true ? named(read.orders) : read.incomplete).toHaveLength(1);
      expect(await one.page(5, at(firstAgo + 1))).toMatchObject({ orders: [], incomplete: [], pages: 0 });
      expect(one.calls).toHaveLength(offers[0] === true ? 1 : 0);
    }
  });

  it.each<[CallFailure, string]>([
    [{ kind: 'rate_limited', retryAfterMs: null }, 'rate_limited'],
    [{ kind: 'not_sent', problem: 'provider_unreachable' }, 'provider_unreachable'],
    [{ kind: 'lost', problem: 'timed_out' }, 'timed_out'],
  ])('that answers %j is named by that', async (failure, problem) => {
    const one = accounts({ busy: { rows: rowsOf(2, 1), failures: [failure] } });
    expect((await one.page(5)).incomplete).toEqual([{ connection: 'busy', problem }]);
    expect(one.calls).toHaveLength(1);
  });

  it('that cannot be opened is named, with why in the log', async () => {
    const error = new Error('no secret');
    const one = accounts({ busy: { rows: [], opened: error } });
    const problem = 'connection_unavailable';
    expect((await one.page(5)).incomplete).toEqual([{ connection: 'busy', problem }]);
    expect(one.log.entries).toEqual([
      { level: 'error', code: 'CONNECTION_NOT_OPENED', fields: { connection: 'busy', error } },
    ]);
  });

  it('that is turned away is named by what is wrong, which the log says already', async () => {
    const opened = AccountTurnedAway.because('busy', 'account_has_another_name');
    const one = accounts({ busy: { rows: [], opened } });
    expect((await one.page(5)).incomplete).toEqual([{ connection: 'busy', problem: 'account_has_another_name' }]);
    expect(one.log.entries).toEqual([]);
  });

  it('whose credential was changed since it was opened is listed with the new one', async () => {
    const failures: CallFailure[] = [{ kind: 'credential_rejected' }];
    const one = accounts({ busy: { rows: rowsOf(2, 1), failures, digests: ['old', 'old', 'new'] } });
    // It is opened twice to be read, and anew when its credential is rejected.
    const read = await one.page(5);
    expect([read.orders.length, read.incomplete, one.rejected]).toEqual([2, [], []]);
    expect(one.openings.at(-1)).toEqual(['busy', true]);
  });

  it('whose credential is rejected, and is still the same one, is noted as that', async () => {
    const failures: CallFailure[] = [{ kind: 'credential_rejected' }];
    const one = accounts({ busy: { rows: rowsOf(2, 1), failures } });
    expect((await one.page(5)).incomplete).toEqual([{ connection: 'busy', problem: 'needs_reauth' }]);
    expect([one.rejected, one.calls.length]).toEqual([['d'], 1]);
  });

  it('whose credential stands rejected is not asked', async () => {
    const standing = {
      ...{ connection: 'busy', credentialDigest: 'd', rejectedAt: iso(FIRST), pausedUntil: null, pausedFor: [] },
    };
    const one = accounts({ busy: { rows: rowsOf(2, 1), standing } });
    expect((await one.page(5)).incomplete).toEqual([{ connection: 'busy', problem: 'needs_reauth' }]);
    expect(one.calls).toEqual([]);
  });

  it('does not offer its list only sometimes: that would be a fault of ours', async () => {
    const failures: CallFailure[] = [{ kind: 'credential_rejected' }];
    const one = accounts({ busy: { rows: [], failures, digests: ['old', 'old', 'new'], offers: [true, true, false] } });
    await expect(one.page(5)).rejects.toThrow('fake offers its list only sometimes.');
  });
});
