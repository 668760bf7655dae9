import { describe, expect, it } from '@jest/globals';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SecretUnreadable } from '../../functions/runtime/errors.ts';
import { createSecretReader } from '../../functions/runtime/secrets.ts';

function reader(answer: () => { SecretString?: string }) {
  let now = 0;
  let reads = 0;
  const send = () => {
    reads += 1;
    return new Promise((resolve) => {
      resolve(answer());
    });
  };
  // Only `send` is ever called, and only with one command.
  const client = { send } as unknown as SecretsManagerClient;
  const clock = { now: () => now, sleep: () => Promise.resolve(), random: () => 0 };
  const secrets = createSecretReader({ client, clock, cacheMs: 30_000 });
  return {
    read: (name: string, options?: { fresh?: boolean }) => secrets.read(name, options),
    reads: () => reads,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

describe('the secret reader', () => {
  it('reads a secret once within the cache’s time', async () => {
    const secrets = reader(() => ({ SecretString: 'one' }));
    await secrets.read('a');
    secrets.pass(29_999);
    expect(await secrets.read('a')).toBe('one');
    expect(secrets.reads()).toBe(1);
  });

  it('reads it again when the time is over', async () => {
    let text = 'one';
    const secrets = reader(() => ({ SecretString: text }));
    await secrets.read('a');
    text = 'two';
    secrets.pass(30_000);
    expect(await secrets.read('a')).toBe('two');
  });

  it('reads it again at once when asked for it fresh, and keeps that', async () => {
    let text = 'one';
    const secrets = reader(() => ({ SecretString: text }));
    await secrets.read('a');
    text = 'two';
    expect(await secrets.read('a', { fresh: true })).toBe('two');
    expect(await secrets.read('a')).toBe('two');
    expect(secrets.reads()).toBe(2);
  });

  it('keeps secrets apart', async () => {
    let next = 0;
    const secrets = reader(() => ({ SecretString: `secret ${(next += 1)}` }));
    expect(await secrets.read('a')).toBe('secret 1');
    expect(await secrets.read('b')).toBe('secret 2');
  });

  it.each(['one\n', '\r\n one\t', '\uFEFFone\r\n'])('reads %j without what was pasted around it', async (text) => {
    expect(await reader(() => ({ SecretString: text })).read('a')).toBe('one');
  });

  it.each(['', ' \r\n', '\uFEFF'])('takes %j for no secret', async (text) => {
    await expect(reader(() => ({ SecretString: text })).read('a')).rejects.toBeInstanceOf(SecretUnreadable);
  });

  it('says which secret could not be read, and does not remember that it could not', async () => {
    let answer: () => { SecretString?: string } = () => {
      throw new Error('denied');
    };
    const secrets = reader(() => answer());
    await expect(secrets.read('a')).rejects.toMatchObject(new SecretUnreadable('a'));
    answer = () => ({});
    await expect(secrets.read('a')).rejects.toBeInstanceOf(SecretUnreadable);
    answer = () => ({ SecretString: 'one' });
    expect(await secrets.read('a')).toBe('one');
  });
});
