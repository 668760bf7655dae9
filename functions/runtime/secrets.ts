import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { clientLimits } from './client-limits.ts';
import type { Clock } from './clock.ts';
import { SecretUnreadable } from './errors.ts';

export interface SecretReader {
  /**
   * Returns the text of a secret, at most `cacheMs` old, without the white space or byte order mark that is often pasted around it.
   * `fresh` reads it again now, so that a rotated credential needs no redeploy. Throws {@link SecretUnreadable}.
   */
  read(name: string, options?: { fresh?: boolean }): Promise<string>;
}

interface SecretReaderNeeds {
  client: Pick<SecretsManagerClient, 'send'>;
  clock: Clock;
  cacheMs: number;
}

export function createSecretReader({ client, clock, cacheMs }: SecretReaderNeeds): SecretReader {
  const cache = new Map<string, { text: string; readAt: number }>();

  return {
    async read(name, options = {}) {
      const cached = cache.get(name);
      if (cached && options.fresh !== true && clock.now() - cached.readAt < cacheMs) return cached.text;

      const readAt = clock.now();
      const reply = await client.send(new GetSecretValueCommand({ SecretId: name })).catch((error: unknown) => {
        throw new SecretUnreadable(name, error);
      });
      const text = reply.SecretString?.trim() ?? '';
      if (text === '') throw new SecretUnreadable(name);
      cache.set(name, { text, readAt });
      return text;
    },
  };
}

/** Creates a client that gives up early enough for its caller to report it. */
export function createSecretsManager(): SecretsManagerClient {
  return new SecretsManagerClient(clientLimits(3_000));
}
