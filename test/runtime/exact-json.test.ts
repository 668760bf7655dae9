import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { exactNumber, LongNumber, parseJson, wholeNumber } from '../../functions/runtime/exact-json.ts';

describe('the JSON of others', () => {
  it.each([
    '576461413038785752',
    '9007199254740992',
    '9007199254740993',
    '-9007199254740993',
    '123456789012345.001',
    '9007199254740990.6',
    '0.1234567890123456789',
    '1e400',
    '5.7646141303879E+17',
  ])('keeps the number %s as it was sent', (source) => {
    const number = parseJson(`{"a":[${source}]}`);
    expect(number).toEqual({ a: [new LongNumber(source)] });
    expect(JSON.stringify(number)).toBe(`{"a":[${source}]}`);
    expect(String(new LongNumber(source))).toBe(source);
    expect(exactNumber(source)).toBeNull();
  });

  it.each([
    '0',
    '-0.0',
    '1.0',
    '1e3',
    '62.50',
    '0.1',
    '1E-3',
    '9007199254740991',
    '-9007199254740991',
    '1234567.123456789',
  ])('has %s as the number that it is', (source) => {
    expect(parseJson(source)).toBe(JSON.parse(source));
  });

  it('is as JSON.parse reads it where no number is long', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(JSON.stringify(parseJson(text))).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  it('keeps texts that look like long numbers, and turns long numbers into what is asked for', () => {
    expect(parseJson('["9007199254740993", 9007199254740993]', String)).toEqual([
      '9007199254740993',
      '9007199254740993',
    ]);
  });

  it.each(['', '{', '01', '9007199254740993x'])('is none in "%s"', (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  });

  it('is written with every digit of a whole number', () => {
    expect(JSON.stringify([wholeNumber('1338'), wholeNumber('9007199254740993')])).toBe('[1338,9007199254740993]');
  });
});

describe('a number of a megabyte', () => {
  it('is read in the time that its length allows', () => {
    const startedAt = performance.now();
    parseJson(`[1.${'0'.repeat(300_000)}1]`);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});
