import { stripVTControlCharacters, styleText } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatted, HEADING, type Paint, type WorkLine } from '../../../../infra/local/lines/work-line.ts';

const plain: Paint = (_, text) => text;
const coloured: Paint = (format, text) => styleText(format, text, { validateStream: false });

const line = (given: Partial<WorkLine>): WorkLine => ({
  ...{ at: new Date('2026-12-01T01:50:17.937Z'), status: null, outcome: '', ms: null, what: 'cancel-order' },
  ...{ order: '', words: '' },
  ...given,
});
const PATH = 'POST /v1/connections/loja-rio/orders/340/cancel';

describe('a line of work', () => {
  it('has its columns under one another, whatever is told', () => {
    const lines = [
      line({ outcome: 'confirmed', ms: 19.4, order: 'loja-rio:340:1', words: 'cancelled' }),
      line({ status: 200, outcome: 'confirmed', ms: 43, what: PATH, words: 'cancelled, replayed' }),
      line({ status: 401, ms: 5, what: 'GET /v1/operations', words: 'Send a token.' }),
      line({
        outcome: 'needs_attention',
        ms: 12_345,
        what: 'settle-operations',
        order: 'toko-jaya:9020:1',
        words: 'x',
      }),
      line({ outcome: 'warning', words: 'A warning.' }),
    ];
    expect([HEADING, ...lines.map((one) => formatted(one, plain))]).toEqual([
      'UTC       HTTP  outcome                ms  what',
      '01:50:17        confirmed           19 ms  cancel-order          loja-rio:340:1    cancelled',
      '01:50:17  200   confirmed           43 ms  POST /v1/connections/loja-rio/orders/340/cancel  cancelled, replayed',
      '01:50:17  401                        5 ms  GET /v1/operations    Send a token.',
      '01:50:17        needs_attention  12345 ms  settle-operations     toko-jaya:9020:1  x',
      '01:50:17        warning                    cancel-order          A warning.',
    ]);
  });

  it.each([
    [{ status: 200, outcome: 'confirmed' }, ['green', 'green']],
    [{ status: 202, outcome: 'pending' }, ['green', 'cyan']],
    [{ status: 202, outcome: 'unknown' }, ['green', 'yellow']],
    [{ status: 409, outcome: 'refused' }, ['yellow', 'magenta']],
    [{ status: 503, outcome: '' }, ['red']],
    [{ status: 202, outcome: 'needs_attention' }, ['green', 'red']],
    [{ outcome: 'warning' }, ['yellow']],
    [{ outcome: 'error' }, ['red']],
  ])('has the colours of %o', (given, colours) => {
    const used: string[] = [];
    formatted(line(given), (format, text) => {
      if (format !== 'dim') used.push(String(format));
      return text;
    });
    expect(used).toEqual(colours);
  });

  const anyLine = fc.record({
    at: fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') }),
    status: fc.option(fc.integer({ min: 100, max: 599 })),
    outcome: fc.string(),
    ms: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true })),
    what: fc.string({ unit: 'binary' }),
    order: fc.string({ unit: 'binary' }),
    words: fc.string({ unit: 'binary', maxLength: 2000 }),
  });

  it('says the same with colours as without', () => {
    fc.assert(
      fc.property(anyLine, (one) => {
        expect(stripVTControlCharacters(formatted(one, coloured))).toBe(formatted(one, plain));
      }),
    );
  });

  it('is one line that steers no terminal, whatever others wrote into it, and not endless', () => {
    fc.assert(
      fc.property(
        anyLine,
        fc.constantFrom('\u001b[2J', '\u009b1A', '\r', '\n', '\u202e', '\u2028', '\u0007'),
        (one, evil) => {
          const text = formatted({ ...one, words: `${one.words.slice(0, 50)}${evil}after` }, plain);
          expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
          expect(formatted(one, plain).length).toBeLessThan(1000);
        },
      ),
    );
  });
});
