import { RE2JS } from 're2js';
import { SearchGivenUp } from './errors.ts';

/** Shopify's longest texts, an order's tags and note, are shorter. */
const LONGEST_TEXT = 20_000;
/** Each match may read the whole text again; an order id is in it once or twice. */
const MOST_MATCHES = 20;
/** The work for each character grows with the program. A pattern for an id has about 50 instructions. */
const LARGEST_PROGRAM = 250;
/**
 * The most characters times instructions for one text: some seconds on a slow machine. A shop waits five seconds. One search of the longest
 * text with the largest pattern is within it.
 */
const MOST_WORK = 5_000_000;

/**
 * Returns what is wrong with an operator's pattern; null if it can be used. Patterns have RE2's syntax and run in time linear in
 * the text: a pattern that would take JavaScript's engine hours must not prevent the cancelling of a shop's order.
 * https://github.com/google/re2/wiki/Syntax
 */
export function problemOfPattern(pattern: string): string | null {
  try {
    const compiled = compile(pattern);
    if (compiled.groupCount() !== 1) return 'must have exactly one group, the order id';
    return compiled.programSize() > LARGEST_PROGRAM ? 'is too large: use fewer repetitions' : null;
  } catch {
    return 'is not a regular expression in RE2 syntax, without look-ahead, look-behind and back-references';
  }
}

/**
 * Returns the distinct texts that the pattern's group matches in the text. Throws {@link SearchGivenUp} if the text is longer, or
 * the pattern matches more often, than can be searched in the time that a shop waits.
 */
export function groupsIn(text: string, pattern: string): ReadonlySet<string> {
  if (text.length > LONGEST_TEXT) throw new SearchGivenUp('The text is too long.');
  const found = new Set<string>();
  const compiled = compile(pattern);
  const matcher = compiled.matcher(text);
  const workOfAMatch = text.length * compiled.programSize();
  for (let matches = 0; matcher.find(); matches += 1) {
    if (matches >= MOST_MATCHES) throw new SearchGivenUp('The pattern matches too often.');
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
