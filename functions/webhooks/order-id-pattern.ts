import { RE2JS } from 're2js';
import { SearchGivenUp } from './errors.ts';

/** Shopify's longest texts, an order's tags and its note, are shorter. */
const LONGEST_TEXT = 20_000;
/** Each match may read the whole text anew, and an order's id stands in it once or twice. */
const MOST_MATCHES = 20;
/** The work for each character grows with the program. A pattern for an id has some 50 instructions. */
const LARGEST_PROGRAM = 250;
/** Characters times instructions that one text may cost: some seconds on a slow machine, where a shop waits for five. One search through the longest text by the largest pattern is within it. */
const MOST_WORK = 5_000_000;

/**
 * What is wrong with an operator's pattern; null where it can be used. Patterns are RE2's, whose time is linear in the text: one
 * that JavaScript's engine would follow for hours must not keep a shop's order from being cancelled.
 * https://github.com/google/re2/wiki/Syntax
 */
export function problemOfPattern(pattern: string): string | null {
  try {
    const compiled = compile(pattern);
    if (compiled.groupCount() !== 1) return 'must have one group, the order id';
    return compiled.programSize() > LARGEST_PROGRAM ? 'is too large: repeat less in it' : null;
  } catch {
    return 'is not a regular expression as RE2 has them, without look-ahead, look-behind and back-references';
  }
}

/**
 * What the pattern's group holds wherever the pattern fits the text, each text once. Throws {@link SearchGivenUp} where the text is
 * longer, or fits more often, than can be looked through in the time that a shop waits.
 */
export function groupsIn(text: string, pattern: string): ReadonlySet<string> {
  if (text.length > LONGEST_TEXT) throw new SearchGivenUp('The text is too long.');
  const found = new Set<string>();
  const compiled = compile(pattern);
  const matcher = compiled.matcher(text);
  const workOfAMatch = text.length * compiled.programSize();
  for (let matches = 0; matcher.find(); matches += 1) {
    if (matches >= MOST_MATCHES) throw new SearchGivenUp('The pattern fits too often.');
    if ((matches + 2) * workOfAMatch > MOST_WORK) {
      throw new SearchGivenUp('The pattern costs too much in a text of this length.');
    }
    const group: unknown = matcher.group(1);
    if (typeof group === 'string') found.add(group);
  }
  return found;
}

function compile(pattern: string): RE2JS {
  return RE2JS.compile(RE2JS.translateRegExp(pattern));
}
