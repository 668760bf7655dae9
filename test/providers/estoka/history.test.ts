import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  CLOCK_TOLERANCE_MS,
  isBeingDecided,
  markOf,
  newestCancelRow,
  refusalOf,
} from '../../../functions/providers/estoka/history.ts';
import { orderReplySchema } from '../../../functions/providers/estoka/wire.ts';

const ASKED_AT = Date.parse('2026-11-20T12:00:00Z');

interface Row {
  id: number;
  status: string;
  reported_at?: string | null;
  created_at?: string | null;
  message?: string | null;
}

function orderWith(rows: readonly Row[] | null) {
  return orderReplySchema.parse({ order: { id: 340, status: 'released', order_histories: rows } }).order;
}
const statuses = (...names: string[]) => orderWith(names.map((status, index) => ({ id: index + 1, status })));
const isoAt = (ms: number) => new Date(ms).toISOString();

describe("the newest row about cancelling of an order's history", () => {
  it('is the one with the highest id, wherever it stands', () => {
    const row = fc.record({
      id: fc.nat(1_000),
      status: fc.constantFrom('pending_cancel', 'rejected_cancel', 'completed_cancel', 'released', 'pending_return'),
    });
    fc.assert(
      fc.property(fc.uniqueArray(row, { selector: ({ id }) => id }), (rows) => {
        const ids = rows.filter(({ status }) => status.endsWith('_cancel')).map(({ id }) => id);
        expect(newestCancelRow(orderWith(rows))?.id ?? null).toBe(ids.length === 0 ? null : String(Math.max(...ids)));
      }),
    );
  });

  it('is the first of two rows with one id', () => {
    const rows = [
      { id: 7, status: 'pending_cancel' },
      { id: 7, status: 'rejected_cancel' },
    ];
    expect(newestCancelRow(orderWith(rows))?.status).toBe('pending_cancel');
  });

  it('is none where there is no history, or none that can be read', () => {
    expect(newestCancelRow(orderWith([]))).toBeNull();
    expect(newestCancelRow(orderWith(null))).toBeNull();
  });
});

describe('a cancellation', () => {
  it.each([
    [['pending_cancel'], true],
    [['completed_cancel'], true],
    [['rejected_cancel', 'pending_cancel'], true],
    [['pending_cancel', 'rejected_cancel'], false],
    [['rejected_cancel'], false],
    [['pending_cancel', 'pending_return', 'released'], true],
    [['pending_return'], false],
    [['cancel'], false],
    [[], false],
  ])('after the rows %j is being decided: %j', (names, expected) => {
    expect(isBeingDecided(statuses(...names))).toBe(expected);
  });

  it('is not known to be decided where the history cannot be read', () => {
    expect(isBeingDecided(orderWith(null))).toBe(false);
  });
});

describe('a refusal', () => {
  const refused = (fields: Partial<Row>) =>
    orderWith([{ id: 592, status: 'rejected_cancel', message: 'Não', ...fields }]);
  const byTime = (fields: Partial<Row>, toleranceMs: number) =>
    refusalOf(refused(fields), { askedAt: ASKED_AT, historyMark: null }, toleranceMs);

  it('is of this ask where it was reported since then, give or take the tolerance', () => {
    expect(byTime({ reported_at: isoAt(ASKED_AT) }, 0)).toBe('Não');
    expect(byTime({ reported_at: isoAt(ASKED_AT - 1) }, 0)).toBeNull();
    expect(byTime({ reported_at: isoAt(ASKED_AT - CLOCK_TOLERANCE_MS) }, CLOCK_TOLERANCE_MS)).toBe('Não');
    expect(byTime({ reported_at: isoAt(ASKED_AT - CLOCK_TOLERANCE_MS - 1) }, CLOCK_TOLERANCE_MS)).toBeNull();
  });

  it('goes by when it was reported, and by when it was written only where that is not shown', () => {
    const [before, after] = [isoAt(ASKED_AT - 1), isoAt(ASKED_AT + 1)];
    expect(byTime({ reported_at: before, created_at: after }, 0)).toBeNull();
    expect(byTime({ reported_at: after, created_at: before }, 0)).toBe('Não');
    expect(byTime({ reported_at: null, created_at: after }, 0)).toBe('Não');
    expect(byTime({ reported_at: null, created_at: before }, 0)).toBeNull();
    expect(byTime({ reported_at: null, created_at: null }, 0)).toBeNull();
    expect(byTime({ reported_at: 'ontem' }, 0)).toBeNull();
  });

  it('is of this ask where it is newer than the mark, whatever the clocks say', () => {
    const byMark = (historyMark: string) =>
      refusalOf(refused({ reported_at: isoAt(0) }), { askedAt: ASKED_AT, historyMark }, CLOCK_TOLERANCE_MS);
    expect(byMark('591')).toBe('Não');
    expect(byMark('592')).toBeNull();
    expect(byMark('593')).toBeNull();
    const late = refused({ reported_at: isoAt(ASKED_AT + 1) });
    expect(refusalOf(late, { askedAt: ASKED_AT, historyMark: '592' }, 0)).toBeNull();
  });

  it("has Estoka's words, without its tags, and its status where it says nothing", () => {
    const told = (message: string | null) => byTime({ message, reported_at: isoAt(ASKED_AT) }, 0);
    expect(told('Recusado: <strong>em transporte</strong>')).toBe('Recusado: em transporte');
    expect(told('<br>')).toBe('rejected_cancel');
    expect(told(' ')).toBe('rejected_cancel');
    expect(told(null)).toBe('rejected_cancel');
  });

  it.each(['2026-02-30T12:00:00.000-03:00', '2026-11-20T12:00:01', 'soon'])('is not told by a row of %s', (at) => {
    expect(byTime({ reported_at: at }, ASKED_AT)).toBeNull();
  });

  it.each(['pending_cancel', 'completed_cancel', 'rejected_return', 'released'])('is not told by %s', (status) => {
    expect(byTime({ status, reported_at: isoAt(ASKED_AT + 1) }, 0)).toBeNull();
  });

  it('is none where the history is empty or cannot be read', () => {
    expect(refusalOf(orderWith([]), { askedAt: ASKED_AT, historyMark: null }, 0)).toBeNull();
    expect(refusalOf(orderWith(null), { askedAt: ASKED_AT, historyMark: '1' }, 0)).toBeNull();
  });
});

describe('ids beyond what a number can hold', () => {
  const [older, newer] = ['9007199254740992', '9007199254740993'];

  it('are told apart', () => {
    const rows = [
      { id: newer, status: 'rejected_cancel' },
      { id: older, status: 'pending_cancel' },
    ];
    const order = orderReplySchema.parse({ order: { id: 340, status: 'released', order_histories: rows } }).order;
    expect(newestCancelRow(order)?.id).toBe(newer);
    expect(markOf(order)).toBe(newer);
    expect(refusalOf(order, { askedAt: ASKED_AT, historyMark: older }, 0)).toBe('rejected_cancel');
    expect(refusalOf(order, { askedAt: ASKED_AT, historyMark: newer }, 0)).toBeNull();
  });
});

describe('the mark', () => {
  it('is the highest id of the history, of whatever row', () => {
    const rows = [9, 12, 10].map((id) => ({ id, status: 'released' }));
    expect(markOf(orderWith(rows))).toBe('12');
  });

  it('is none where there is no history, or none that can be read', () => {
    expect(markOf(orderWith([]))).toBeNull();
    expect(markOf(orderWith(null))).toBeNull();
  });
});
