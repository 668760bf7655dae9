import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAccessTokens } from '../../functions/access/tokens.ts';
import { runTokenCommand } from '../../infra/token.ts';
import { startDynamoDB, type TestDynamoDB } from '../support/dynamodb.ts';

const NOW = Date.parse('2026-08-01T00:00:00Z');
const clock = { now: () => NOW, sleep: () => Promise.resolve(), random: () => 0 };

describe('npm run token', () => {
  let database: TestDynamoDB;
  let dataDir: string;
  beforeAll(async () => {
    database = await startDynamoDB();
    dataDir = mkdtempSync(join(tmpdir(), 'countermand-token-'));
    const stack = {
      url: 'http://127.0.0.1:1',
      dynamodbEndpoint: database.endpoint,
      accessTokensTable: database.tables.accessTokens,
    };
    writeFileSync(join(dataDir, 'local.json'), JSON.stringify(stack));
  });
  afterAll(async () => {
    rmSync(dataDir, { recursive: true });
    await database.stop();
  });

  async function run(line: string, folder = dataDir) {
    let printed = '';
    let complaint = '';
    const code = await runTokenCommand([...line.split(' '), '--data-dir', folder], {
      clock,
      print: (text) => (printed += text),
      complain: (text) => (complaint += text),
    });
    return { code, printed, complaint };
  }

  it('takes a hundred connections at most', async () => {
    const names = (count: number) => Array.from({ length: count }, (_, at) => `shop-${at}`).join(',');
    expect((await run(`create --name many --scopes read --connections ${names(100)}`)).code).toBe(0);
    const refused = await run(`create --name more --scopes read --connections ${names(101)}`);
    expect(refused).toMatchObject({ code: 1, complaint: expect.stringContaining('100') });
  });

  it('makes a token, shows it once, lists it without it, and revokes it', async () => {
    const made = await run('create --name shop --scopes cancel,read --connections loja-rio,toko-jaya --expires 90d');
    expect(made.code).toBe(0);
    const token = /^cm_[\w-]{43}$/m.exec(made.printed)?.[0] ?? '';
    const tokens = createAccessTokens({ dynamodb: database.client, table: database.tables.accessTokens, clock });
    expect(await tokens.find(token)).toMatchObject({
      name: 'shop',
      scopes: ['cancel', 'read'],
      connections: ['loja-rio', 'toko-jaya'],
      expiresAt: '2026-10-30T00:00:00.000Z',
    });

    const listed = await run('list');
    expect(listed.printed).toMatch(/shop {2}cancel,read {2}loja-rio,toko-jaya {2}expires 2026-10-30/);
    expect(listed.printed).not.toContain(token);

    expect((await run('revoke shop')).printed).toContain('revoked');
    expect((await tokens.find(token))?.revokedAt).not.toBeNull();
    expect(await run('revoke shop')).toMatchObject({ code: 1, complaint: expect.stringContaining('shop') });
  });

  it.each([
    ['create --scopes read', '--name'],
    ['create --name shop', '--scopes'],
    ['create --name shop --scopes write', 'no scope write'],
    ['create --name shop --scopes ,', 'empty'],
    ['create --name shop --scopes read --connections Loja', 'Loja'],
    ['create --name shop --scopes read --expires soon', '--expires'],
    ['create --name shop --scopes read --expires 2020-01-01', '--expires'],
    ['create shop --scopes read', 'shop'],
    ['create --nmae shop', '--nmae'],
    ['revoke', 'name or id'],
    ['destroy shop', 'destroy'],
  ])('says what is wrong with %j', async (line, word) => {
    const { code, printed, complaint } = await run(line);
    expect(code).toBe(1);
    expect(printed).toBe('');
    expect(complaint).toContain(word);
  });

  it('says when there is no local stack, or it does not answer', async () => {
    expect((await run('list', join(dataDir, 'other'))).complaint).toContain('npm start');
    const stopped = mkdtempSync(join(dataDir, 'stopped-'));
    const stack = {
      url: 'http://127.0.0.1:1',
      dynamodbEndpoint: 'http://127.0.0.1:1',
      accessTokensTable: 'AccessTokens',
    };
    writeFileSync(join(stopped, 'local.json'), JSON.stringify(stack));
    expect((await run('list', stopped)).complaint).toContain('does not answer');
  });
});
