import { jsonOf, type HttpReply } from './http-client.ts';

/** Longer than what is kept of them in the end: personal values are struck out first, and must not be cut before that. */
const LONGEST_WORDS = 2_000;
const LONGEST_BODY = 20_000;
const DEEPEST = 6;

/** Where providers put what they have to say, in the order in which it is looked for. */
const KEYS = ['errors', 'error', 'messages', 'message', 'response'] as const;

/**
 * What a provider said in refusing, as one line of plain text of at most 2,000 characters; `HTTP 422` where it said nothing.
 *
 * The shapes are not documented, so all are taken that siblings of the providers use: a string, strings, an object of
 * strings by field (`base` is no field), arrays of such objects, `{ messages: {…} }`, plain text, an HTML page, nothing.
 */
export function wordsOf(reply: Pick<HttpReply, 'status' | 'body'>): string {
  const json = jsonOf(reply.body);
  const words = plainText(json === undefined ? reply.body : textsIn(said(json), DEEPEST).join('; '));
  return words === '' ? `HTTP ${reply.status}` : words;
}

/** Whether a body says that something is wrong by having `errors` in it, whatever its HTTP status. */
export function hasErrors(json: unknown): boolean {
  return isObject(json) && (textsIn(json['errors'], DEEPEST).length > 0 || textsIn(json['error'], DEEPEST).length > 0);
}

/** Text without HTML tags (Estoka's messages have them) and without line breaks, cut at 2,000 characters. */
export function plainText(text: string): string {
  const line = text
    .slice(0, LONGEST_BODY)
    .replace(/<(script|style|head)\b[^]*?<\/\1\s*>/gi, ' ')
    .replace(/<[a-z/!?][^<>]*>/gi, ' ')
    // What is left of a tag without an end, or of tags within a tag.
    .replace(/<+(?=[a-z/!?])/gi, '')
    .replace(/(&nbsp;|[\s\p{Cc}])+/gu, ' ')
    .trim();
  if (line.length <= LONGEST_WORDS) return line;
  // A cut through a surrogate pair would leave half a character.
  return `${line.slice(0, LONGEST_WORDS - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

function said(json: unknown): unknown {
  if (!isObject(json)) return json;
  return KEYS.map((key) => json[key]).find((value) => textsIn(value, DEEPEST).length > 0);
}

function textsIn(value: unknown, depth: number): string[] {
  if (depth === 0) return [];
  if (typeof value === 'string') return value.trim() === '' ? [] : [value];
  if (typeof value === 'number') return [String(value)];
  if (Array.isArray(value)) return value.flatMap((item) => textsIn(item, depth - 1));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([field, item]) => {
    const texts = textsIn(item, depth - 1);
    const isLabel = field !== 'base' && field !== 'messages' && !/^\d+$/.test(field);
    return isLabel && texts.length > 0 ? [`${field}: ${texts.join(', ')}`] : texts;
  });
}

/** Whether there is text anywhere in a value, some levels deep: names of fields, codes and counts are none. */
export function hasText(value: unknown, depth = DEEPEST): boolean {
  if (depth === 0) return false;
  if (typeof value === 'string') return /\p{L}/u.test(value);
  return typeof value === 'object' && value !== null && Object.values(value).some((item) => hasText(item, depth - 1));
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
