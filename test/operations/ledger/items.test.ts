import { describe, expect, it } from '@jest/globals';
import { OperationUnreadable } from '../../../functions/operations/ledger/errors.ts';
import {
  currentItem,
  currentKey,
  earlierItem,
  keysOf,
  listedAtOf,
  operationOf,
} from '../../../functions/operations/ledger/items.ts';
import type { Operation } from '../../../functions/operations/rules/operation.ts';
import { snapshotOf } from '../../../functions/operations/rules/snapshot.ts';
import { CONFIRMED, PENDING, shownOrder } from '../world.ts';

const AT = '2026-03-01T12:00:00.000Z';
const REFUSED: Operation = { ...CONFIRMED, state: 'refused', detail: 'refused' };
const INDEXED = ['dueConnection', 'cancelledConnection', 'listedAt'];
const indexed = (operation: Operation) =>
  Object.fromEntries(Object.entries(currentItem(operation)).filter(([name]) => INDEXED.includes(name)));

describe('the item of an operation', () => {
  it('is the operation’s own attributes, its order, its slot and its day', () => {
    const operation: Operation = { ...CONFIRMED, requestedAt: '2026-02-28T23:59:59.999Z' };
    const item = currentItem(operation);
    expect(item).toMatchObject({
      order: { S: 'loja-rio:340' },
      slot: { S: 'current' },
      day: { S: '2026-02-28' },
      requestedAt: { S: '2026-02-28T23:59:59.999Z' },
      orderId: { S: '340' },
      number: { N: '1' },
    });
    expect(operationOf(item)).toEqual(operation);
  });

  it('of an earlier one is the same in a slot of its number, and in no index of current ones', () => {
    const item = earlierItem({ ...CONFIRMED, number: 12 });
    expect(item).toMatchObject({ order: { S: 'loja-rio:340' }, slot: { S: '000012' }, day: { S: '2026-03-01' } });
    expect(Object.keys(item).filter((name) => INDEXED.includes(name))).toEqual([]);
    expect(operationOf(item)).toEqual({ ...CONFIRMED, number: 12 });
  });

  it('sorts the tenth of an order behind its ninth, and the current one last', () => {
    const slots = [2, 9, 10, 100, 999_999].map((number) => earlierItem({ ...CONFIRMED, number })['slot']?.S);
    const all = [...slots, currentItem(CONFIRMED)['slot']?.S];
    expect(all.toSorted()).toEqual(all);
  });

  it('leaves out what is not there', () => {
    const timeline = [{ at: AT, event: 'requested' as const, detail: undefined }];
    expect(operationOf(currentItem({ ...CONFIRMED, timeline })).timeline).toEqual([{ at: AT, event: 'requested' }]);
  });

  it('is refused where it is not one of ours', () => {
    expect(() => operationOf({ ...currentItem(CONFIRMED), state: { S: 'done' } })).toThrow(OperationUnreadable);
  });
});

describe('what an order’s current item is found by', () => {
  const dueConnection = { S: 'loja-rio' };

  it('is its connection, as long as it is open', () => {
    expect(indexed(PENDING)).toEqual({ dueConnection });
    expect(indexed({ ...PENDING, kind: 'restore' })).toEqual({ dueConnection });
    expect(indexed({ ...PENDING, state: 'calling', leaseUntil: AT })).toEqual({ dueConnection });
    expect(indexed({ ...PENDING, state: 'unknown' })).toEqual({ dueConnection });
    expect(indexed({ ...PENDING, state: 'needs_attention' })).toEqual({ dueConnection });
  });

  it('is when its cancel was confirmed, where nobody showed when it was ordered', () => {
    const settledAt = '2026-03-02T08:00:00.000Z';
    expect(indexed({ ...CONFIRMED, settledAt })).toEqual({
      cancelledConnection: { S: 'loja-rio' },
      listedAt: { S: '2026-03-02T08:00:00.000Z#340' },
    });
    const snapshot = snapshotOf(shownOrder({ orderedAt: null }));
    expect(listedAtOf({ ...CONFIRMED, settledAt, snapshot })).toBe(settledAt);
  });

  it('is when it was ordered, where that was shown', () => {
    const snapshot = snapshotOf(shownOrder({ orderedAt: '2026-02-01T12:00:00.000Z' }));
    expect(indexed({ ...CONFIRMED, snapshot })).toEqual({
      cancelledConnection: { S: 'loja-rio' },
      listedAt: { S: '2026-02-01T12:00:00.000Z#340' },
    });
  });

  it.each([
    ['a refused cancel', REFUSED],
    ['a confirmed restore', { ...CONFIRMED, kind: 'restore' as const }],
    ['a confirmed delete', { ...CONFIRMED, kind: 'delete' as const }],
    ['a refused restore', { ...REFUSED, kind: 'restore' as const }],
  ])('is nothing of %s', (_, operation) => {
    expect(indexed(operation)).toEqual({});
  });
});

describe('an operation’s id', () => {
  it('names the two places where the operation may lie', () => {
    expect(keysOf('loja-rio:340:2')).toEqual({
      current: { order: { S: 'loja-rio:340' }, slot: { S: 'current' } },
      earlier: { order: { S: 'loja-rio:340' }, slot: { S: '000002' } },
    });
    expect(keysOf('loja-rio:340:2').current).toEqual(currentKey('loja-rio', '340'));
    const { order, slot } = earlierItem({ ...CONFIRMED, number: 2 });
    expect(keysOf('loja-rio:340:2').earlier).toEqual({ order, slot });
  });
});
