import { createHash } from 'node:crypto';

/**
 * A digest that is equal for equal asks: same caller, same route with its parameters, same body whatever the order of its
 * keys. A key that comes back with another fingerprint came with another ask.
 */
export function fingerprintOf(ask: { caller: string; route: string; body: unknown }): string {
  return createHash('sha256')
    .update(canonical([ask.caller, ask.route, ask.body]))
    .digest('base64url');
}

/** JSON with the keys of every object in order. Members that JSON leaves out (undefined) are left out here too. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
