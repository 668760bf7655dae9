import { describe, expect, it } from '@jest/globals';
import { spanOf, timeOf } from '../../../functions/providers/ngorder/times.ts';
import { valueOf } from '../../../functions/providers/shown.ts';

const iso = (ms: number | undefined) => (ms === undefined ? null : new Date(ms).toISOString());
/** As it is shown, and the first and the last moment that it can mean. */
const utc = (text: string, zone = 'Asia/Jakarta') => {
  const span = spanOf(text, zone);
  return [valueOf(timeOf(text, zone)), iso(span?.earliest), iso(span?.latest)];
};

describe('a time as ngorder writes it', () => {
  it.each([
    ['2026-03-08 10:00:00', '2026-03-08T03:00:00.000Z', '2026-03-08T03:00:00.000Z'],
    ['2026-03-08T03:00:00.123456Z', '2026-03-08T03:00:00.123Z', '2026-03-08T03:00:00.123Z'],
    ['2026-03-08 10:00+09:00', '2026-03-08T01:00:00.000Z', '2026-03-08T01:00:00.000Z'],
    ['2026-03-08', '2026-03-07T17:00:00.000Z', '2026-03-08T16:59:59.999Z'],
    ['2024-02-29', '2024-02-28T17:00:00.000Z', '2024-02-29T16:59:59.999Z'],
  ])('%j is shown as %s and means that, or at the latest %s', (text, earliest, latest) => {
    expect(utc(text)).toEqual([earliest, earliest, latest]);
  });

  it.each([
    ...['2026-13-08', '2021-02-30', '2021-02-29 10:00:00', '2021-04-31', '2026-03-08 25:00:00', '2026-03-08 24:00:00'],
    ...['2026-03-08 10:00:60', '2026-03-08 10:60', '2026-03-08T10:00:00+25:00', '0000-00-00 00:00:00', 'soon', ''],
  ])('%j is no time', (text) => {
    expect(utc(text)).toEqual([null, null, null]);
  });

  it.each([
    ...[
      '0001-01-01',
      '0001-01-01 00:00:00',
      '0001-01-01T00:00:00Z',
      '0001-01-01T00:00:00.0000000-03:00',
      ' 0000-00-00',
    ],
    ...[
      '0000-00-00 00:00:00',
      '0000-12-31T21:00:00Z',
      '1970-01-01',
      '1970-01-01T00:00:00Z',
      '1970-01-01 07:00:00',
      '1970-01-01 00:00:00',
    ],
  ])('%j is what stands where there is no time: none, and not one that cannot be read', (text) => {
    expect(timeOf(text, 'Asia/Jakarta')).toBeNull();
    expect(spanOf(text, 'Asia/Jakarta')).toBeNull();
  });

  it('is one soon after that', () => {
    expect(utc('1970-01-01 07:00:01')[0]).toBe('1970-01-01T00:00:01.000Z');
    expect(utc('0002-01-01T00:00:00Z')[0]).toBe('0002-01-01T00:00:00.000Z');
  });

  it('may be one of two where clocks are set back: then it cannot be told which', () => {
    const [first, second] = ['2026-11-01T05:30:00.000Z', '2026-11-01T06:30:00.000Z'];
    expect(utc('2026-11-01 01:30:00', 'America/New_York')).toEqual([null, first, second]);
    expect(utc('2026-04-05 01:45:00', 'Australia/Lord_Howe')).toEqual([
      ...[null, '2026-04-04T14:45:00.000Z', '2026-04-04T15:15:00.000Z'],
    ]);
    for (const [local, one] of [
      ['2026-11-01 02:30:00', '2026-11-01T07:30:00.000Z'],
      ['2026-11-01 00:30:00', '2026-11-01T04:30:00.000Z'],
    ] as const) {
      expect(utc(local, 'America/New_York')).toEqual([one, one, one]);
    }
  });

  it('may be none where clocks are set forward: then it is about that time, and cannot be told', () => {
    expect(utc('2026-03-08 02:30:00', 'America/New_York')).toEqual([
      ...[null, '2026-03-08T06:30:00.000Z', '2026-03-08T07:30:00.000Z'],
    ]);
    expect(utc('2026-03-08 02:30:00-05:00', 'America/New_York')[0]).toBe('2026-03-08T07:30:00.000Z');
  });

  it('is of a day that begins where its midnight was left out', () => {
    expect(utc('2018-11-04', 'America/Sao_Paulo')).toEqual([
      ...['2018-11-04T03:00:00.000Z', '2018-11-04T03:00:00.000Z', '2018-11-05T01:59:59.999Z'],
    ]);
  });
});
