import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** A message as the Standard Webhooks specification signs it. */
export interface StandardMessage {
  /** The headers `webhook-id`, `webhook-timestamp` (seconds since 1970) and `webhook-signature`, as received. */
  readonly id: string;
  readonly timestamp: string;
  readonly signatures: string;
  /** The bytes as received. */
  readonly body: Uint8Array;
}

/**
 * The most by which the sender's clock and ours may differ, in either direction (five minutes inclusive, as in the reference
 * implementations).
 */
const TOLERANCE_SECONDS = 300;
const SECRET_PREFIX = 'whsec_';

/**
 * Whether one of the message's signatures is made with the secret (`whsec_` and base64, or base64 alone). Signatures of versions
 * other than `v1` do not count. https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function isStandardSignature(secret: string, { id, timestamp, signatures, body }: StandardMessage): boolean {
  const signature = createHmac('sha256', standardKey(secret)).update(`${id}.${timestamp}.`).update(body);
  // Compared as text: a different text that decodes to the same bytes is not the sender's.
  const expected = `v1,${signature.digest('base64')}`;
  return signatures.split(' ').filter((candidate) => isSame(candidate, expected)).length > 0;
}

/** Returns the key that a Standard Webhooks secret encodes. */
export function standardKey(secret: string): Buffer {
  return Buffer.from(secret.startsWith(SECRET_PREFIX) ? secret.slice(SECRET_PREFIX.length) : secret, 'base64');
}

/** Whether a timestamp (whole seconds, digits only) is close enough to `now` (epoch milliseconds). */
export function isInTime(timestamp: string, now: number): boolean {
  return Math.abs(Math.floor(now / 1000) - Number(timestamp)) <= TOLERANCE_SECONDS;
}

/**
 * Whether `X-Shopify-Hmac-Sha256` is the body's: the base64 of its HMAC-SHA256 with the app's client secret.
 * https://shopify.dev/docs/apps/build/webhooks/verify-deliveries
 */
export function isShopifySignature(secret: string, { hmac, body }: { hmac: string; body: Uint8Array }): boolean {
  return isSame(hmac, createHmac('sha256', secret).update(body).digest('base64'));
}

/** Compares in a time that reveals nothing about either text, not even its length. */
export function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
