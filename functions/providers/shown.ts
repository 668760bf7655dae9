import * as z from 'zod';
import { LongNumber } from '../runtime/exact-json.ts';
import type { Warning } from './provider.ts';

/**
 * What a provider shows in a field: a value; null if it shows none; or `Unread` if something is there that cannot be read with
 * certainty (design, promise 5).
 */
export type Shown<Value> = Value | null | Unread;

/** A value that is present but unreadable. It keeps the raw value, so that the order's version changes with it. */
export class Unread {
  readonly shown: unknown;

  constructor(shown: unknown) {
    this.shown = shown;
  }
}

/** Returns the value; null if there is none or it is unreadable. */
export function valueOf<Value>(shown: Shown<Value>): Value | null {
  return shown instanceof Unread ? null : shown;
}

/** Reads an order's fields and collects the names, in our words, of those that are unreadable. */
export interface Reading {
  /** Returns the value or null, and notes the field if it is unreadable. */
  readonly told: <Value>(field: string, shown: Shown<Value>) => Value | null;
  /** Returns the member `unread` of the result; empty if every field was readable. */
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

/** Warns, for a dry run, of unreadable fields: their values may be reasons against the ask. */
export function unreadWarnings({ unread = [] }: { unread?: readonly string[] }): Warning[] {
  if (unread.length === 0) return [];
  return [
    {
      code: 'not_readable',
      text: `These fields could not be read and may be a reason against it: ${unread.join(', ')}.`,
    },
  ];
}

/** An id: digits, sent as a number or a string, and kept digit by digit. */
export const idSchema = z
  .union([z.int(), z.string(), z.instanceof(LongNumber)])
  .transform(String)
  .pipe(z.string().regex(/^\d+$/));

/** Reads a text and trims it; a number becomes its digits. */
export function textIn(value: unknown): Shown<string> {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' || typeof value === 'number' || value instanceof LongNumber) {
    return String(value).trim() || null;
  }
  return new Unread(value);
}

/** A schema for an object's member that may have any type or be missing; `read` converts it. */
export function shownAs<Read>(read: (value: unknown) => Read) {
  return z.unknown().optional().transform(read);
}

/** Reads telephone numbers: a list of them, or a single one. */
export function phonesIn(value: unknown): Shown<readonly string[]> {
  const one = textIn(value);
  if (!(one instanceof Unread)) return one === null ? null : [one];
  const phones = valueOf(listIn(value, shownAs(textIn)));
  if (phones === null || phones.some((phone) => phone instanceof Unread)) return one;
  return phones.flatMap((phone) => valueOf(phone) ?? []);
}

/**
 * Reads a list's members. A list may be an object with numeric keys, as PHP writes one that was filtered; its members are in the
 * order of the keys. A list with an unreadable member is unreadable, and so is `{}`: PHP writes an empty list as `[]`.
 */
export function listIn<Member>(value: unknown, member: z.ZodType<Member>): Shown<readonly Member[]> {
  if (value === undefined || value === null) return null;
  const members = membersOf(value);
  const parsed = members === null ? undefined : z.array(member).safeParse(members).data;
  return parsed ?? new Unread(value);
}

/** Returns a list's members as received; null if the value is neither a list nor an object with numeric keys. `{}` may not be a list. */
export function membersOf(value: unknown): readonly unknown[] | null {
  if (Array.isArray(value)) return value.map((one: unknown) => one);
  if (typeof value !== 'object' || value === null || value instanceof LongNumber) return null;
  const entries = Object.entries(value);
  if (entries.length === 0 || !entries.every(([key]) => /^\d+$/.test(key))) return null;
  return entries.sort(([a], [b]) => Number(a) - Number(b)).map(([, one]: [string, unknown]) => one);
}

const DEEPEST = 8;
/** A smaller number is a house number rather than a person's, and any text may contain it. */
const SMALLEST_NUMBER = 100_000;

/** Returns every text and number inside a value of any form, so that personal values can be struck out of a provider's words. */
export function textsWithin(value: unknown, depth = DEEPEST): string[] {
  const text = textIn(value);
  if (typeof value === 'number' && Math.abs(value) < SMALLEST_NUMBER) return [];
  if (typeof text === 'string') return [text];
  if (depth === 0 || typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap((member) => textsWithin(member, depth - 1));
}
