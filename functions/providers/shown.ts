import * as z from 'zod';
import { LongNumber } from '../runtime/exact-json.ts';
import type { Warning } from './provider.ts';

/**
 * What a provider shows under a name: a value; null where it shows none; or something that cannot be read with certainty, which is
 * neither (design, promise 5).
 */
export type Shown<Value> = Value | null | Unread;

/** Something that is there and cannot be read. It keeps what that is, so that a version changes with it. */
export class Unread {
  readonly shown: unknown;

  constructor(shown: unknown) {
    this.shown = shown;
  }
}

/** The value, where there is one that could be read. */
export function valueOf<Value>(shown: Shown<Value>): Value | null {
  return shown instanceof Unread ? null : shown;
}

/** What was read of an order, and, by our names of them, the fields that could not be. */
export interface Reading {
  /** The value, or null; a field that could not be read is noted. */
  readonly told: <Value>(field: string, shown: Shown<Value>) => Value | null;
  /** The member `unread` of what was read; none where all of it could be. */
  readonly unread: () => { unread?: readonly string[] };
}

export function newReading(): Reading {
  const names = new Set<string>();
  return {
    told: (field, shown) => {
      if (shown instanceof Unread) names.add(field);
      return valueOf(shown);
    },
    unread: () => (names.size === 0 ? {} : { unread: [...names] }),
  };
}

/** What a dry run says of fields that could not be read: what they hold may speak against the ask. */
export function unreadWarnings({ unread = [] }: { unread?: readonly string[] }): Warning[] {
  if (unread.length === 0) return [];
  return [{ code: 'not_readable', text: `Could not be read, and may speak against it too: ${unread.join(', ')}.` }];
}

/** An id: digits, sent as a number or as a text, and kept digit by digit. */
export const idSchema = z
  .union([z.int(), z.string(), z.instanceof(LongNumber)])
  .transform(String)
  .pipe(z.string().regex(/^\d+$/));

/** A text without white space around it; a number is its digits. */
export function textIn(value: unknown): Shown<string> {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' || typeof value === 'number' || value instanceof LongNumber) {
    return String(value).trim() || null;
  }
  return new Unread(value);
}

/** A member of an object, of any type and perhaps missing, as it is read. */
export function shownAs<Read>(read: (value: unknown) => Read) {
  return z.unknown().optional().transform(read);
}

/** Telephone numbers: a list of them, or one. */
export function phonesIn(value: unknown): Shown<readonly string[]> {
  const one = textIn(value);
  if (!(one instanceof Unread)) return one === null ? null : [one];
  const phones = valueOf(listIn(value, shownAs(textIn)));
  if (phones === null || phones.some((phone) => phone instanceof Unread)) return one;
  return phones.flatMap((phone) => valueOf(phone) ?? []);
}

/**
 * The members of a list. A list may come as an object with numbers for keys, as PHP writes one that was filtered: in the order of
 * its keys. A list with a member that cannot be read is none that can, and neither is `{}`: PHP writes an empty list as `[]`.
 */
export function listIn<Member>(value: unknown, member: z.ZodType<Member>): Shown<readonly Member[]> {
  if (value === undefined || value === null) return null;
  const members = membersOf(value);
  const parsed = members === null ? undefined : z.array(member).safeParse(members).data;
  return parsed ?? new Unread(value);
}

/** As they came; null where it is neither a list nor an object that is one, as `{}` may not be. */
export function membersOf(value: unknown): readonly unknown[] | null {
  if (Array.isArray(value)) return value.map((one: unknown) => one);
  if (typeof value !== 'object' || value === null || value instanceof LongNumber) return null;
  const entries = Object.entries(value);
  if (entries.length === 0 || !entries.every(([key]) => /^\d+$/.test(key))) return null;
  return entries.sort(([a], [b]) => Number(a) - Number(b)).map(([, one]: [string, unknown]) => one);
}

const DEEPEST = 8;
/** A smaller number is of a house rather than a person's, and any text may hold it. */
const SMALLEST_NUMBER = 100_000;

/** Every text and number within, whatever its form: to strike personal values out of a provider's words. */
export function textsWithin(value: unknown, depth = DEEPEST): string[] {
  const text = textIn(value);
  if (typeof value === 'number' && Math.abs(value) < SMALLEST_NUMBER) return [];
  if (typeof text === 'string') return [text];
  if (depth === 0 || typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap((member) => textsWithin(member, depth - 1));
}
