import { describe, expect, it } from '@jest/globals';
import { cancelledAtOf, refusalOf } from '../../../functions/providers/estoka/history.ts';
import { timeOf } from '../../../functions/providers/estoka/times.ts';
import { Unread } from '../../../functions/providers/shown.ts';
import { orderReplySchema } from '../../../functions/providers/estoka/wire.ts';

const ZERO = '0001-01-01T00:00:00Z';
const AT = '2026-03-01T09:00:00.000-03:00';

/** An order with one row of history, whose times these are. */
const orderWith = (status: string, reported_at: unknown, created_at: unknown) =>
  orderReplySchema.parse({
    order: {
      id: 340,
      organization_id: 1,
      status: 'billing',
      order_histories: [{ id: 7, status, reported_at, created_at }],
    },
  }).order;

describe('a time as Estoka writes it', () => {
  it.each([
    ZERO,
    '0001-01-01T00:00:00.000-03:00',
    '0000-00-00T00:00:00Z',
    '1970-01-01T00:00:00.000Z',
    '1969-12-31T21:00:00-03:00',
  ])('%j is what stands where there is no time: none, and not one that cannot be read', (text) => {
    expect(timeOf(text)).toBeNull();
  });

  it('is one otherwise, or cannot be read', () => {
    expect(timeOf(AT)).toBe('2026-03-01T12:00:00.000Z');
    expect(timeOf('2026-02-30T09:00:00Z')).toEqual(new Unread('2026-02-30T09:00:00Z'));
  });

  it('of a report that has none is that of its row', () => {
    for (const none of [ZERO, null, undefined]) {
      expect(cancelledAtOf(orderWith('completed_cancel', none, AT))).toBe('2026-03-01T12:00:00.000Z');
      const ask = { askedAt: Date.parse('2026-03-01T11:59:00.000Z'), historyMark: null };
      expect(refusalOf(orderWith('rejected_cancel', none, AT), ask, 0)).toBe('rejected_cancel');
    }
    expect(cancelledAtOf(orderWith('completed_cancel', ZERO, ZERO))).toBeNull();
    expect(cancelledAtOf(orderWith('completed_cancel', 'soon', AT))).toEqual(new Unread('soon'));
  });
});
