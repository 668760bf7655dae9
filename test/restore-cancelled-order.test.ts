import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newHandler } from '../functions/restore-cancelled-order.ts';
import { startFakeNgorder, type FakeNgorder } from './providers/ngorder/fake-ngorder.ts';
import { accounts, startFakeEstoka } from './support/accounts.ts';
import { askRoute, EVERYTHING, keepingLog } from './support/api-event.ts';
import { startDynamoDB, type TestDynamoDB } from './support/dynamodb.ts';

describe('restore-cancelled-order', () => {
  let dynamodb: TestDynamoDB;
  let fake: FakeNgorder;
  let estoka: Awaited<ReturnType<typeof startFakeEstoka>>;
  let made: ReturnType<typeof accounts>;
  let handler: ReturnType<typeof newHandler>;
  let orders = 0;
  /** A cancelled order that no test has. */
  const newOrder = (fields: Record<string, unknown> = {}, list: 'CANCEL' | 'ACTIVE' | 'EXPIRED' = 'CANCEL') => {
    orders += 1;
    fake.orders.push({ id: 2 * orders, list, orderDate: '2026-06-01 12:00:00', fields });
    return String(2 * orders);
  };

  beforeAll(async () => {
    dynamodb = await startDynamoDB();
    estoka = await startFakeEstoka(() => '2026-06-02T12:00:00.000-03:00');
    fake = await startFakeNgorder([]);
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
    handler = newHandler({ connections: made.connections, operations: made.needs, log: keepingLog() });
  });

  const restore = (
    orderId: string,
    { body, headers = {}, connection = 'toko-jaya', authorizer = EVERYTHING }: Partial<Ask> = {},
  ) =>
    askRoute('restore-cancelled-order', handler, {
      params: { connection, orderId },
      headers: { 'content-type': 'application/json', ...headers },
      authorizer,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  interface Ask {
    body: unknown;
    headers: Record<string, string>;
    connection: string;
    authorizer: Record<string, string>;
  }
  const changes = () => fake.seen.filter(({ method }) => method !== 'GET').length;

  it('makes a cancelled order active again, once, and says so again', async () => {
    const orderId = newOrder();
    const first = await restore(orderId, { body: { note: 'called back', actor: 'ana' } });
    expect(first.statusCode).toBe(200);
    expect(first.json).toMatchObject({
      id: `toko-jaya:${orderId}:1`,
      kind: 'restore',
      outcome: 'confirmed',
      detail: 'restored',
      actor: 'ana',
      note: 'called back',
      reason: null,
    });
    const calls = changes();
    const again = await restore(orderId);
    expect(again.json).toEqual(first.json);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(changes()).toBe(calls);
    expect(fake.orders.find(({ id }) => String(id) === orderId)?.list).toBe('ACTIVE');
  });

  it('answers 409 with the provider’s words where it refuses', async () => {
    const orderId = newOrder({}, 'EXPIRED');
    expect(await restore(orderId)).toMatchObject({
      statusCode: 409,
      json: {
        type: '/problems/order-not-restorable',
        detail: 'The provider says: id: The order is EXPIRED.',
        operation: { kind: 'restore', outcome: 'refused' },
      },
    });
  });

  it('says that an order is active already, and answers 404 for one that is nowhere', async () => {
    expect((await restore(newOrder({}, 'ACTIVE'))).json).toMatchObject({
      outcome: 'confirmed',
      detail: 'already_active',
    });
    expect(await restore('777777')).toMatchObject({ statusCode: 404, json: { type: '/problems/order-not-found' } });
  });

  it('warns before, and changes nothing', async () => {
    const orderId = newOrder({ payment_status: 'PAID', shopee: { invoice: 'X' } });
    const calls = changes();
    expect((await restore(orderId, { body: { dryRun: true } })).json).toEqual({
      dryRun: true,
      wouldRestore: true,
      verdict: 'would',
      order: { status: 'CANCELED' },
      effects: ['order_status', 'stock', 'balance'],
      warnings: [
        { code: 'balance_may_be_spent', text: expect.stringContaining('may be spent by now') },
        { code: 'marketplace_order', text: expect.any(String) },
      ],
    });
    expect((await restore(newOrder({}, 'EXPIRED'), { body: { dryRun: true } })).json).toMatchObject({
      warnings: [{ code: 'type_not_documented' }],
    });
    expect((await restore(newOrder({}, 'ACTIVE'), { body: { dryRun: true } })).json).toMatchObject({
      wouldRestore: false,
      verdict: 'would_not',
      effects: [],
    });
    expect(changes()).toBe(calls);
    expect(await made.needs.ledger.find('toko-jaya', orderId)).toBeNull();
  });

  it('takes an Idempotency-Key as a cancel does', async () => {
    const orderId = newOrder();
    const headers = { 'idempotency-key': `key of ${orderId}`.replaceAll(' ', '-') };
    const first = await restore(orderId, { headers, body: { note: 'a' } });
    expect((await restore(orderId, { headers, body: { note: 'a' } })).json).toEqual(first.json);
    expect(await restore(orderId, { headers, body: { note: 'b' } })).toMatchObject({ statusCode: 422 });
  });

  it('is not possible at Estoka: 501, no call, no operation', async () => {
    const calls = estoka.seen.length;
    expect(await restore('340', { connection: 'loja-rio' })).toMatchObject({
      statusCode: 501,
      json: { type: '/problems/not-supported-by-provider' },
    });
    expect(estoka.seen.length).toBe(calls);
    expect(await made.needs.ledger.find('loja-rio', '340')).toBeNull();
  });

  it('wants a token with its own scope, for this connection', async () => {
    const orderId = newOrder();
    for (const authorizer of [
      { name: 'shop', scopes: 'cancel read delete' },
      { name: 'shop', scopes: 'restore', connections: 'toko-baru' },
    ]) {
      expect(await restore(orderId, { authorizer })).toMatchObject({ statusCode: 403 });
    }
  });

  it.each([
    [{ reason: 'fraud' }, 'reason'],
    [{ note: 7 }, 'note'],
    [{ dryRun: 'yes' }, 'dryRun'],
  ])('says what is wrong with %j', async (body, field) => {
    expect(await restore('2', { body })).toMatchObject({ statusCode: 400, json: { errors: [{ field }] } });
  });
});
