/** In UTF-16 units: longer than any emoji. What is longer (a letter with a hundred accents) is cut by code points. */
const LONGEST_CHARACTER = 40;

let segmenter: Intl.Segmenter | undefined;

/**
 * The beginning of a text, of at most `most` UTF-16 units, by whole characters as people see them: no half of an emoji, no letter
 * without its accent. Half a surrogate pair, which no database takes, becomes U+FFFD. Cut after redaction, never before: a number
 * that lost its end has no shape to strike out by.
 */
export function cut(text: string, most: number): string {
  const whole = text.toWellFormed();
  if (whole.length <= most) return whole;
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  const across = segmenter.segment(whole.slice(0, most + LONGEST_CHARACTER + 1)).containing(most);
  const end = across === undefined || across.segment.length > LONGEST_CHARACTER ? most : across.index;
  // Where one character alone is too long: not through a surrogate pair.
  return whole.slice(0, end).replace(/[\ud800-\udbff]$/, '');
}
