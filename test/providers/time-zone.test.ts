import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addDays, dateAt, endOf, instantsOf, spanOfLocal, startOf } from '../../functions/providers/time-zone.ts';

const iso = (ms: number) => new Date(ms).toISOString();

describe('a day of a time zone', () => {
  it.each([
    [
      'its midnight left out',
      'America/Sao_Paulo',
      '2018-11-04',
      '2018-11-04T03:00:00.000Z',
      '2018-11-05T01:59:59.999Z',
    ],
    [
      'the next midnight left out',
      'America/Sao_Paulo',
      '2018-11-03',
      '2018-11-03T03:00:00.000Z',
      '2018-11-04T02:59:59.999Z',
    ],
    ['its last hour twice', 'America/Sao_Paulo', '2019-02-16', '2019-02-16T02:00:00.000Z', '2019-02-17T02:59:59.999Z'],
    ['its first hour twice', 'America/Havana', '2020-11-01', '2020-11-01T04:00:00.000Z', '2020-11-02T04:59:59.999Z'],
    [
      'its end again after the next midnight',
      'America/St_Johns',
      '2008-11-01',
      '2008-11-01T02:30:00.000Z',
      '2008-11-02T03:29:59.999Z',
    ],
    ['an hour less', 'America/New_York', '2026-03-08', '2026-03-08T05:00:00.000Z', '2026-03-09T03:59:59.999Z'],
    ['nothing of it', 'Pacific/Apia', '2011-12-30', '2011-12-30T10:00:00.000Z', '2011-12-30T09:59:59.999Z'],
    ['nothing special', 'Asia/Jakarta', '2026-08-01', '2026-07-31T17:00:00.000Z', '2026-08-01T16:59:59.999Z'],
  ])('with %s: %s %s', (_name, zone, date, start, end) => {
    expect([iso(startOf(date, zone)), iso(endOf(date, zone))]).toEqual([start, end]);
  });

  const zones = fc.constantFrom(...Intl.supportedValuesOf('timeZone'));
  const moments = fc.integer({ min: Date.UTC(1970, 0, 2), max: Date.UTC(2037, 11, 30) });
  /** What a clock on the wall shows, told by another way than by offsets. */
  const shownBy = (ms: number, timeZone: string) =>
    new Intl.DateTimeFormat('sv', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(ms);

  it('holds every moment whose date it is, and begins and ends with one', () => {
    fc.assert(
      fc.property(zones, moments, (zone, at) => {
        const date = dateAt(at, zone);
        const [start, end] = [startOf(date, zone), endOf(date, zone)];
        expect(at).toBeGreaterThanOrEqual(start);
        expect(at).toBeLessThanOrEqual(end);
        expect([start, end].map((ms) => dateAt(ms, zone))).toEqual([date, date]);
        expect(dateAt(start - 1, zone) < date && dateAt(end + 1, zone) > date).toBe(true);
        expect(startOf(addDays(date, 1), zone)).toBeLessThanOrEqual(end + 1);
      }),
      { numRuns: 500 },
    );
  });

  it('has, of a local time, every moment that shows it and no other', () => {
    fc.assert(
      fc.property(zones, moments, (zone, at) => {
        const second = Math.floor(at / 1000) * 1000;
        const local = shownBy(second, zone);
        const instants = instantsOf(local, zone);
        expect(instants).toContain(second);
        expect(instants.every((ms) => shownBy(ms, zone) === local)).toBe(true);
        expect(spanOfLocal(local, zone)).toEqual({ earliest: instants[0], latest: instants.at(-1) });
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['2026-03-08 02:30:00', 'America/New_York', []],
    ['2018-11-04 00:00:00', 'America/Sao_Paulo', []],
    ['2026-11-01 01:30:00', 'America/New_York', ['2026-11-01T05:30:00.000Z', '2026-11-01T06:30:00.000Z']],
    ['2026-04-05 01:45:00', 'Australia/Lord_Howe', ['2026-04-04T14:45:00.000Z', '2026-04-04T15:15:00.000Z']],
    ['soon', 'UTC', []],
  ])('shows %s (%s) at %j', (local, zone, instants) => {
    expect(instantsOf(local, zone).map(iso)).toEqual(instants);
  });
});
