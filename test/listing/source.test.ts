import { describe, expect, it } from '@jest/globals';
import { comparePlaces, placeSchema, type Place } from '../../functions/listing/entry.ts';
import { spanOf } from '../../functions/listing/period.ts';
import { ledgerSource, providerSource, type ListCancelled } from '../../functions/listing/source.ts';
import type { Snapshot } from '../../functions/operations/rules/snapshot.ts';
import type { CancelledOrder, CancelledOrderType } from '../../functions/providers/cancelled-order.ts';
import type { ListedOrder, WindowReply } from '../../functions/providers/provider.ts';
import { CONFIRMED, shownOrder } from '../operations/world.ts';

const day = (date: number) => Date.UTC(2026, 1, date);
const text = (ms: number) => new Date(ms).toISOString();
const SPAN = { from: day(1), to: day(9) };

const listed = (changes: Partial<CancelledOrder>, more: Partial<ListedOrder> = {}): ListedOrder => ({
  order: shownOrder(changes),
  customer: null,
  version: '1',
  restoreWarnings: [],
  ...more,
});
const window = (from: number, orders: ListedOrder[] = [], stoodStill = true): WindowReply => ({
  kind: 'window',
  from,
  orders,
  pages: 2,
  stoodStill,
});

describe('a provider’s list', () => {
  /** The source, what it asked for, and of whom it asked the ledger. */
  function sourceOf(replies: WindowReply[], type: CancelledOrderType = 'cancelled') {
    const asked: unknown[] = [];
    const timed: unknown[] = [];
    const list: ListCancelled = (query, call) => {
      asked.push({ ...query, ...call });
      const reply = replies.shift();
      if (reply === undefined) throw new Error('There is no more.');
      return Promise.resolve(reply);
    };
    const ledger = {
      cancelTimes: (connection: string, orderIds: readonly string[]) => {
        timed.push(connection, ...orderIds);
        return Promise.resolve(new Map([['1', text(day(3))]]));
      },
    };
    const needs = { ledger, redact: (value: string) => value };
    return { source: providerSource('toko', list, { ...SPAN, type, includeCustomer: false }, needs), asked, timed };
  }

  it('is read backwards, each window from where the one before ended', async () => {
    const { source, asked } = sourceOf([window(day(5)), window(day(1) + 1, [], false), window(day(1))]);
    expect(await source.next(1_000)).toMatchObject({ downTo: text(day(5)), pages: 2, stoodStill: true });
    expect(await source.next(2_000)).toMatchObject({ downTo: text(day(1) + 1), stoodStill: false });
    expect(await source.next(3_000)).toMatchObject({ downTo: null });
    expect(asked).toEqual([
      { type: 'cancelled', from: day(1), to: day(9), timeoutMs: 1_000 },
      { type: 'cancelled', from: day(1), to: day(5) - 1, timeoutMs: 2_000 },
      { type: 'cancelled', from: day(1), to: day(1), timeoutMs: 3_000 },
    ]);
  });

  it('says how it failed, and is read again from the same place', async () => {
    const lost = { kind: 'lost', problem: 'timed_out' } as const;
    const { source, asked } = sourceOf([lost, window(day(1))]);
    expect(await source.next(1_000)).toEqual(lost);
    expect(await source.next(1_000)).toMatchObject({ kind: 'window', downTo: null });
    expect(asked[0]).toEqual(asked[1]);
  });

  it('is told by the ledger when an order was cancelled, where it does not say so itself', async () => {
    const said = text(day(2));
    const rows = [listed({ orderId: '1' }), listed({ orderId: '2', cancelledAt: said }), listed({ orderId: '3' })];
    const { source, timed } = sourceOf([window(day(1), rows)]);
    const read = await source.next(1_000);
    expect(read.kind === 'window' && read.entries.map(({ order }) => order.cancelledAt)).toEqual([
      text(day(3)),
      said,
      null,
    ]);
    expect(timed).toEqual(['toko', '1', '3']);
  });

  it('of another type has no time of a cancel', async () => {
    const { source, timed } = sourceOf([window(day(1), [listed({ orderId: '1', type: 'expired' })])], 'expired');
    expect(await source.next(1_000)).toMatchObject({ entries: [{ order: { cancelledAt: null } }] });
    expect(timed).toEqual([]);
  });

  it.each([
    [{ orderedAt: text(day(4)) }, { orderedAbout: text(day(5)) }, text(day(4))],
    [{ orderedAt: null, createdAt: text(day(6)) }, { orderedAbout: text(day(5)) }, text(day(5))],
    [{ orderedAt: null, createdAt: text(day(6)) }, {}, text(day(6))],
    [{ orderedAt: null }, {}, '1970-01-01T00:00:00.000Z'],
  ])('has an order of %j, ordered %j, at %s', async (changes, about, at) => {
    const { source } = sourceOf([window(day(1), [listed(changes, about)])]);
    const place = { at, connection: 'loja-rio', orderId: '1' };
    expect(await source.next(1_000)).toMatchObject({ entries: [{ place }] });
  });
});

