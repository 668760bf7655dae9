import * as z from 'zod';
import { LongNumber } from '../../runtime/exact-json.ts';
import { redact } from '../../runtime/redact.ts';

/**
 * What of a provider's reply a caller may see who may see nothing personal: the members that its documentation has and that hold
 * nothing personal, as values of their kind. Every other value is null where the documentation has the member, so that a client's
 * parser finds what it looks for; members that it does not have are left out, for their names may tell as much as their values.
 */
export type Allowed =
  /** A number, or digits. */
  | 'number'
  /** A code that is no text: a status, a stock-keeping unit, a number with letters. */
  | 'code'
  /** A date, or a date with a time; MongoDB's form too. */
  | 'time'
  | 'boolean'
  /** Of a picture. */
  | 'address'
  /** What goods are called, numbers and addresses of people struck out. */
  | 'goods'
  /** A person, a place, or what somebody wrote. */
  | 'personal'
  /** One of these texts, or a code. */
  | readonly string[]
  | { readonly object: Members }
  | { readonly listOf: Allowed };

export type Members = Readonly<Record<string, Allowed>>;

/** Members that are all of one kind. */
export function allOf(kind: Allowed, ...names: readonly string[]): Members {
  return Object.fromEntries(names.map((name) => [name, kind]));
}

/** The documented members of an object, in the object's own order. */
export function onlyAllowed(shown: Readonly<Record<string, unknown>>, members: Members): Record<string, unknown> {
  const documented = Object.entries(shown).flatMap(([name, member]): [string, unknown][] => {
    const allowed = Object.hasOwn(members, name) ? members[name] : undefined;
    return allowed === undefined ? [] : [[name, allowedOf(member, allowed)]];
  });
  return Object.fromEntries(documented);
}

function allowedOf(value: unknown, allowed: Allowed): unknown {
  if (value === null) return null;
  if (typeof allowed === 'string') return ofKind(value, allowed);
  if ('listOf' in allowed) return listOf(value, allowed.listOf);
  if ('object' in allowed) {
    const shown = record.safeParse(value).data;
    return shown === undefined ? null : onlyAllowed(shown, allowed.object);
  }
  return allowed.some((text) => text === value) ? value : ofKind(value, 'code');
}

const KINDS = {
  number: /^(?:Rp\.?\s?)?-?\d{1,19}(?:[.,]\d{1,9}){0,5}$|^$/,
  code: /^[\w#&+./-]{0,60}$/,
  address: /^https?:\/\/[\w.~:/?#&=%+-]{1,400}$|^$/,
  time: /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?\s?(?:Z|[+-]\d\d:?\d\d)?)?$|^$/,
};

function ofKind(value: unknown, kind: Extract<Allowed, string>): unknown {
  switch (kind) {
    case 'number':
      return isNumber(value) || isLike(value, KINDS.number) ? value : null;
    case 'code':
      return isNumber(value) || (isLike(value, KINDS.code) && isNobodys(value)) ? value : null;
    case 'address':
      return isLike(value, KINDS.address) ? value : null;
    case 'time':
      return isLike(value, KINDS.time) || mongoTime.safeParse(value).success ? value : null;
    case 'boolean':
      return typeof value === 'boolean' || value === 0 || value === 1 ? value : null;
    case 'goods':
      return typeof value === 'string' ? redact(value) : isNumber(value) ? value : null;
    case 'personal':
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

/** A code of letters and digits may look like a bare telephone number; one that has the punctuation of one is one. */
function isNobodys(code: string): boolean {
  return /^[A-Za-z\d]*$/.test(code) || redact(code) === code;
}

/** A list; as an object by number too, which is what PHP makes of one that was filtered. */
function listOf(value: unknown, one: Allowed): unknown {
  if (Array.isArray(value)) return value.map((item) => allowedOf(item, one));
  const items = Object.entries(record.safeParse(value).data ?? { none: null });
  if (!items.every(([key]) => /^\d{1,9}$/.test(key))) return null;
  return Object.fromEntries(items.map(([key, item]) => [key, allowedOf(item, one)]));
}
