import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startSecrets, type LocalSecrets } from '../../../../infra/local/aws/secrets.ts';

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

  it.each([
    'arn:aws:secretsmanager:us-east-1:000000000000:secret:Countermand/shop',
    'arn:aws:secretsmanager:sa-east-1:123456789012:secret:Countermand/shop-a1B2c3',
  ])('are read by ARN as well: %s', async (SecretId) => {
    stored.set('Countermand/shop', 'third');
    expect(await client.send(new GetSecretValueCommand({ SecretId }))).toMatchObject({
      Name: 'Countermand/shop',
      SecretString: 'third',
    });
  });

  it('say that there is no such secret as Secrets Manager does', async () => {
    const read = client.send(new GetSecretValueCommand({ SecretId: 'Countermand/other' }));
    await expect(read).rejects.toBeInstanceOf(ResourceNotFoundException);
  });
});
