import { createHmac } from 'node:crypto';

/**
 * Returns a version of what a provider shows of an order. It changes whenever anything shown changes. Keyed with the account's
 * credential, because an order's personal values could otherwise be found by trying (a telephone number has 10^8 possibilities).
 */
export function versionOf(shown: unknown, credential: string): string {
  return createHmac('sha256', credential).update(JSON.stringify(shown)).digest('base64url').slice(0, 32);
}
