import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { spellingOf, spelt, struck, writtenOf } from '../../functions/runtime/spelling.ts';

const piece = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '%C3%A9',
    '%25',
    '%zz',
    '&amp;#233;',
    '&eacute;',
    '&valueOf;',
    '&#0;',
    '\\u00e9',
    '\\/',
    'ß',
    'ﬁ',
    '\u200b',
    '\ud83d',
  ),
);

describe('a spelling', () => {
  it('keeps the text as it was written, and is the same with and without keeping it', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        expect(writtenOf(spellingOf(text))).toBe(text);
        expect(spellingOf(text).text.trimStart()).toBe(spelt(text).trimStart());
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ['Jo&atilde;o', 'Joao'],
    ['Jo%C3%A3o', 'Joao'],
    ['Jo%25C3%25A3o', 'Joao'],
    ['Jo\\u00e3o', 'Joao'],
    ['Joa\u0303o', 'Joao'],
    ['ＪＯÃＯ', 'JOAO'],
    ['5\u20112\u00a0–\u200b１', '5-2 -1'],
    ['&valueOf;&constructor;', '&valueOf;&constructor;'],
  ])('of %j is %j', (text, expected) => {
    expect(spellingOf(text).text).toBe(expected);
  });

  it('loses whole characters only, one beside the other too', () => {
    expect(writtenOf(struck(spellingOf('de Großmann!'), /gros|smann/gi))).toBe('de [redacted][redacted]!');
    expect(writtenOf(struck(spellingOf('ßa'), /sa/g))).toBe('[redacted]');
  });
});
