import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
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

  it('say which one is meant where a name is of none, or of several', async () => {
    await tokens.create({ ...READER, name: 'somebody' });
    await expect(tokens.revoke('nobody')).rejects.toMatchObject({
      name: 'NoSuchToken',
      message: 'There is no access token with the name or id nobody.',
    });
    const both = [await tokens.create({ ...READER, name: 'same' }), await tokens.create({ ...READER, name: 'same' })];
    const { message, name } = (await tokens.revoke('same').catch((error: unknown) => error as Error)) as Error;
    expect(message).toMatch(/^Several access tokens have the name same: say which one by its id \(\w{12}, \w{12}\)\.$/);
    expect(name).toBe('AmbiguousTokenName');
    for (const { record } of both) expect(message).toContain(record.id);
    for (const { record } of both) expect(record.tokenHash).toMatch(new RegExp(`^${record.id}`));
  });

  it('are listed newest first, to the last page of them', async () => {
    const inputs: ScanCommand['input'][] = [];
    const record = (day: number) => ({
      ...{ tokenHash: `h${day}`, id: `i${day}`, ...READER, revokedAt: null },
      createdAt: `2026-08-0${day}T00:00:00.000Z`,
    });
    const pages = [[record(2), record(5)], [record(9)], undefined];
    const send = ({ input }: ScanCommand) => {
      const Items = pages[inputs.length]?.map((one) => marshall(one));
      inputs.push(input);
      const LastEvaluatedKey = inputs.length < 3 ? { tokenHash: { S: `k${inputs.length}` } } : undefined;
      return Promise.resolve({ ...(Items && { Items }), LastEvaluatedKey });
    };
    const client = { send };
    const clock = { now: () => NOW, sleep: () => Promise.resolve(), random: () => 0 };
    const paged = createAccessTokens({ dynamodb: client as never, table: 'AccessTokens', clock });
    expect((await paged.list()).map(({ id }) => id)).toEqual(['i9', 'i5', 'i2']);
    expect(inputs.map(({ ExclusiveStartKey }) => ExclusiveStartKey?.['tokenHash']?.S)).toEqual([undefined, 'k1', 'k2']);
    for (const input of inputs) expect(input).toMatchObject({ TableName: 'AccessTokens', ConsistentRead: true });
  });

  it('are found as they stand, and only what is kept is revoked', async () => {
    const inputs: object[] = [];
    const send = ({ input }: { input: object }) => {
      inputs.push(input);
      return Promise.resolve(
        'ProjectionExpression' in input ? {} : { Items: [marshall({ ...kept, revokedAt: null })] },
      );
    };
    const kept = { tokenHash: 'h', id: 'i', ...READER, createdAt: '2026-08-01T00:00:00.000Z' };
    const client = { send };
    const clock = { now: () => NOW, sleep: () => Promise.resolve(), random: () => 0 };
    const watched = createAccessTokens({ dynamodb: client as never, table: 'AccessTokens', clock });
    await watched.find('x');
    expect(await watched.revoke('reader')).toEqual({ ...kept, revokedAt: '2026-08-01T00:00:00.000Z' });
    expect(inputs).toMatchObject([
      { TableName: 'AccessTokens', ConsistentRead: true },
      {},
      { Key: { tokenHash: { S: 'h' } }, ConditionExpression: 'attribute_exists(tokenHash)' },
    ]);
  });

  it('end at their expiry', async () => {
    const { record } = await tokens.create({ ...READER, expiresAt: '2026-08-02T00:00:00.000Z' });
    expect(isLive(record, Date.parse('2026-08-01T23:59:59.999Z'))).toBe(true);
    expect(isLive(record, Date.parse('2026-08-02T00:00:00Z'))).toBe(false);
  });
});
