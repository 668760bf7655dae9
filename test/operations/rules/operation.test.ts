import { describe, expect, it } from '@jest/globals';
import { mayActFor, secondsUntilDue, type Operation } from '../../../functions/operations/rules/operation.ts';
import { viewOf } from '../../../functions/operations/rules/view-of.ts';
import { CONFIRMED, PENDING } from '../world.ts';

const AT = '2026-03-01T12:00:00.000Z';
const NOW = Date.parse(AT);
const later = (ms: number) => new Date(NOW + ms).toISOString();

const open = (dueAt: string): Operation => ({ ...PENDING, state: 'unknown', dueAt });
const confirmed = (mayActUntil: string | null): Operation => ({ ...CONFIRMED, mayActUntil });

describe('when it is worth asking again', () => {
  it.each([
    [0, 1],
    [-60_000, 1],
    [1, 2],
    [4_000, 5],
    [4_001, 6],
    [58_000, 59],
    [3_600_000, 60],
  ])('what is due in %i ms: after %i s, a second after it was looked at', (ms, seconds) => {
    expect(secondsUntilDue(open(later(ms)), NOW)).toBe(seconds);
  });

  it('what is settled: never', () => {
    expect(secondsUntilDue(confirmed(null), NOW)).toBe(0);
  });
});

describe('how long a lost ask may still act', () => {
  it('is said of what is settled', () => {
    expect(mayActFor(confirmed(later(1_500)), NOW)).toBe(1_500);
    expect(mayActFor(confirmed(later(-1)), NOW)).toBe(0);
    expect(mayActFor(confirmed(null), NOW)).toBe(0);
  });

  it('is no matter of what is open: that stands in the way by itself', () => {
    expect(mayActFor(open(later(1_500)), NOW)).toBe(0);
  });
});

it('only a delete shows a tombstone', () => {
  expect(viewOf(confirmed(null))).not.toHaveProperty('tombstone');
  expect(viewOf({ ...confirmed(null), kind: 'delete' })).toMatchObject({ tombstone: null });
});
