import { createHmac } from 'node:crypto';
import type { PurposeKeys } from '../runtime/keys.ts';
import { isLoopback } from './loopback.ts';
import type { Provider } from './provider.ts';

/** The account of a connection, as its declaration and, if needed, its credential identify it. */
export interface AccountIdentity {
  /** The provider's name and the account's address, as a text for people. */
  readonly place: string;
  /** Earlier places of the same account, as the connection declares them. */
  readonly formerPlaces: readonly string[];
  /**
   * Marks that identify the account, the current one first: places, or keyed digests of a credential. Each mark may belong to one
   * connection name only. Empty if only the credential identifies the account and it was not read.
   */
  readonly marks: readonly string[];
}

/** Returns a declaration's account, as far as it is known without a credential. `formerly`: earlier base URLs of the account. */
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

/** Returns the account of a connection whose credential identifies it. The credential cannot be derived from its digest. */
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
 * Returns the host and port of a URL, as the same text whatever its letter case, trailing dot or path, and with or without the
 * scheme's own port. The path is left out because a server may accept several spellings of one path.
 */
export function hostOf(url: URL): string {
  const hostname = url.hostname.toLowerCase().replace(/\.+$/, '');
  const host = isLoopback(hostname) ? 'localhost' : hostname;
  const port = url.port === '' ? (url.protocol === 'http:' ? '80' : '443') : url.port;
  return port === '443' ? host : `${host}:${port}`;
}
