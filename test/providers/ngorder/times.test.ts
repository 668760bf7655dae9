import { describe, expect, it } from '@jest/globals';
import { latestOf, timeOf } from '../../../functions/providers/ngorder/times.ts';

const utc = (text: string, zone = 'Asia/Jakarta') => {
  const latest = latestOf(text, zone);
  return [timeOf(text, zone), latest === null ? null : new Date(latest).toISOString()];
};

describe('a time as ngorder writes it', () => {
  it.each([
    ['2026-03-08 10:00:00', '2026-03-08T03:00:00.000Z', '2026-03-08T03:00:00.000Z'],
    ['2026-03-08T03:00:00.123456Z', '2026-03-08T03:00:00.123Z', '2026-03-08T03:00:00.123Z'],
    ['2026-03-08 10:00+09:00', '2026-03-08T01:00:00.000Z', '2026-03-08T01:00:00.000Z'],
    ['2026-03-08', '2026-03-07T17:00:00.000Z', '2026-03-08T16:59:59.999Z'],
    ['2026-13-08', null, null],
    ['2026-03-08 25:00:00', null, null],
    ['soon', null, null],
    ['', null, null],
  ])('%j is at the earliest %s, at the latest %s', (text, earliest, latest) => {
    expect(utc(text)).toEqual([earliest, latest]);
  });

  it('may be one of two where clocks are set back: the latest is the second', () => {
    expect(utc('2026-11-01 01:30:00', 'America/New_York')).toEqual([
      '2026-11-01T05:30:00.000Z',
      '2026-11-01T06:30:00.000Z',
    ]);
    expect(utc('2026-11-01 02:30:00', 'America/New_York')[1]).toBe('2026-11-01T07:30:00.000Z');
    expect(utc('2026-11-01 00:30:00', 'America/New_York')[1]).toBe('2026-11-01T04:30:00.000Z');
    expect(utc('2026-04-05 01:45:00', 'Australia/Lord_Howe')[1]).toBe('2026-04-04T15:15:00.000Z');
  });
});
