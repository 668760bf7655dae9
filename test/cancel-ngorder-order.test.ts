import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newHandler } from '../functions/cancel-ngorder-order.ts';
import { startNgorderSandbox } from '../infra/local/sandbox/ngorder-sandbox.ts';
import type { Sandbox } from '../infra/local/sandbox/sandbox.ts';
import { askRoute, EVERYTHING } from './support/api-event.ts';
import { startDynamoDB, type TestDynamoDB } from './support/dynamodb.ts';
import { sandboxConnections } from './support/sandbox-connections.ts';

/** The reply that ngorder's documentation shows. */
const documented = JSON.parse(
  readFileSync(new URL('providers/ngorder/fixtures/cancel-reply.json', import.meta.url), 'utf8'),
) as Record<string, unknown>;

describe('cancel-ngorder-order', () => {
  let database: TestDynamoDB;
  let sandbox: Sandbox;
  let handler: ReturnType<typeof newHandler>;
  beforeAll(async () => {
    [database, sandbox] = await Promise.all([startDynamoDB(), startNgorderSandbox()]);
    const fields = { provider: 'ngorder', timeoutSeconds: 2 };
    const lama = { baseUrl: sandbox.baseUrl, credential: () => 'of another shop' };
    handler = newHandler(
      sandboxConnections(database, { 'toko-jaya': { sandbox, fields }, 'toko-lama': { sandbox: lama, fields } }),
    );
  });
  afterAll(async () => {
    await sandbox.close();
    await database.stop();
  });

  const JAYA = { ...EVERYTHING, connections: 'toko-jaya' };
  interface Ask {
    headers?: Record<string, string>;
    authorizer?: Record<string, string> | null;
  }
  const ask = (body: unknown, { headers = {}, authorizer = JAYA }: Ask = {}) =>
    askRoute('cancel-ngorder-order', handler, { body: JSON.stringify(body), headers, authorizer });

  it('answers the documented example as documented, with what we know beside it in headers', async () => {
    const reply = await ask({ id: 1338 });
    expect(reply).toMatchObject({ statusCode: 200, headers: { 'countermand-operation': 'toko-jaya:1338:1' } });
    expect(reply.json).toEqual(documented);

    const again = await ask({ id: 1338 });
    expect(again).toMatchObject({ statusCode: 200, headers: { 'idempotent-replayed': 'true' } });
    expect(again.json).toEqual(documented);
  });

  it('does not say success while nothing is sure', async () => {
    const reply = await ask({ id: 9003 });
    expect(reply).toMatchObject({
      statusCode: 202,
      json: { response: 'pending', data: { order_id: 9003 } },
      headers: { 'countermand-outcome': 'unknown' },
    });
  });

  it('refuses and fails in ngorder’s envelope', async () => {
    expect(await ask({ id: 9008 })).toMatchObject({
      statusCode: 422,
      json: { response: 'Failed', message: { id: [expect.stringContaining('can no longer be canceled')] }, data: null },
    });
    expect(await ask({ id: 777777 })).toMatchObject({ statusCode: 404, json: { response: 'Failed', data: null } });
  });

  it.each([
    [400, { id: '1338' }, { id: [expect.any(String)] }],
    [400, {}, { id: [expect.any(String)] }],
    [400, { id: 0 }, { id: [expect.any(String)] }],
    [400, { id: 1e18 }, { id: [expect.any(String)] }],
    [400, { id: 13.38 }, { id: [expect.any(String)] }],
  ] as [number, unknown, unknown][])('answers %i for %j, naming the field', async (status, body, message) => {
    expect(await ask(body)).toMatchObject({ statusCode: status, json: { response: 'Failed', message, data: null } });
  });

  it('takes every digit of an id, and answers for no other order', async () => {
    const body = '{"id":9007199254740993}';
    const reply = await askRoute('cancel-ngorder-order', handler, { body, authorizer: JAYA });
    expect(reply).toMatchObject({ statusCode: 404, json: { response: 'Failed' } });
    expect(reply.headers['countermand-operation']).toBe('toko-jaya:9007199254740993:1');
    for (const almost of ['9007199254740990.6', '123456789012345.001', '1e400']) {
      const other = await askRoute('cancel-ngorder-order', handler, { body: `{"id":${almost}}`, authorizer: JAYA });
      expect(other).toMatchObject({ statusCode: 400, json: { message: { id: [expect.any(String)] } } });
    }
  });

  it('takes the connection that is named where the token may use several', async () => {
    const unclear = await ask({ id: 1401 }, { authorizer: EVERYTHING });
    expect(unclear).toMatchObject({
      statusCode: 400,
      json: { message: { 'Countermand-Connection': ['must name one of toko-jaya, toko-lama'] } },
    });
    const named = { authorizer: EVERYTHING, headers: { 'countermand-connection': 'toko-lama' } };
    expect((await ask({ id: 1401 }, named)).headers['countermand-operation']).toBe('toko-lama:1401:1');
    const notMine = { headers: { 'countermand-connection': 'toko-lama' } };
    expect(await ask({ id: 1402 }, notMine)).toMatchObject({ statusCode: 404, json: { response: 'Failed' } });
    const none = { authorizer: { ...EVERYTHING, connections: 'loja-rio' } };
    expect(await ask({ id: 1402 }, none)).toMatchObject({ statusCode: 404, json: { response: 'Failed' } });
  });

  it('turns a second name of an account away in ngorder’s envelope', async () => {
    await ask({ id: 1401 });
    const second = newHandler(
      sandboxConnections(database, { 'toko-dua': { sandbox, fields: { provider: 'ngorder', timeoutSeconds: 2 } } }),
    );
    const reply = await askRoute('cancel-ngorder-order', second, {
      body: JSON.stringify({ id: 1401 }),
      authorizer: EVERYTHING,
    });
    expect(reply).toMatchObject({
      statusCode: 409,
      json: {
        response: 'Failed',
        message: expect.stringMatching('Declare it as toko-jaya again') as unknown,
        data: null,
      },
    });
  });

  it('answers callers who may not in ngorder’s envelope', async () => {
    expect(await ask({ id: 1402 }, { authorizer: null })).toMatchObject({ statusCode: 401, json: { data: null } });
    const reader = { ...JAYA, scopes: 'read' };
    expect(await ask({ id: 1402 }, { authorizer: reader })).toMatchObject({ statusCode: 403, json: { data: null } });
  });
});
