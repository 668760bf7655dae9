import * as z from 'zod';
import { isLive, type AccessTokens } from './access/tokens.ts';
import { onColdStart } from './assembly/cold-start.ts';
import { partsFor } from './assembly/parts.ts';
import { contextOf, type AuthorizerContext, type Stranger } from './http/caller.ts';
import type { Clock } from './runtime/clock.ts';
import type { InvocationLogger } from './runtime/logger.ts';

export interface AuthorizeNeeds {
  readonly accessTokens: Pick<AccessTokens, 'find'>;
  readonly clock: Clock;
  readonly log: InvocationLogger;
}

const eventSchema = z.object({
  headers: z.record(z.string(), z.optional(z.string())).nullish(),
  requestContext: z.object({ requestId: z.string() }),
});

/** RFC 6750. The letter case of a scheme does not matter (RFC 9110, 11.1). */
const BEARER = /^bearer +([\x21-\x7e]{1,512}) *$/i;
/** Rails' token scheme, in which integrations with Estoka send their token. */
const RAILS = /^token +token=("?)([\x21\x23-\x2b\x2d-\x7e]{1,512})\1 *$/i;

/** Identifies the caller by the access token of the request, or says why there is no known caller. */
export async function authorize(
  authorization: string | undefined,
  { accessTokens, clock, log }: AuthorizeNeeds,
): Promise<AuthorizerContext> {
  const stranger = (why: Stranger): AuthorizerContext => ({ stranger: why });
  if (authorization === undefined || authorization.trim() === '') return stranger('missing');

  const presented = authorization.trim();
  const token = BEARER.exec(presented)?.[1] ?? RAILS.exec(presented)?.[2];
  if (token === undefined) return stranger('unknown');
  try {
    const record = await accessTokens.find(token);
    if (record === null) return stranger('unknown');
    if (record.revokedAt !== null) return stranger('revoked');
    return isLive(record, clock.now()) ? contextOf(record) : stranger('expired');
  } catch (error) {
    log.error('ACCESS_TOKENS_UNAVAILABLE', { error });
    return stranger('unavailable');
  }
}

/** Lets every request pass and says who the caller is. Only the functions behind it can refuse in the API's own words (http/caller.ts). */
export function newHandler(needs: AuthorizeNeeds) {
  return async (event: unknown) => {
    const { headers, requestContext } = eventSchema.parse(event);
    needs.log.begin(requestContext.requestId);
    const authorization = Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === 'authorization')?.[1];
    return { isAuthorized: true, context: await authorize(authorization, needs) };
  };
}

export const handler = onColdStart(() => {
  const { accessTokens, clock, log } = partsFor('authorize');
  return newHandler({ accessTokens: accessTokens(), clock, log: log() });
});
