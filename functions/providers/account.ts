import { createHmac } from 'node:crypto';
import type { PurposeKeys } from '../runtime/keys.ts';
import { isLoopback } from './loopback.ts';
import type { Provider } from './provider.ts';

/** Which account a connection speaks for, as its declaration and, where it takes one to tell, its credential say. */
export interface AccountIdentity {
  /** Where it lies, with its provider's name: a text for people. */
  readonly place: string;
  /** Where the same account lay before, as the connection declares it. */
  readonly formerPlaces: readonly string[];
  /**
   * What only one connection's name may have, today's first: places, or keyed digests of a credential. None where it takes a credential
   * to tell, and none was read.
   */
  readonly marks: readonly string[];
}

/** The account of a declaration, as far as it can be told without a credential. `formerly`: base URLs that the account had before. */
export function declaredAccount<Settings>(
  provider: Pick<Provider<Settings>, 'name' | 'account'>,
  declared: {
    readonly baseUrl: string;
    readonly formerly?: readonly string[] | undefined;
    readonly settings: Settings;
  },
): AccountIdentity {
  const accountAt = (url: string) => provider.account({ baseUrl: new URL(url), settings: declared.settings });
  const placeAt = (url: string) => `${provider.name} ${accountAt(url).place}`;
  const place = placeAt(declared.baseUrl);
  const formerPlaces = [...new Set((declared.formerly ?? []).map(placeAt))].filter((former) => former !== place);
  return { place, formerPlaces, marks: accountAt(declared.baseUrl).isWhole ? [place, ...formerPlaces] : [] };
}

/** The account of a connection whose credential has to tell which one it is. The credential cannot be had from its digest. */
export function accountOfCredential(
  declared: AccountIdentity,
  { provider, credential, keys }: { provider: string; credential: string; keys: PurposeKeys },
): AccountIdentity {
  const digestWith = (key: Buffer) => `${provider} ${createHmac('sha256', key).update(credential).digest('base64url')}`;
  const { current, previous } = keys;
  const marks = [current, ...(previous === null ? [] : [previous])].map(digestWith);
  return { ...declared, marks: [...new Set(marks)] };
}

/**
 * The host and port of a URL, the same text for every spelling of it: letter case, a trailing dot, the scheme's own port, a path. A path is left out
 * because a server may read one path in several spellings.
 */
export function hostOf(url: URL): string {
  const hostname = url.hostname.toLowerCase().replace(/\.+$/, '');
  const host = isLoopback(hostname) ? 'localhost' : hostname;
  const port = url.port === '' ? (url.protocol === 'http:' ? '80' : '443') : url.port;
  return port === '443' ? host : `${host}:${port}`;
}
