import * as z from 'zod';
import { numberIn, type Writing } from '../providers/written-number.ts';
import { LongNumber } from '../runtime/exact-json.ts';
import { withoutValues } from '../runtime/personal-values.ts';
import { redact } from '../runtime/redact.ts';

/**
 * What a caller without access to personal data may see of a provider's reply: the documented members that hold nothing personal,
 * if their values are of the expected kind. Any other value of a documented member becomes null, so that a client's parser finds
 * the member. Undocumented members are left out, because their names may reveal as much as their values.
 */
export type Allowed =
  /** A number, or a text of digits. */
  | 'number'
  /** A status. A client's parser needs one, so this is always a text. */
  | 'status'
  /** A code rather than prose: a stock-keeping unit, a number with letters. */
  | 'code'
  /** A date, with or without a time; also in MongoDB's form. */
  | 'time'
  | 'boolean'
  /** The address of a picture, without its query and fragment. */
  | 'address'
  /** The name of goods. The order's own people, and texts that look like a telephone number or an address, are struck out. */
  | 'goods'
  /** A person or a place. The value is also struck out of the names of goods, and no code may contain it. */
  | 'personal'
  /** A text that somebody wrote, or that may be personal. */
  | 'prose'
  /** One of these texts, or a code. */
  | readonly string[]
  | { readonly object: Members }
  | { readonly listOf: Allowed };

export type Members = Readonly<Record<string, Allowed>>;

/** Returns members that are all of one kind. */
export function allOf(kind: Allowed, ...names: readonly string[]): Members {
  return Object.fromEntries(names.map((name) => [name, kind]));
}

/** Returns an order's documented members, in the order's own sequence. */
export function onlyAllowed(shown: Readonly<Record<string, unknown>>, members: Members): Record<string, unknown> {
  // A house number may be part of any other number.
  const personal = personalIn(shown, { object: members }).filter((text) => !/^\d{0,6}$/.test(text));
  return membersOf(shown, members, [...new Set(personal)]);
}

/** Returns every text in a member for a person or a place. */
function personalIn(value: unknown, allowed: Allowed): string[] {
  if (allowed === 'personal') return textsIn(value);
  if (typeof allowed === 'string' || typeof value !== 'object' || value === null) return [];
  if ('listOf' in allowed) return Object.values(value).flatMap((item) => personalIn(item, allowed.listOf));
  if (!('object' in allowed)) return [];
  return Object.entries(allowed.object).flatMap(([name, kind]) =>
    personalIn(record.safeParse(value).data?.[name], kind),
  );
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'object' && value !== null && !(value instanceof LongNumber))
    return Object.values(value).flatMap(textsIn);
  return typeof value === 'string' || isNumber(value) ? [String(value).trim()] : [];
}

function membersOf(
  shown: Readonly<Record<string, unknown>>,
  members: Members,
  personal: readonly string[],
): Record<string, unknown> {
  const documented = Object.entries(shown).flatMap(([name, member]): [string, unknown][] => {
    const allowed = Object.hasOwn(members, name) ? members[name] : undefined;
    return allowed === undefined ? [] : [[name, allowedOf(member, allowed, personal)]];
  });
  return Object.fromEntries(documented);
}

function allowedOf(value: unknown, allowed: Allowed, personal: readonly string[]): unknown {
  if (value === null) return null;
  if (typeof allowed === 'string') return ofKind(value, allowed, personal);
  if ('listOf' in allowed) return listOf(value, allowed.listOf, personal);
  if ('object' in allowed) {
    const shown = record.safeParse(value).data;
    return shown === undefined ? null : membersOf(shown, allowed.object, personal);
  }
  const word = typeof value === 'string' ? value.trim().toLowerCase() : null;
  return allowed.some((text) => text.toLowerCase() === word) ? value : ofKind(value, 'code', personal);
}

const KINDS = {
  number: /^(?:Rp\.?\s?)?-?\d{1,19}(?:[.,]\d{1,9}){0,5}$|^$/,
  /** One or more words. A later word that begins with a capital letter may be a name. */
  status:
    /^(?=.{1,60}$)\p{L}[\p{L}\p{M}\d]*(?:[_./-]+[\p{L}\p{M}\d]+| +[\p{Ll}\d][\p{L}\p{M}\d]*| +[\p{Lu}\d]{2,}(?![\p{L}\d]))*$/u,
  code: /^[\w#&+./-]{0,60}$/,
  address: /^https?:\/\/[\w.~:/?#&=%+-]{1,400}$|^$/,
  time: /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?\s?(?:Z|[+-]\d\d:?\d\d)?)?$|^$/,
};

function ofKind(value: unknown, kind: Extract<Allowed, string>, personal: readonly string[]): unknown {
  const isOwn = (text: string) => withoutValues(personal)(text) !== text;
  switch (kind) {
    case 'number':
      return (isNumber(value) || isLike(value, KINDS.number) || isWritten(value)) && !isOwn(String(value))
        ? value
        : null;
    case 'status':
      return isLike(value, KINDS.status) && redact(value) === value && !isOwn(value) ? value : '[redacted]';
    case 'code':
      return isNumber(value) || (isLike(value, KINDS.code) && isNobodys(value) && !isOwn(value)) ? value : null;
    case 'address':
      return isLike(value, KINDS.address) && !isOwn(value) ? value.replace(/[?#].*$/, '') : null;
    case 'time':
      return isLike(value, KINDS.time) || mongoTime.safeParse(value).success ? value : null;
    case 'boolean':
      return typeof value === 'boolean' || [0, 1, '0', '1'].some((bit) => bit === value) ? value : null;
    case 'goods':
      return typeof value === 'string' ? redact(withoutValues(personal)(value)) : isNumber(value) ? value : null;
    case 'personal':
    case 'prose':
      return null;
  }
}

const mongoTime = z.strictObject({
  $date: z.union([
    z.string().regex(KINDS.time),
    z.strictObject({ $numberLong: z.union([z.int(), z.instanceof(LongNumber), z.string().regex(/^-?\d{1,19}$/)]) }),
  ]),
});
const record = z.record(z.string(), z.unknown());

function isNumber(value: unknown): value is number | LongNumber {
  return typeof value === 'number' || value instanceof LongNumber;
}

function isLike(value: unknown, pattern: RegExp): value is string {
  return typeof value === 'string' && pattern.test(value);
}

/** Whether we can read the text as an amount. */
function isWritten(value: unknown): boolean {
  return typeof value === 'string' && typeof numberIn(value, AMOUNTS) === 'number';
}
const AMOUNTS: Writing = { currency: /R\$|BRL|Rp\.?|IDR/, dotPartsThousands: () => true };

/** A code of only letters and digits may look like a bare telephone number; one with the punctuation of a telephone number is one. */
function isNobodys(code: string): boolean {
  return /^[A-Za-z\d]*$/.test(code) || redact(code) === code;
}

/** Reads a list, which may be an object with numeric keys, as PHP writes one that was filtered. */
function listOf(value: unknown, one: Allowed, personal: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => allowedOf(item, one, personal));
  const items = Object.entries(record.safeParse(value).data ?? { none: null });
  if (!items.every(([key]) => /^\d{1,9}$/.test(key))) return null;
  return Object.fromEntries(items.map(([key, item]) => [key, allowedOf(item, one, personal)]));
}
