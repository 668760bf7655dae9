import { createHmac } from 'node:crypto';

/**
 * A version of what a provider shows of an order: it changes whenever anything of that changes. Keyed with the account's
 * credential, since an order holds personal values that could be found by trying (a telephone number has 10^8).
 */
export function versionOf(shown: unknown, credential: string): string {
  return createHmac('sha256', credential).update(JSON.stringify(shown)).digest('base64url').slice(0, 32);
}
