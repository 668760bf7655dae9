import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AmbiguousTokenName, NoSuchToken } from '../../functions/access/errors.ts';
import { createAccessTokens, isLive, type AccessTokens } from '../../functions/access/tokens.ts';
import { startDynamoDB, type TestDynamoDB } from '../support/dynamodb.ts';

const NOW = Date.parse('2026-08-01T00:00:00Z');
const READER = { name: 'reader', scopes: ['read' as const], connections: null, expiresAt: null };

describe('access tokens', () => {
  let database: TestDynamoDB;
  let tokens: AccessTokens;
  beforeAll(async () => {
    database = await startDynamoDB();
    const clock = { now: () => NOW, sleep: () => Promise.resolve(), random: () => 0 };
    tokens = createAccessTokens({ dynamodb: database.client, table: database.tables.accessTokens, clock });
  });
  afterAll(() => database.stop());

  it('are random, and found again by what their holder presents', async () => {
    const { token, record } = await tokens.create({ ...READER, name: 'shop', connections: ['loja-rio'] });
    expect(token).toMatch(/^cm_[\w-]{43}$/);
    expect(await tokens.find(token)).toEqual(record);
    expect(await tokens.find(`${token}x`)).toBeNull();
    expect((await tokens.create(READER)).token).not.toBe(token);
  });

  it('are kept as a hash only', async () => {
    const { token } = await tokens.create(READER);
    const { Items } = await database.client.send(new ScanCommand({ TableName: database.tables.accessTokens }));
    expect(JSON.stringify(Items)).not.toContain(token.slice(3));
  });

  it('may be of their maker’s own choosing, and then replace what was granted to the same one', async () => {
    await tokens.create({ ...READER, name: 'local' }, 'my-own');
    await tokens.create({ ...READER, name: 'local', scopes: ['cancel'] }, 'my-own');
    expect((await tokens.find('my-own'))?.scopes).toEqual(['cancel']);
  });

  it('are revoked by name or id, and stay on the list', async () => {
    const { token, record } = await tokens.create({ ...READER, name: 'gone' });
    await tokens.revoke('gone');
    const found = await tokens.find(token);
    expect(found?.revokedAt).toBe(new Date(NOW).toISOString());
    expect(found && isLive(found, NOW)).toBe(false);
    expect((await tokens.list()).map(({ id }) => id)).toContain(record.id);
    await expect(tokens.revoke('gone')).rejects.toBeInstanceOf(NoSuchToken);
    const again = await tokens.create({ ...READER, name: 'gone' });
    expect((await tokens.revoke(again.record.id)).name).toBe('gone');
  });

  it('are not revoked by a name that several have', async () => {
    const first = await tokens.create({ ...READER, name: 'twin' });
    await tokens.create({ ...READER, name: 'twin' });
    await expect(tokens.revoke('twin')).rejects.toThrow(AmbiguousTokenName);
    await tokens.revoke(first.record.id);
    await tokens.revoke('twin');
  });

  it('end at their expiry', async () => {
    const { record } = await tokens.create({ ...READER, expiresAt: '2026-08-02T00:00:00.000Z' });
    expect(isLive(record, Date.parse('2026-08-01T23:59:59.999Z'))).toBe(true);
    expect(isLive(record, Date.parse('2026-08-02T00:00:00Z'))).toBe(false);
  });
});
