import { JsonTooDeep } from './errors.ts';

/** No provider, shop or caller nests as deep. What reads a value by recursion (zod, `JSON.stringify`) can bear it. */
const DEEPEST = 100;

/**
 * The one reader of JSON that others wrote. A byte order mark at its head is no part of it. Throws `SyntaxError` for what is no
 * JSON, and {@link JsonTooDeep} for what would end whoever reads it.
 */
export function parseJson(text: string): unknown {
  if (isTooDeep(text)) throw new JsonTooDeep();
  return JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text) as unknown;
}

/** Looked for in the text, before anything recurses over it. */
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
