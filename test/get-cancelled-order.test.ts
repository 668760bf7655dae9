import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newHandler } from '../functions/get-cancelled-order.ts';
import { startFakeNgorder, type FakeNgorder } from './providers/ngorder/fake-ngorder.ts';
import { accounts, startFakeEstoka } from './support/accounts.ts';
import { askRoute, EVERYTHING, keepingLog } from './support/api-event.ts';
import { startDynamoDB, type TestDynamoDB } from './support/dynamodb.ts';

describe('get-cancelled-order', () => {
  let dynamodb: TestDynamoDB;
  let fake: FakeNgorder;
  let estoka: Awaited<ReturnType<typeof startFakeEstoka>>;
  let made: ReturnType<typeof accounts>;
  let handler: ReturnType<typeof newHandler>;

  beforeAll(async () => {
    dynamodb = await startDynamoDB();
    estoka = await startFakeEstoka(() => '2026-06-02T12:00:00.000-03:00');
    fake = await startFakeNgorder(
      (['ACTIVE', 'CANCEL', 'REJECTED', 'EXPIRED'] as const).map((list, index) => ({
        id: 1 + index,
        list,
        orderDate: '2026-06-01 12:00:00',
      })),
      { instead: ({ query }) => (query.get('keyword') === '500' ? { status: 500, body: '{}' } : undefined) },
    );
    made = accounts(dynamodb, {
      'toko-jaya': { provider: 'ngorder', fake },
      'loja-rio': { provider: 'estoka', fake: estoka },
    });
    const { connections, needs } = made;
    handler = newHandler({ connections, reading: needs, log: keepingLog() });
  });
  afterAll(async () => {
    await dynamodb.stop();
    await estoka.close();
    await fake.close();
  });

  const get = (orderId: string, query = {}, connection = 'toko-jaya', authorizer = EVERYTHING) =>
    askRoute('get-cancelled-order', handler, { params: { connection, orderId }, query, authorizer });

  it.each([
    ['2', 'cancelled'],
    ['3', 'rejected'],
    ['4', 'expired'],
  ])('shows order %s, which is %s, with a strong ETag', async (orderId, type) => {
    const reply = await get(orderId);
    expect(reply.statusCode).toBe(200);
    expect(reply.json).toMatchObject({ connection: 'toko-jaya', orderId, type, cancelledAt: null, source: 'provider' });
    expect(reply.headers['etag']).toMatch(/^"[\w-]{32}"$/);
    expect((await get(orderId)).headers['etag']).toBe(reply.headers['etag']);
  });

  it('has another ETag once anything has changed, be it personal data that is not shown', async () => {
    const before = (await get('2')).headers['etag'];
    const order = fake.orders.find(({ id }) => id === 2);
    if (order === undefined) throw new Error('gone');
    order.fields = { receiver_phone: '081111111111' };
    const after = await get('2');
    expect(after.headers['etag']).not.toBe(before);
    expect(JSON.stringify(after.json)).not.toContain('081111111111');
  });

  it('shows personal data only to who may see it and asked for it', async () => {
    expect((await get('3', { include: 'customer' })).json).toMatchObject({ customer: { name: 'Pelanggan 3' } });
    expect(JSON.stringify((await get('3')).json)).not.toMatch(/customer|Pelanggan/);
    const reply = await get('3', { include: 'customer' }, 'toko-jaya', { name: 'reader', scopes: 'read' });
    expect(reply.statusCode).toBe(403);
  });

  it('shows what goods are called without the order’s own people, but to who may see them and asked for it', async () => {
    const order = fake.orders.find(({ id }) => id === 4);
    if (order === undefined) throw new Error('gone');
    const name = 'Kaos untuk Budi Santoso, dari Dewi';
    const products = [{ sku: 'K-1', name, quantity: 1, price: 1 }];
    order.fields = { receiver_name: 'Budi Santoso', sender_name: 'Dewi Lestari', products };
    expect((await get('4')).json).toMatchObject({
      items: [{ sku: 'K-1', name: 'Kaos untuk [redacted], dari [redacted]' }],
    });
    expect((await get('4', { include: 'customer' })).json).toMatchObject({ items: [{ name }] });
  });

  it('says when the order was cancelled where it was cancelled through us', async () => {
    const operation = await made.cancel('toko-jaya', '1');
    if (operation.state !== 'confirmed') throw new Error(operation.state);
    expect((await get('1')).json).toMatchObject({ cancelledAt: operation.settledAt });
  });

  it('shows an order of Estoka’s as Estoka shows it', async () => {
    const { statusCode, json } = await get('340', {}, 'loja-rio');
    expect(statusCode).toBe(200);
    expect(json).toMatchObject({ number: 'C-340', total: { amount: 62.5, currency: 'BRL' }, source: 'provider' });
    expect(JSON.stringify(json)).not.toContain('Ana');
  });

  it('finds none that is active or nowhere', async () => {
    fake.orders.push({ id: 9, list: 'ACTIVE', orderDate: '2026-06-01 12:00:00' });
    for (const orderId of ['9', '777']) {
      expect(await get(orderId)).toMatchObject({
        statusCode: 404,
        json: { type: '/problems/cancelled-order-not-found' },
      });
    }
  });

  it('says so where the order cannot be read', async () => {
    expect(await get('500')).toMatchObject({ statusCode: 502, json: { problem: 'provider_error' } });
    expect(await get('abc')).toMatchObject({ statusCode: 400, json: { errors: [{ field: 'orderId' }] } });
  });
});
