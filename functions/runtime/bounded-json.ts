import { JsonTooDeep } from './errors.ts';

/** Deeper than any provider, shop or caller nests, and shallow enough for code that reads values by recursion (zod, `JSON.stringify`). */
const DEEPEST = 100;

/**
 * Reads JSON that somebody else wrote; no other function here does. Skips a byte order mark at the beginning. `reviver` is that of
 * `JSON.parse`. Throws `SyntaxError` if the text is not JSON, and {@link JsonTooDeep} if it nests deeper than recursion can follow.
 */
export function parseBoundedJson(text: string, reviver?: Parameters<typeof JSON.parse>[1]): unknown {
  if (isTooDeep(text)) throw new JsonTooDeep();
  return JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text, reviver) as unknown;
}

/** Counts brackets in the text, so that nothing recurses before the depth is known. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  let isInString = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (character === '"') isInString = !isInString;
    else if (isInString) index += character === '\\' ? 1 : 0;
    else if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') depth -= 1;
    if (depth > DEEPEST) return true;
  }
  return false;
}
