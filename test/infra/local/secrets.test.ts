import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startSecrets, type LocalSecrets } from '../../../infra/local/secrets.ts';

const stored = new Map([['Countermand/shop', 'first']]);
let secrets: LocalSecrets;
let client: SecretsManagerClient;

beforeAll(async () => {
  secrets = await startSecrets((name) => Promise.resolve(stored.get(name) ?? null));
  client = new SecretsManagerClient({
    endpoint: secrets.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
});
afterAll(async () => {
  client.destroy();
  await secrets.close();
});

describe('the secrets of this machine', () => {
  it('answer the SDK with what is stored at each call', async () => {
    const read = async () =>
      (await client.send(new GetSecretValueCommand({ SecretId: 'Countermand/shop' }))).SecretString;
    expect(await read()).toBe('first');
    stored.set('Countermand/shop', 'second');
    expect(await read()).toBe('second');
  });

  it('say that there is no such secret as Secrets Manager does', async () => {
    const read = client.send(new GetSecretValueCommand({ SecretId: 'Countermand/other' }));
    await expect(read).rejects.toBeInstanceOf(ResourceNotFoundException);
  });
});
