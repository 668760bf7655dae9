import { createHash } from 'node:crypto';
import { canonicalJson } from '../runtime/canonical-json.ts';

/**
 * Returns a digest that is equal for equal asks: same caller, same route with its parameters, and same body in any order of its keys.
 * A key that comes back with another fingerprint was used for another ask.
 */
export function fingerprintOf(ask: { caller: string; route: string; body: unknown }): string {
  return createHash('sha256')
    .update(canonicalJson([ask.caller, ask.route, ask.body]))
    .digest('base64url');
}
