import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { parseInput } from '../../functions/http/input.ts';
import { periodAsMeant, periodOf, periodQuery } from '../../functions/http/period-query.ts';

const NOW = Date.parse('2026-08-31T12:00:00Z');

describe('a period', () => {
  it.each([
    [{}, '2026-08-01T12:00:00.000Z', '2026-08-31T12:00:00.000Z'],
    [{ from: '2026-08-30' }, '2026-08-30T00:00:00.000Z', '2026-08-31T12:00:00.000Z'],
    [{ from: '2026-08-01', to: '2026-08-01' }, '2026-08-01T00:00:00.000Z', '2026-08-01T23:59:59.999Z'],
    [{ to: '2026-06-30' }, '2026-05-31T23:59:59.999Z', '2026-06-30T23:59:59.999Z'],
    [{ from: '2026-08-01T07:00:00+07:00' }, '2026-08-01T00:00:00.000Z', '2026-08-31T12:00:00.000Z'],
    [{ from: '2025-08-30T12:00:00Z' }, '2025-08-30T12:00:00.000Z', '2026-08-31T12:00:00.000Z'],
    [
      { from: '2026-08-01T12:00:00Z', to: '2026-08-01T12:00:00Z' },
      '2026-08-01T12:00:00.000Z',
      '2026-08-01T12:00:00.000Z',
    ],
    [{ from: '1970-01-01', to: '1970-01-02' }, '1970-01-01T00:00:00.000Z', '1970-01-02T23:59:59.999Z'],
    [{ from: '9999-12-31', to: '9999-12-31' }, '9999-12-31T00:00:00.000Z', '9999-12-31T23:59:59.999Z'],
    [{ from: '2025-09-01', to: '2026-09-01' }, '2025-09-01T00:00:00.000Z', '2026-09-01T23:59:59.999Z'],
  ])('%j runs from %s to %s', (query, from, to) => {
    expect(periodOf(query, NOW)).toEqual({ from, to });
  });

  it.each([
    [{ from: '2026-09-02', to: '2026-09-01' }, 'from', 'must not be after to'],
    [{ from: '2027-01-01' }, 'from', 'must not be in the future'],
    [{ from: '2025-08-30T11:59:59.999Z' }, 'from', 'must not be more than 366 days before to'],
    [{ from: '2025-08-01' }, 'from', 'must not be more than 366 days before to'],
    [{ from: '0000-01-01', to: '0000-01-02' }, 'from', 'is too early'],
    [{ from: '9999-12-31', to: '9999-12-31T23:59:59-23:59' }, 'to', 'is too late'],
  ])('%j is refused', (query, field, message) => {
    expect(() => periodOf(query, NOW)).toThrow(expect.objectContaining({ errors: [{ field, message }] }));
  });

  it.each([
    ...[
      '2021-02-30',
      '2021-02-29',
      '2021-04-31T10:00:00Z',
      '2021-13-01',
      '2021-01-01T24:00:00Z',
      '2021-01-01T10:00:60Z',
    ],
    ...['2021-01-01T10:00:00+25:00', '2021-01-01T10:00:00', '2021-1-1', '1609459200', ''],
  ])('has no end that is no date, and names the field: %j', (text) => {
    for (const field of ['from', 'to']) {
      const errors = [{ field, message: expect.stringContaining('must be an RFC 3339 date') }];
      expect(() => parseInput(z.object(periodQuery), { [field]: text }, 'query')).toThrow(
        expect.objectContaining({ errors }),
      );
    }
  });

  it.each([
    [{}, '2026-08-02T02:00:00.000Z', '2026-08-31T12:00:00.000Z'],
    [{ from: '2026-08-30' }, '2026-08-30', '2026-08-31T12:00:00.000Z'],
    [{ from: '2026-09-01', to: '2026-09-01' }, '2026-09-01', '2026-09-01'],
    [{ from: '2026-09-01' }, '2026-09-01', '2026-08-31T12:00:00.000Z'],
    [{ from: '2026-08-30T01:00:00+02:00' }, '2026-08-30T01:00:00+02:00', '2026-08-31T12:00:00.000Z'],
  ])('as it is meant in each time zone, %j, runs from %s to %s', (query, from, to) => {
    expect(parseInput(z.object(periodQuery), query, 'query')).toEqual(query);
    expect(periodAsMeant(query, NOW)).toEqual({ from, to });
  });

  it('may not begin on a day that it is nowhere yet', () => {
    expect(() => periodAsMeant({ from: '2026-09-02' }, NOW)).toThrow();
  });
});
