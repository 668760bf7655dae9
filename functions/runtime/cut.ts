/** In UTF-16 units: longer than any emoji. A longer character (a letter with a hundred accents) is cut between code points. */
const LONGEST_CHARACTER = 40;

let segmenter: Intl.Segmenter | undefined;

/**
 * Returns the beginning of a text, at most `most` UTF-16 units, cut between characters as people see them: an emoji is never halved,
 * a letter keeps its accent. Half a surrogate pair, which no database takes, becomes U+FFFD. Cut after redaction, never before:
 * redaction does not recognise a number that lost its end.
 */
export function cut(text: string, most: number): string {
  const whole = text.toWellFormed();
  if (whole.length <= most) return whole;
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  const across = segmenter.segment(whole.slice(0, most + LONGEST_CHARACTER + 1)).containing(most);
  const end = across === undefined || across.segment.length > LONGEST_CHARACTER ? most : across.index;
  // If one character alone was too long, the cut may have halved a surrogate pair: drop that half.
  return whole.slice(0, end).replace(/[\ud800-\udbff]$/, '');
}
