import * as z from 'zod';

/** Returns the schema of a list's `limit`: a whole number from 1 to `most`. */
export function limitUpTo(most: number) {
  const error = `must be a whole number from 1 to ${most}`;
  return z.coerce.number<string>({ error }).int().min(1).max(most);
}
