import { createHash } from 'node:crypto';
import * as z from 'zod';
import { InvalidIdempotencyKey } from './errors.ts';
import { fingerprintOf } from './fingerprint.ts';

const VISIBLE_ASCII = /^[\x21-\x7e]{1,255}$/;

/**
 * The header `Idempotency-Key`. The IETF draft (draft-ietf-httpapi-idempotency-key-header) writes it as a quoted string, but most clients
 * send it without quotes; both name the same key.
 */
export const idempotencyKeySchema = z
  .string()
  .trim()
  .transform((text) => /^"(.*)"$/.exec(text)?.[1] ?? text)
  .pipe(z.string().regex(VISIBLE_ASCII));

/** Returns the key that a caller sent, or null if none was sent. Throws {@link InvalidIdempotencyKey}. */
export function parseIdempotencyKey(header: string | undefined): string | null {
  if (header === undefined) return null;
  const parsed = idempotencyKeySchema.safeParse(header);
  if (!parsed.success) throw new InvalidIdempotencyKey();
  return parsed.data;
}

/** Returns an ask's key as it is stored, and the ask's fingerprint; null if no key was sent. Throws {@link InvalidIdempotencyKey}. */
export function keyClaimOf(
  header: string | undefined,
  ask: { caller: string; route: string; body: unknown },
): { key: string; fingerprint: string } | null {
  const key = parseIdempotencyKey(header);
  return key === null ? null : { key: scopedKey(ask.caller, key), fingerprint: fingerprintOf(ask) };
}

/**
 * Returns the key as it is stored: scoped to its caller, so that two callers' keys never collide, and hashed, because callers put
 * anything into keys (an e-mail address, say) and the table must not hold it.
 */
export function scopedKey(caller: string, key: string): string {
  return createHash('sha256')
    .update(JSON.stringify([caller, key]))
    .digest('base64url');
}
