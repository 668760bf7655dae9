import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { perform, performLater } from '../functions/operations/perform.ts';
import type { Snapshot } from '../functions/operations/rules/snapshot.ts';
import { newHandler } from '../functions/receive-shopify-webhook.ts';
import { cancelCommand, timeLeft, world } from './operations/world.ts';
import { askRoute, keepingLog } from './support/api-event.ts';
import { startDynamoDB, type TestDynamoDB } from './support/dynamodb.ts';
import { nested } from './support/nested.ts';
import { connections, delivery, SECRETS, signShopify, webhooksOf } from './webhooks/receiver.ts';

const cancelledOrder = JSON.parse(
  readFileSync(new URL('webhooks/fixtures/shopify-order-cancelled.json', import.meta.url), 'utf8'),
) as Record<string, unknown>;

interface Delivery {
  webhook?: string;
  order?: Record<string, unknown>;
  body?: string | Uint8Array;
  secret?: string;
  headers?: Record<string, string | undefined>;
}

describe('receive-shopify-webhook', () => {
  let database: TestDynamoDB;
  let provider: ReturnType<typeof world>;
  let stored: Map<string, unknown>;
  let log: ReturnType<typeof keepingLog>;
  let handler: ReturnType<typeof newHandler>;
  let orders = 0;
  let events = 0;
  const newOrder = () => String(1_000 + (orders += 1));
  const newEvent = () => `98880550-7158-44d4-b7cd-${String((events += 1)).padStart(12, '0')}`;
  const orderWith = (orderId: string, changes: Record<string, unknown> = {}) => ({
    ...cancelledOrder,
    note_attributes: [{ name: 'estoka_order_id', value: orderId }],
    ...changes,
  });
  const operationOf = async (orderId: string) =>
    (await provider.needs.ledger.find('loja-rio', orderId))?.current ?? null;

  beforeAll(async () => {
    database = await startDynamoDB();
  });
  afterAll(() => database.stop());
  beforeEach(() => {
    provider = world(database);
    log = keepingLog();
    const made = webhooksOf(provider.clock, log);
    stored = made.stored;
    const keep = (command: Parameters<typeof performLater>[0]) => performLater(command, provider.needs);
    handler = newHandler({ webhooks: made.webhooks, connections, keep, log });
  });

  async function deliver({ order = orderWith(newOrder()), secret = SECRETS.shop, ...given }: Delivery = {}) {
    const body = given.body ?? JSON.stringify(order);
    const headers = {
      'content-type': 'application/json',
      'x-shopify-topic': 'orders/cancelled',
      'x-shopify-hmac-sha256': signShopify(secret, body),
      'x-shopify-event-id': newEvent(),
      'x-shopify-shop-domain': 'loja.myshopify.com',
      ...given.headers,
    };
    const request = delivery({
      params: { webhook: given.webhook ?? 'shop' },
      headers,
      body,
    });
    return askRoute('receive-shopify-webhook', handler, request);
  }

  it('keeps the cancel for the settler, and does not wait for the provider', async () => {
    const orderId = newOrder();
    const reply = await deliver({ order: orderWith(orderId) });
    expect(reply).toMatchObject({
      statusCode: 202,
      json: { operation: `loja-rio:${orderId}:1`, outcome: 'pending', detail: 'queued', final: false },
    });
    expect(await operationOf(orderId)).toMatchObject({
      state: 'pending',
      reason: 'customer',
      actor: 'shop',
      trigger: 'webhook',
      note: null,
      attempts: 0,
    });
    expect(provider.cancel).not.toHaveBeenCalled();
  });

  it('keeps one, however often and however close together the event is delivered', async () => {
    const orderId = newOrder();
    const same = { order: orderWith(orderId), headers: { 'x-shopify-event-id': newEvent() } };
    const together = await Promise.all([deliver(same), deliver(same), deliver(same)]);
    const replies = [...together, await deliver(same), await deliver({ order: orderWith(orderId) })];
    for (const { statusCode, json } of replies) {
      expect([statusCode, json['operation']]).toEqual([202, `loja-rio:${orderId}:1`]);
    }
    expect(await operationOf(orderId)).toMatchObject({ number: 1, version: 1 });
  });

  it('keeps the cancel of every order that one event is told of, and each once', async () => {
    const headers = { 'x-shopify-event-id': newEvent() };
    const orderIds = [newOrder(), newOrder(), newOrder()];
    for (const orderId of [...orderIds, ...orderIds]) {
      const reply = await deliver({ order: orderWith(orderId), headers });
      expect(reply).toMatchObject({ statusCode: 202, json: { operation: `loja-rio:${orderId}:1` } });
      expect(await operationOf(orderId)).toMatchObject({ number: 1, version: 1 });
    }
  });

  it.each([
    ['customer', 'customer'],
    ['DECLINED', 'declined'],
    ['fraud', 'fraud'],
    ['inventory', 'inventory'],
    ['staff', 'staff'],
    ['other', 'other'],
    ['a reason of tomorrow', 'other'],
    [null, null],
  ])('says for Shopify’s reason %j: %j', async (said, reason) => {
    const orderId = newOrder();
    await deliver({ order: orderWith(orderId, { cancel_reason: said }) });
    expect((await operationOf(orderId))?.reason).toBe(reason);
  });

  it.each([
    ['of another topic', { headers: { 'x-shopify-topic': 'orders/updated' } }, 'other_topic'],
    // The topic is not signed: an order that is not cancelled stays so whatever topic its body is sent under.
    ...[null, '', ' ', 'never', 'false', '0', 0, '2026-02-30T09:30:00-03:00', '0000-00-00 00:00:00'].map(
      (at): [string, object, string] => [
        `whose order is not cancelled (${JSON.stringify(at)})`,
        { order: orderWith('7', { cancelled_at: at }) },
        'not_cancelled',
      ],
    ),
  ])('acknowledges a delivery %s, and does nothing', async (_, given, why) => {
    expect(await deliver(given)).toMatchObject({ statusCode: 200, json: { ignored: why } });
    expect(log.entries).toContainEqual(expect.objectContaining({ code: 'WEBHOOK_IGNORED' }));
    expect(await operationOf('7')).toBeNull();
  });

  it('acknowledges a delivery of an order that was deleted here, however often, and does nothing', async () => {
    const orderId = newOrder();
    const tombstone: Snapshot = {
      ...{ number: null, orderedAt: null, cancelledAt: null, createdAt: null, updatedAt: null, total: null },
      ...{ type: 'cancelled', paymentStatus: null, items: [], itemsLeftOut: 0, sha256: '0' },
    };
    await perform(
      { ...cancelCommand({ orderId }), kind: 'delete', tombstone },
      provider.needs,
      timeLeft(provider.clock),
    );
    const same = { order: orderWith(orderId), headers: { 'x-shopify-event-id': newEvent() } };
    for (const given of [same, same, { order: orderWith(orderId) }]) {
      expect(await deliver(given)).toMatchObject({ statusCode: 200, json: { ignored: 'order_deleted' } });
    }
    expect(await operationOf(orderId)).toMatchObject({ number: 1, kind: 'delete', state: 'confirmed' });
    expect(provider.cancel).not.toHaveBeenCalled();
  });

  it.each([
    ['none', { note_attributes: [] }],
    ['one that is no id at this provider', { note_attributes: [{ name: 'estoka_order_id', value: '#1042' }] }],
  ])('acknowledges an order in which it finds %s, and calls for a person without personal data', async (_, changes) => {
    const eventId = newEvent();
    const order = orderWith('7', changes);
    expect(await deliver({ order, headers: { 'x-shopify-event-id': eventId } })).toMatchObject({
      statusCode: 200,
      json: { ignored: 'order_id_missing' },
    });
    expect(log.entries).toContainEqual({
      level: 'error',
      code: 'WEBHOOK_ORDER_ID_MISSING',
      fields: { webhook: 'shop', eventId, shopOrder: '#1042' },
    });
    expect(JSON.stringify(log.entries)).not.toMatch(/jon@|Jon|99999/);
  });

  describe('whose order id is to be found by a pattern', () => {
    const deliverTagged = (tags: string, changes: Delivery = {}) =>
      deliver({ webhook: 'tagged', secret: SECRETS.tagged, order: { ...cancelledOrder, tags }, ...changes });

    it('is found in a text that a backtracking engine would never come to the end of', async () => {
      const orderId = newOrder();
      expect(await deliverTagged(`${'pedido '.repeat(2_000)}-${orderId}`)).toMatchObject({ statusCode: 202 });
      expect(await operationOf(orderId)).toMatchObject({ state: 'pending' });
      expect(await deliverTagged('pedido '.repeat(2_000))).toMatchObject({ json: { ignored: 'order_id_missing' } });
    });

    it('is acknowledged where there is too much to search, and a person is called for', async () => {
      const eventId = newEvent();
      const reply = await deliverTagged('pedido '.repeat(20_000), { headers: { 'x-shopify-event-id': eventId } });
      expect(reply).toMatchObject({ statusCode: 200, json: { ignored: 'order_id_not_searched' } });
      expect(log.entries).toContainEqual({
        level: 'error',
        code: 'WEBHOOK_ORDER_ID_NOT_SEARCHED',
        fields: { webhook: 'tagged', eventId, shopOrder: '#1042', why: 'The text is too long.' },
      });
    });
  });

  it.each(
    [
      [401, { secret: 'shpss_another_secret_of_another_app' }],
      [401, { headers: { 'x-shopify-hmac-sha256': '' } }],
      [400, { headers: { 'x-shopify-hmac-sha256': undefined } }],
      [400, { headers: { 'x-shopify-topic': undefined } }],
      [400, { headers: { 'x-shopify-event-id': undefined } }],
      [400, { body: '{"cancelled_at":' }],
      [400, { body: '[]' }],
      [
        400,
        { body: `{"cancelled_at":"2026-11-26T09:30:00-03:00","tags":${nested(20_000)}}` },
        'a body that is nested deep',
      ],
      [400, { body: Buffer.from([0x7b, 0xff, 0x7d]) }],
      // A title of megabytes would be no title.
      [413, { body: Buffer.alloc(1024 * 1024 + 1, 0x20) }, 'a body beyond a megabyte'],
    ].map(([status, given, name]) => [status, name ?? JSON.stringify(given), given]) as [number, string, Delivery][],
  )('answers %i to %s, and does nothing', async (status, _name, given) => {
    const order = orderWith('8');
    const reply = await deliver({ order, ...given });
    expect(reply.statusCode).toBe(status);
    expect(reply.headers['content-type']).toBe('application/problem+json');
    expect(await operationOf('8')).toBeNull();
  });

  it.each([
    ['x-shopify-hmac-sha256', undefined, 'is missing'],
    ['x-shopify-topic', undefined, 'is missing'],
    ['x-shopify-event-id', undefined, 'is missing'],
    ...['', 'x'.repeat(256), 'é1', '1é'].map((id) => [
      'x-shopify-event-id',
      id,
      'must be 1 to 255 visible ASCII characters',
    ]),
  ] as [string, string | undefined, string][])(
    'tells the sender of a header %s that is %j: it %s',
    async (field, value, message) => {
      const reply = await deliver({ headers: { [field]: value } });
      expect(reply).toMatchObject({ statusCode: 400, json: { errors: [{ field, message }] } });
    },
  );

  it('takes every digit of an order id that is a number', async () => {
    const body = JSON.stringify(orderWith('"n"')).replace(String.raw`"\"n\""`, '576461413038785752');
    expect(body).toContain(':576461413038785752');
    await deliver({ body });
    expect(await operationOf('576461413038785752')).toMatchObject({ number: 1, kind: 'cancel' });
  });

  it('is signed over the raw bytes: one more space is another body', async () => {
    const body = JSON.stringify(orderWith('9'));
    const hmac = signShopify(SECRETS.shop, body);
    const reply = await deliver({ body: `${body} `, headers: { 'x-shopify-hmac-sha256': hmac } });
    expect(reply.statusCode).toBe(401);
    expect(await operationOf('9')).toBeNull();
  });

  it('takes the current and the previous secret when it is rotated while the function is warm', async () => {
    const next = 'shpss_ffffffffffffffffffffffffffffffff';
    expect((await deliver()).statusCode).toBe(202);
    stored.set('shop', { current: next, previous: SECRETS.shop });
    expect((await deliver({ secret: next })).statusCode).toBe(202);
    expect((await deliver()).statusCode).toBe(202);
  });
});
