import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newHandler } from '../functions/cancel-estoka-order.ts';
import { startEstokaSandbox } from '../infra/local/sandbox/estoka-sandbox.ts';
import type { Sandbox } from '../infra/local/sandbox/sandbox.ts';
import { askRoute, EVERYTHING } from './support/api-event.ts';
import { startDynamoDB, type TestDynamoDB } from './support/dynamodb.ts';
import { sandboxConnections } from './support/sandbox-connections.ts';

/** The reply that Estoka's documentation shows. */
const documented = JSON.parse(
  readFileSync(new URL('providers/estoka/fixtures/cancelled-order.json', import.meta.url), 'utf8'),
) as { order: Record<string, unknown> };

describe('cancel-estoka-order', () => {
  let database: TestDynamoDB;
  let sandbox: Sandbox;
  let other: Sandbox;
  let handler: ReturnType<typeof newHandler>;
  beforeAll(async () => {
    [database, sandbox, other] = await Promise.all([startDynamoDB(), startEstokaSandbox(), startEstokaSandbox()]);
    const fields = { provider: 'estoka', organizationId: 1, timeoutSeconds: 2 };
    handler = newHandler(
      sandboxConnections(database, {
        'loja-rio': { sandbox, fields },
        'loja-sul': { sandbox, fields: { ...fields, organizationId: 2 } },
        'loja-sul-2': { sandbox: other, fields: { ...fields, organizationId: 2 } },
      }),
    );
  });
  afterAll(async () => {
    await Promise.all([sandbox.close(), other.close()]);
    await database.stop();
  });

  interface Ask {
    organizationId?: string;
    headers?: Record<string, string>;
    authorizer?: Record<string, string> | null;
  }
  const ask = (orderId: string, { organizationId = '1', headers = {}, authorizer = EVERYTHING }: Ask = {}) =>
    askRoute('cancel-estoka-order', handler, {
      params: { organization_id: organizationId, order_id: orderId },
      headers,
      authorizer,
    });
  const callsOf = async (orderId: string) => {
    const shown = await fetch(`${sandbox.baseUrl}/_sandbox/orders/${orderId}`);
    return ((await shown.json()) as { calls: number }).calls;
  };

  it('answers the documented example as documented, with what we know beside it in headers', async () => {
    const reply = await ask('340');
    expect(reply.statusCode).toBe(200);
    const timeless = (order: unknown) =>
      JSON.parse(
        JSON.stringify(order, (key, value: unknown) => (key.endsWith('_at') ? typeof value : value)),
      ) as unknown;
    expect(timeless(reply.json)).toEqual(timeless(documented));
    expect(reply.headers).toMatchObject({
      'countermand-outcome': 'confirmed',
      'countermand-operation': 'loja-rio:340:1',
    });

    const again = await ask('340');
    expect(again).toMatchObject({ statusCode: 200, json: reply.json, headers: { 'idempotent-replayed': 'true' } });
    expect(await callsOf('340')).toBe(1);
  });

  it('shows nothing personal to a token without that scope, and leaves the shape as it is', async () => {
    const reply = await ask('340', { authorizer: { ...EVERYTHING, scopes: 'cancel' } });
    const { customer, billing_address, shipping_address, items } = (
      reply.json['order'] as { data: Record<string, Record<string, unknown>> }
    ).data;
    const shown = documented.order['data'] as Record<string, Record<string, unknown>>;
    expect(items).toEqual(shown['items']);
    for (const [name, part] of Object.entries({ customer, billing_address, shipping_address })) {
      expect(Object.keys(part ?? {})).toEqual(Object.keys(shown[name] ?? {}));
      expect(new Set(Object.values(part ?? {}))).toEqual(new Set([null]));
    }
    // What somebody wrote of a returned product is as personal as the order's own comments.
    expect(reply.body).not.toMatch(/Felipe|01527675173|999999999|Xavier|Cor errada/);
  });

  it('answers 202 with the order as it is, without a word of cancelled, while it is being decided', async () => {
    const reply = await ask('9010');
    expect(reply).toMatchObject({
      statusCode: 202,
      json: { order: { id: 9010, status: 'waiting_picking' } },
      headers: { 'countermand-outcome': 'pending', 'countermand-operation': 'loja-rio:9010:1' },
    });
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('answers 202 with no more of the order than is known where it cannot be read', async () => {
    const stopped = await startEstokaSandbox();
    const fields = { provider: 'estoka', organizationId: 1, timeoutSeconds: 1 };
    const unreachable = newHandler(sandboxConnections(database, { 'loja-norte': { sandbox: stopped, fields } }));
    await stopped.close();
    const reply = await askRoute('cancel-estoka-order', unreachable, {
      params: { organization_id: '1', order_id: '340' },
    });
    expect(reply).toMatchObject({ statusCode: 202, headers: { 'countermand-outcome': 'pending' } });
    expect(reply.json).toEqual({ order: { id: 340, organization_id: 1 } });
  });

  it('refuses as Estoka does: 422 with its words', async () => {
    const reply = await ask('9008');
    expect(reply).toMatchObject({ statusCode: 422, json: { errors: 'O pedido não pode mais ser cancelado' } });
    expect(reply.headers['countermand-outcome']).toBe('refused');
  });

  it.each([
    ['an unknown order', '777777', {}],
    ['an id that is none', 'abc', {}],
    ['an unknown organization', '340', { organizationId: '9' }],
    ['an organization that is none', '340', { organizationId: 'x' }],
    ['another’s organization', '340', { authorizer: { ...EVERYTHING, connections: 'loja-sul' } }],
  ] as [string, string, Ask][])('answers 404 with an empty body for %s', async (_, orderId, how) => {
    expect(await ask(orderId, how)).toMatchObject({ statusCode: 404, body: '' });
  });

  it('asks for the connection where two fit, and takes the one that is named', async () => {
    const unclear = await ask('340', { organizationId: '2' });
    expect(unclear).toMatchObject({
      statusCode: 422,
      json: { errors: { 'Countermand-Connection': ['must name one of loja-sul, loja-sul-2'] } },
    });
    const headers = { 'countermand-connection': 'loja-sul-2' };
    // The sandbox has no organization 2.
    expect((await ask('340', { organizationId: '2', headers })).headers['countermand-operation']).toBe(
      'loja-sul-2:340:1',
    );
    expect(await ask('340', { headers })).toMatchObject({ statusCode: 404, body: '' });
  });

  it('honours an idempotency key', async () => {
    const headers = { 'idempotency-key': 'drop-in' };
    expect((await ask('401', { headers })).headers).not.toHaveProperty('idempotent-replayed');
    expect((await ask('401', { headers })).headers['idempotent-replayed']).toBe('true');
    expect(await ask('404', { headers })).toMatchObject({ statusCode: 422, json: { errors: expect.any(String) } });
  });

  it('answers callers who may not in Estoka’s form', async () => {
    expect(await ask('340', { authorizer: null })).toMatchObject({ statusCode: 401, body: '' });
    expect(await ask('340', { authorizer: { ...EVERYTHING, scopes: 'read' } })).toMatchObject({
      statusCode: 403,
      json: { errors: expect.stringContaining('cancel') },
    });
  });
});
