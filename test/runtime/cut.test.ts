import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { cut } from '../../functions/runtime/cut.ts';

const FAMILY = '👨‍👩‍👧‍👦';

describe('a text that is cut', () => {
  it.each([
    ['is whole where it fits', 'não', 3, 'não'],
    ['keeps a letter and its accent together', 'xe\u0301', 2, 'x'],
    ['keeps both halves of an emoji together', 'xx😀', 3, 'xx'],
    ['keeps a family together', `x${FAMILY}`, 8, 'x'],
    ['keeps both letters of a flag together', '🇧🇷🇮🇩', 6, '🇧🇷'],
    ['keeps a line break together', 'x\r\ny', 2, 'x'],
    ['has U+FFFD for half an emoji, also where it fits', 'a\ud83d b\ude00', 5, 'a\ufffd b\ufffd'],
    [
      'is cut by code points where one letter has a hundred accents',
      `e${'\u0301'.repeat(100)}`,
      50,
      `e${'\u0301'.repeat(49)}`,
    ],
    ['is empty where there is no room', 'x', 0, ''],
  ])('%s', (_, text, most, expected) => {
    expect(cut(text, most)).toBe(expected);
  });

  it('is the beginning of the whole one, as long as can be, and well-formed', () => {
    const unit = fc.oneof(
      fc.constantFrom(FAMILY, 'e\u0301', '😀', 'x', '\ud83d', '\ude00', '🇧🇷'),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 30 }), fc.nat(100), (units, most) => {
        const text = units.join('');
        const kept = cut(text, most);
        expect(kept.isWellFormed()).toBe(true);
        expect(text.toWellFormed().startsWith(kept)).toBe(true);
        expect(kept.length).toBeLessThanOrEqual(most);
        expect(kept.length).toBeGreaterThanOrEqual(Math.min(text.length, most - 40));
      }),
    );
  });
});
