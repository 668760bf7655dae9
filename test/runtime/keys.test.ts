import { describe, expect, it } from '@jest/globals';
import { SecretUnreadable } from '../../functions/runtime/errors.ts';
import { createKeys, type KeyPurpose } from '../../functions/runtime/keys.ts';

const OLD = 'o'.repeat(32);
const NEW = 'n'.repeat(44);

function derive(secret: unknown, purpose: KeyPurpose = 'cursor') {
  const text = typeof secret === 'string' ? secret : JSON.stringify(secret);
  return createKeys({ readSecret: () => Promise.resolve(text) }).derive(purpose);
}

describe('the stack’s keys', () => {
  it('are 32 bytes, the same for the same secret and purpose', async () => {
    const { current, previous } = await derive({ current: NEW });
    expect(current).toHaveLength(32);
    expect(previous).toBeNull();
    expect((await derive({ current: NEW })).current.equals(current)).toBe(true);
  });

  it('are those that earlier versions of this code derived', async () => {
    const first = async (purpose: KeyPurpose) =>
      (await derive({ current: NEW }, purpose)).current.toString('hex', 0, 4);
    expect([await first('cursor'), await first('account')]).toEqual(['262219d6', '5778b225']);
  });

  it('differ from one purpose, and from one secret, to the next', async () => {
    const { current } = await derive({ current: NEW }, 'cursor');
    expect((await derive({ current: NEW }, 'account')).current.equals(current)).toBe(false);
    expect((await derive({ current: OLD }, 'cursor')).current.equals(current)).toBe(false);
  });

  it('still hold the previous key while the secret is being rotated', async () => {
    const before = await derive({ current: OLD });
    const rotated = await derive({ current: NEW, previous: OLD });
    expect(rotated.previous?.equals(before.current)).toBe(true);
    expect(rotated.current.equals(before.current)).toBe(false);
  });

  it.each(['not JSON', '{}', { current: 'short' }, { current: NEW, previous: '' }, [NEW]])(
    'are not made of %j',
    async (secret) => {
      await expect(derive(secret)).rejects.toThrow(SecretUnreadable);
    },
  );

  it('name no part of the secret when it cannot be used', async () => {
    await expect(derive({ current: 'tooshort' })).rejects.toThrow(new SecretUnreadable('stack key'));
  });
});
