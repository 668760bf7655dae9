import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newHandler } from '../functions/delete-cancelled-order.ts';
import { newHandler as newGetHandler } from '../functions/get-cancelled-order.ts';
import { newHandler as newRestoreHandler } from '../functions/restore-cancelled-order.ts';
import { settle } from '../functions/operations/settle.ts';
import type { OpenOperation } from '../functions/operations/rules/operation.ts';
import { startFakeNgorder, type FakeNgorder, type FakeOrder } from './providers/ngorder/fake-ngorder.ts';
import { accounts, startFakeEstoka } from './support/accounts.ts';
import { askRoute, EVERYTHING, keepingLog } from './support/api-event.ts';
import { startDynamoDB, type TestDynamoDB } from './support/dynamodb.ts';

describe('delete-cancelled-order', () => {
  let dynamodb: TestDynamoDB;
  let fake: FakeNgorder;
  let estoka: Awaited<ReturnType<typeof startFakeEstoka>>;
  let made: ReturnType<typeof accounts>;
  let handlers: Record<'delete' | 'get' | 'restore', ReturnType<typeof newHandler>>;
  /** Orders that are really deleted, and whose answer is cut off. */
  const cutOff = new Set<string>();
  /** Orders whose deletes are refused with words. */
  const refused = new Set<string>();
  let orders = 0;
  const newOrder = (changes: Partial<FakeOrder> = {}) => {
    orders += 1;
    fake.orders.push({ id: orders, list: 'CANCEL', orderDate: '2026-06-01 12:00:00', ...changes });
    return String(orders);
  };

  beforeAll(async () => {
    dynamodb = await startDynamoDB();
    estoka = await startFakeEstoka(() => '2026-06-02T12:00:00.000-03:00');
    fake = await startFakeNgorder([], {
      instead: ({ method, path }) => {
        const orderId = path.split('/').at(-1) ?? '';
        if (method === 'DELETE' && refused.has(orderId)) {
          return { status: 422, body: JSON.stringify({ response: 'Failed', message: { id: ['locked'] }, data: null }) };
        }
        if (method !== 'DELETE' || !cutOff.has(orderId)) return undefined;
        fake.orders.splice(
          fake.orders.findIndex(({ id }) => String(id) === orderId),
          1,
        );
        return 'reset';
      },
    });
  });
  afterAll(async () => {
    await dynamodb.stop();
    await estoka.close();
    await fake.close();
  });
  beforeEach(() => {
    made = accounts(dynamodb, {
      'toko-jaya': { provider: 'ngorder', fake },
      'loja-rio': { provider: 'estoka', fake: estoka },
    });
    const { connections, needs } = made;
    const log = keepingLog();
    handlers = {
      delete: newHandler({ connections, operations: needs, log }),
      get: newGetHandler({ connections, reading: needs, log }),
      restore: newRestoreHandler({ connections, operations: needs, log }),
    };
  });

  const etagOf = async (orderId: string) => {
    const { headers } = await askRoute('get-cancelled-order', handlers.get, {
      params: { connection: 'toko-jaya', orderId },
    });
    return headers['etag'] ?? 'no ETag';
  };
  const remove = (
    orderId: string,
    ifMatch: string | null,
    { body, headers = {}, connection = 'toko-jaya', authorizer = EVERYTHING }: Partial<Ask> = {},
  ) =>
    askRoute('delete-cancelled-order', handlers.delete, {
      params: { connection, orderId },
      headers: { 'content-type': 'application/json', ...(ifMatch !== null && { 'if-match': ifMatch }), ...headers },
      authorizer,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  interface Ask {
    body: unknown;
    headers: Record<string, string>;
    connection: string;
    authorizer: Record<string, string>;
  }
  const deletes = (orderId: string) =>
    fake.seen.filter(({ method, path }) => method === 'DELETE' && path.endsWith(`/${orderId}`)).length;

  it.each(['CANCEL', 'REJECTED', 'EXPIRED'] as const)(
    'deletes an order of the list %s, and keeps a tombstone',
    async (list) => {
      const orderId = newOrder({ list });
      const reply = await remove(orderId, await etagOf(orderId), { body: { note: 'duplicate' } });
      expect(reply.statusCode).toBe(200);
      expect(reply.json).toMatchObject({
        kind: 'delete',
        outcome: 'confirmed',
        detail: 'deleted',
        note: 'duplicate',
        // ngorder's answer is not documented: what proves it is that the order is in no list any more.
        evidence: { source: 'read_back', status: null },
        tombstone: {
          number: String(Number(orderId) + 5000),
          orderedAt: '2026-06-01T05:00:00.000Z',
          sha256: expect.any(String),
        },
      });
      expect(JSON.stringify(reply.json)).not.toMatch(/Pelanggan|Jalan|0800/);
      expect(fake.orders.some(({ id }) => String(id) === orderId)).toBe(false);
    },
  );

  it('twice is answered with the same, and asked for once', async () => {
    const orderId = newOrder();
    const etag = await etagOf(orderId);
    const first = await remove(orderId, etag);
    const again = await remove(orderId, etag);
    expect(again.json).toEqual(first.json);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(deletes(orderId)).toBe(1);
  });

  it('wants to know which version is meant: 428 without If-Match, and with one that names none', async () => {
    const orderId = newOrder();
    for (const ifMatch of [null, '', '*']) {
      expect(await remove(orderId, ifMatch)).toMatchObject({
        statusCode: 428,
        json: { type: '/problems/precondition-required' },
      });
    }
    expect(await remove(orderId, 'abc')).toMatchObject({ statusCode: 400, json: { errors: [{ field: 'If-Match' }] } });
    expect(deletes(orderId)).toBe(0);
  });

  it('is not made for another version than the one that was seen: 412', async () => {
    const orderId = newOrder();
    const stale = await etagOf(orderId);
    const order = fake.orders.find(({ id }) => String(id) === orderId);
    if (order === undefined) throw new Error('gone');
    order.fields = { note: 'ring twice' };
    for (const ifMatch of [stale, `W/${await etagOf(orderId)}`, '"x", "y"']) {
      expect(await remove(orderId, ifMatch)).toMatchObject({
        statusCode: 412,
        json: { type: '/problems/precondition-failed' },
      });
    }
    expect(deletes(orderId)).toBe(0);
    expect(await made.needs.ledger.find('toko-jaya', orderId)).toBeNull();
    expect((await remove(orderId, `"x", ${await etagOf(orderId)}`)).statusCode).toBe(200);
  });

  it('is not made for an order that is active, or nowhere', async () => {
    const orderId = newOrder({ list: 'ACTIVE' });
    expect(await remove(orderId, '"x"')).toMatchObject({
      statusCode: 409,
      json: { type: '/problems/order-not-cancelled' },
    });
    expect(await remove('777777', '"x"')).toMatchObject({
      statusCode: 404,
      json: { type: '/problems/order-not-found' },
    });
    expect(deletes(orderId) + deletes('777777')).toBe(0);
  });

  it('with a lost answer settles by itself, and has one effect', async () => {
    const orderId = newOrder();
    const etag = await etagOf(orderId);
    cutOff.add(orderId);
    const reply = await remove(orderId, etag);
    expect(reply.statusCode).toBe(202);
    expect(reply.json).toMatchObject({
      outcome: 'unknown',
      detail: 'connection_cut',
      tombstone: { type: 'cancelled' },
    });
    // Asked again meanwhile, it is the same operation.
    expect((await remove(orderId, etag)).json).toMatchObject({ id: reply.json['id'], outcome: 'unknown' });
    const open = (await made.needs.ledger.find('toko-jaya', orderId))?.current as OpenOperation;
    await settle(open, await made.connections.open('toko-jaya'), made.needs, () => 110_000);
    const { json } = await remove(orderId, etag);
    expect(json).toMatchObject({ outcome: 'confirmed', detail: 'deleted', evidence: { source: 'read_back' } });
    expect(deletes(orderId)).toBe(1);
  });

  it('that was refused is answered with that refusal again for the same key, however the order stands by then', async () => {
    const orderId = newOrder();
    const etag = await etagOf(orderId);
    const headers = { 'idempotency-key': `tidy-${orderId}` };
    refused.add(orderId);
    const reply = await remove(orderId, etag, { headers });
    expect(reply).toMatchObject({ statusCode: 409, json: { type: '/problems/order-not-deletable' } });
    const order = fake.orders.find(({ id }) => String(id) === orderId);
    if (order === undefined) throw new Error('gone');
    order.fields = { note: 'ring twice' };
    const again = await remove(orderId, etag, { headers });
    expect(again).toMatchObject({ statusCode: 409, json: { operation: reply.json['operation'] } });
    expect(again.headers['idempotent-replayed']).toBe('true');
    // The same key with another ask is still told apart, and without it the other version is not what was meant.
    expect((await remove(orderId, etag, { headers, body: { note: 'another' } })).statusCode).toBe(422);
    expect((await remove(orderId, etag)).statusCode).toBe(412);
    expect(deletes(orderId)).toBe(1);
  });

  it('is final: a restore after it is answered 404 with the delete, and not made', async () => {
    const orderId = newOrder();
    await remove(orderId, await etagOf(orderId));
    const calls = fake.seen.length;
    const restored = await askRoute('restore-cancelled-order', handlers.restore, {
      params: { connection: 'toko-jaya', orderId },
    });
    expect(restored).toMatchObject({
      statusCode: 404,
      json: { type: '/problems/order-not-found', operation: { kind: 'delete', outcome: 'confirmed' } },
    });
    expect(fake.seen.length).toBe(calls);
  });

  it('warns before, needs no If-Match for it, and changes nothing', async () => {
    const orderId = newOrder({ fields: { payment_status: 'PAID' } });
    expect((await remove(orderId, null, { body: { dryRun: true } })).json).toEqual({
      dryRun: true,
      wouldDelete: true,
      verdict: 'would',
      order: { status: 'CANCELED' },
      effects: ['order_status'],
      warnings: [],
    });
    expect(deletes(orderId)).toBe(0);
  });

  it('is not possible at Estoka: 501, no call, no operation', async () => {
    const calls = estoka.seen.length;
    expect(await remove('340', '"x"', { connection: 'loja-rio' })).toMatchObject({ statusCode: 501 });
    expect(estoka.seen.length).toBe(calls);
    expect(await made.needs.ledger.find('loja-rio', '340')).toBeNull();
  });

  it('wants a token with its own scope', async () => {
    const authorizer = { name: 'shop', scopes: 'cancel read restore admin' };
    expect(await remove('1', '"x"', { authorizer })).toMatchObject({ statusCode: 403 });
  });
});