describe('what the ledger holds of a connection', () => {
  const operation = (snapshot: Partial<Snapshot> | null, detail: 'cancelled' | 'already_cancelled') => ({
    ...CONFIRMED,
    detail,
    snapshot: snapshot as Snapshot | null,
  });
  const nothing = {
    ...{ number: null, orderedAt: null, createdAt: null, updatedAt: null, total: null, paymentStatus: null },
    ...{ items: null, type: 'cancelled', source: 'ledger' },
  };
  const shown = {
    ...{ number: '7', orderedAt: text(day(1)), createdAt: text(day(2)), updatedAt: text(day(3)) },
    ...{ total: { amount: 1, currency: 'BRL' }, paymentStatus: 'PAID', items: [] },
  };

  it.each([
    ['done here, of which nothing was shown', null, 'cancelled', { ...nothing, cancelledAt: CONFIRMED.settledAt }],
    ['done elsewhere, nobody knows when', null, 'already_cancelled', { ...nothing, cancelledAt: null }],
    [
      'done when the provider said',
      { ...shown, cancelledAt: text(day(4)), unread: ['items'] },
      'cancelled',
      { ...shown, cancelledAt: text(day(4)), unread: ['items'] },
    ],
  ] as const)('is a cancel %s', async (_, snapshot, detail, order) => {
    const cancels = [{ listedAt: text(day(2)), operation: operation(snapshot, detail) }];
    const page = { cancels, next: null, unreadable: [] };
    const read = await ledgerSource({ name: 'loja' }, SPAN, { listCancelled: () => Promise.resolve(page) }).next(1_000);
    const { connection, provider, orderId } = CONFIRMED;
    expect(read).toEqual({
      kind: 'window',
      entries: [
        {
          place: { at: text(day(2)), connection: 'loja', orderId },
          order: { connection, provider, orderId, type: 'cancelled', source: 'ledger', ...order },
        },
      ],
      downTo: null,
      pages: 1,
      stoodStill: true,
      hasUnreadable: false,
    });
  });

  it('is read a hundred at once, each page behind the one before', async () => {
    const next = { listedAt: text(day(5)), orderId: '1' };
    const asked: unknown[] = [];
    const pages = [
      { cancels: [], next, unreadable: ['loja:2'] },
      { cancels: [], next: null, unreadable: [] },
    ];
    const source = ledgerSource({ name: 'loja' }, SPAN, {
      listCancelled: (query) => {
        asked.push(query);
        return Promise.resolve(pages.shift() ?? { cancels: [], next: null, unreadable: [] });
      },
    });
    // The next page may begin with an order of the same moment.
    expect(await source.next(1_000)).toMatchObject({ downTo: text(day(5) + 1), hasUnreadable: true });
    expect(await source.next(1_000)).toMatchObject({ downTo: null, hasUnreadable: false });
    const query = { connection: 'loja', from: text(day(1)), to: text(day(9)), limit: 100 };
    expect(asked).toEqual([
      { ...query, after: null },
      { ...query, after: next },
    ]);
  });
});

it('places are in order by time, then connection, then order id, all descending', () => {
  const place = (at: number, connection: string, orderId: string): Place => ({
    at: text(day(at)),
    connection,
    orderId,
  });
  const sorted = [place(3, 'a', '1'), place(2, 'b', '1'), place(2, 'a', '2'), place(2, 'a', '1'), place(1, 'c', '9')];
  expect([...sorted].reverse().sort(comparePlaces)).toEqual(sorted);
  for (const [one, other] of sorted.slice(1).map((later, at) => [sorted[at] ?? later, later] as const)) {
    expect([comparePlaces(one, other), comparePlaces(other, one), comparePlaces(one, one)]).toEqual([-1, 1, 0]);
  }
});

it('a place has a time in milliseconds, a connection and an order', () => {
  const place = { at: '2026-02-01T00:00:00.000Z', connection: 'a', orderId: '1' };
  expect(placeSchema.parse(place)).toEqual(place);
  const others = [{ ...place, at: '2026-02-01T00:00:00Z' }, { ...place, connection: 7 }, { at: place.at }];
  expect(others.map((other) => placeSchema.safeParse(other).success)).toEqual([false, false, false]);
});

it('each end of a period is a moment, or a whole day of the connection’s', () => {
  const moment = '2026-02-03T04:05:06.789Z';
  const spans = [
    ['2026-02-01', moment],
    [moment, '2026-02-04'],
  ].map(([from = '', to = '']) => spanOf({ from, to }, 'Asia/Jakarta'));
  expect(spans).toEqual([
    { from: Date.parse('2026-01-31T17:00:00Z'), to: Date.parse(moment) },
    { from: Date.parse(moment), to: Date.parse('2026-02-04T16:59:59.999Z') },
  ]);
});
