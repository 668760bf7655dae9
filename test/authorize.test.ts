import { describe, expect, it } from '@jest/globals';
import type { AccessToken } from '../functions/access/tokens.ts';
import { newHandler } from '../functions/authorize.ts';
import { keepingLog } from './support/api-event.ts';

const NOW = Date.parse('2026-08-01T00:00:00Z');
const RECORD: AccessToken = {
  tokenHash: 'hash',
  id: 'id',
  name: 'shop',
  scopes: ['cancel', 'read'],
  connections: null,
  createdAt: '2026-07-01T00:00:00.000Z',
  expiresAt: null,
  revokedAt: null,
};

async function contextFor(headers: Record<string, string>, kept: Partial<AccessToken> = {}) {
  const authorize = newHandler({
    accessTokens: {
      find: (token) => {
        if (token === 'broken') return Promise.reject(new Error('table down'));
        return Promise.resolve(token === 'good' ? { ...RECORD, ...kept } : null);
      },
    },
    clock: { now: () => NOW, sleep: () => Promise.resolve(), random: () => 0 },
    log: keepingLog(),
  });
  const reply = await authorize({ headers, requestContext: { requestId: 'request-1' } });
  expect(reply.isAuthorized).toBe(true);
  return reply.context;
}

describe('authorize', () => {
  it.each(['Bearer good', 'bearer good', 'BEARER   good', ' Bearer good ', 'Token token=good', 'token token="good"'])(
    'knows the holder of a token by %j',
    async (text) => {
      expect(await contextFor({ authorization: text })).toEqual({ name: 'shop', scopes: 'cancel read' });
    },
  );

  it('takes the header by any letter case', async () => {
    expect(await contextFor({ AUTHORIZATION: 'Bearer good' })).toMatchObject({ name: 'shop' });
  });

  it('says which connections the token is for', async () => {
    const context = await contextFor({ authorization: 'Bearer good' }, { connections: ['loja-rio', 'toko-jaya'] });
    expect(context).toMatchObject({ connections: 'loja-rio toko-jaya' });
    expect(await contextFor({ authorization: 'Bearer good' }, { connections: [] })).toMatchObject({ connections: '' });
  });

  it.each([
    ['missing', {}, {}],
    ['missing', { authorization: ' ' }, {}],
    ['unknown', { authorization: 'Bearer other' }, {}],
    ['unknown', { authorization: 'Basic good' }, {}],
    ['unknown', { authorization: 'Bearer' }, {}],
    ['unknown', { authorization: 'Token token=' }, {}],
    ['unknown', { authorization: 'Token token="good' }, {}],
    ['unknown', { authorization: 'Token good' }, {}],
    ['unknown', { authorization: `Bearer ${'x'.repeat(513)}` }, {}],
    ['expired', { authorization: 'Bearer good' }, { expiresAt: '2026-08-01T00:00:00.000Z' }],
    ['revoked', { authorization: 'Bearer good' }, { revokedAt: '2026-07-01T00:00:00.000Z' }],
    ['unavailable', { authorization: 'Bearer broken' }, {}],
  ])('says why it is nobody: %s', async (stranger, headers: Record<string, string>, kept) => {
    expect(await contextFor(headers, kept)).toEqual({ stranger });
  });
});
