import * as z from 'zod';
import type { AccessToken } from '../access/tokens.ts';
import type { Scope } from '../access/scopes.ts';
import { AccessDenied, AccessUnknown, TokenRequired } from './errors.ts';

/** The holder of the access token that a request carries. */
export interface Caller {
  readonly name: string;
  readonly scopes: readonly string[];
  /** The only connections that the caller may see or touch; null means all. */
  readonly connections: readonly string[] | null;
}

/** The caller of a route that needs no token. */
export const NOBODY: Caller = { name: 'nobody', scopes: [], connections: [] };

/** Why the caller is not known. `unavailable`: the tokens could not be read. */
export type Stranger = 'missing' | 'unknown' | 'expired' | 'revoked' | 'unavailable';

/**
 * What the authorizer passes to the functions. An HTTP API cannot shape its own 401 and 403, so the authorizer lets every request
 * pass and names the caller; each function refuses for itself. Flat texts are the only form that every authorizer context keeps.
 */
const contextSchema = z.union([
  z.object({ stranger: z.enum(['missing', 'unknown', 'expired', 'revoked', 'unavailable']) }),
  z.object({ name: z.string(), scopes: z.string(), connections: z.optional(z.string()) }),
]);
export type AuthorizerContext = z.infer<typeof contextSchema>;

export function contextOf(token: AccessToken): AuthorizerContext {
  return {
    name: token.name,
    scopes: token.scopes.join(' '),
    ...(token.connections && { connections: token.connections.join(' ') }),
  };
}

/**
 * Returns the caller, if the token allows the scope. Throws `TokenRequired`, `AccessDenied` or `AccessUnknown`. It also throws if no
 * authorizer ran, so that a route deployed without one stays shut.
 */
export function admit(authorizerContext: unknown, scope: Scope): Caller {
  const context = contextSchema.safeParse(authorizerContext).data ?? { stranger: 'missing' as const };
  if ('stranger' in context) {
    if (context.stranger === 'unavailable') throw new AccessUnknown();
    throw new TokenRequired(context.stranger);
  }
  const caller: Caller = {
    name: context.name,
    scopes: wordsOf(context.scopes),
    connections: context.connections === undefined ? null : wordsOf(context.connections),
  };
  allow(scope, caller);
  return caller;
}

/** Throws `AccessDenied` when the caller's token does not have the scope. */
export function allow(scope: Scope, caller: Caller): void {
  if (!caller.scopes.includes(scope)) throw new AccessDenied(`This access token does not have the scope ${scope}.`);
}

/** Throws `AccessDenied` when the caller's token is for other connections, whether or not this one exists. */
export function admitTo(connection: string, caller: Caller): void {
  if (caller.connections !== null && !caller.connections.includes(connection)) {
    throw new AccessDenied('This access token is for other connections.');
  }
}

function wordsOf(text: string): string[] {
  return text.split(' ').filter((word) => word !== '');
}
