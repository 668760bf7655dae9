import { createHash } from 'node:crypto';
import * as z from 'zod';
import { InvalidInput } from './errors.ts';

/**
 * A list's place to go on from, opaque to callers: base64url over JSON, bound to the filters of the query that it came from.
 * It grants nothing: whoever makes one up only chooses where to begin.
 */
export function encodeCursor(filters: unknown, place: unknown): string {
  return Buffer.from(JSON.stringify({ filters: digestOf(filters), place })).toString('base64url');
}

/** Throws `InvalidInput` naming `cursor`. */
export function decodeCursor<Place>(cursor: string, filters: unknown, place: z.ZodType<Place>): Place {
  const parsed = z.object({ filters: z.string(), place }).safeParse(jsonOf(cursor));
  if (!parsed.success) throw invalidCursor('is not a cursor of this list');
  if (parsed.data.filters !== digestOf(filters)) throw invalidCursor('belongs to a list with other filters');
  return parsed.data.place;
}

export function invalidCursor(message: string): InvalidInput {
  return new InvalidInput([{ field: 'cursor', message }]);
}

function jsonOf(cursor: string): unknown {
  if (!/^[\w-]{1,2000}$/.test(cursor)) return null;
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as unknown;
  } catch {
    return null;
  }
}

function digestOf(filters: unknown): string {
  return createHash('sha256').update(JSON.stringify(filters)).digest('base64url').slice(0, 16);
}
