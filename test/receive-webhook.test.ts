import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { OpenOperation } from '../functions/operations/rules/operation.ts';
import { perform } from '../functions/operations/perform.ts';
import { settle } from '../functions/operations/settle.ts';
import { newHandler } from '../functions/receive-webhook.ts';
import { ACTIVE, cancelCommand, DONE, TIMED_OUT, timeLeft, world } from './operations/world.ts';
import { askRoute, keepingLog } from './support/api-event.ts';
import { startDynamoDB, type TestDynamoDB } from './support/dynamodb.ts';
import { connections, delivery, SECRETS, signStandard, webhooksOf } from './webhooks/receiver.ts';

interface Message {
  webhook?: string;
  ask?: unknown;
  body?: string | Uint8Array;
  id?: string;
  /** When it was signed, in seconds from now. */
  offset?: number;
  secret?: string;
  headers?: Record<string, string | undefined>;
}

describe('receive-webhook', () => {
  let database: TestDynamoDB;
  let provider: ReturnType<typeof world>;
  let stored: Map<string, unknown>;
  let log: ReturnType<typeof keepingLog>;
  let handler: ReturnType<typeof newHandler>;
  let orders = 0;
  let messages = 0;
  const newOrder = () => String(1_000 + (orders += 1));
  const newId = () => `msg_${(messages += 1)}`;

  beforeAll(async () => {
    database = await startDynamoDB();
  });
  afterAll(() => database.stop());
  beforeEach(() => {
    provider = world(database);
    log = keepingLog();
    const made = webhooksOf(provider.clock, log);
    stored = made.stored;
    handler = newHandler({ webhooks: made.webhooks, connections, operations: provider.needs, log });
  });

  async function send(message: Message = {}) {
    const { webhook = 'checkout', id = newId(), offset = 0, secret = SECRETS.checkout } = message;
    const body = message.body ?? JSON.stringify(message.ask ?? { connection: 'loja-rio', orderId: newOrder() });
    const at = provider.clock.now() + offset * 1000;
    const headers = {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at / 1000)),
      'webhook-signature': signStandard(secret, { id, at, body: typeof body === 'string' ? body : '' }),
      ...message.headers,
    };
    const request = delivery({
      params: { webhook },
      headers,
      body,
    });
    return askRoute('receive-webhook', handler, request);
  }
  const fieldsOf = (json: Record<string, unknown>) => (json['errors'] as { field: string }[]).map(({ field }) => field);

  it('cancels the order that a message names, and tells how it stands', async () => {
    const orderId = newOrder();
    const reply = await send({ ask: { connection: 'loja-rio', orderId, reason: 'fraud', note: 'two cards' } });
    expect(reply).toMatchObject({
      statusCode: 200,
      headers: { location: `/v1/operations/loja-rio:${orderId}:1` },
      json: { operation: `loja-rio:${orderId}:1`, outcome: 'confirmed', detail: 'cancelled', final: true },
    });
    const found = await provider.needs.ledger.find('loja-rio', orderId);
    expect(found?.current).toMatchObject({ trigger: 'webhook', actor: 'checkout', reason: 'fraud', note: 'two cards' });
  });

  it('takes the body’s bytes as they came, whatever their media type', async () => {
    const body = ` {"orderId":"${newOrder()}" ,"connection":"loja-rio","note":"é"}\n`;
    const id = newId();
    const signature = signStandard(SECRETS.checkout, { id, at: provider.clock.now(), body });
    const reply = await send({ id, body: Buffer.from(body), headers: { 'webhook-signature': signature } });
    expect(reply.statusCode).toBe(200);
  });

  it('has one effect where a message comes three times, and at once', async () => {
    for (const together of [true, false]) {
      provider.cancel.mockClear();
      const message = { id: newId(), ask: { connection: 'loja-rio', orderId: newOrder() } };
      const sends = [message, message, message];
      const replies = [];
      if (together) replies.push(...(await Promise.all(sends.map(send))));
      else for (const one of sends) replies.push(await send(one));
      for (const { statusCode, json } of replies) {
        expect(json['operation']).toBe(`loja-rio:${message.ask.orderId}:1`);
        expect([statusCode, json['outcome']]).toEqual(json['final'] === true ? [200, 'confirmed'] : [202, 'unknown']);
      }
      expect(provider.cancel).toHaveBeenCalledTimes(1);
    }
  });

  it('acknowledges a message whose order is at the provider right now', async () => {
    const ask = { connection: 'loja-rio', orderId: newOrder() };
    const id = newId();
    provider.cancel.mockImplementation(async () => {
      for (const another of [id, newId()]) {
        expect(await send({ id: another, ask })).toMatchObject({
          statusCode: 202,
          json: { operation: `loja-rio:${ask.orderId}:1`, outcome: 'unknown', detail: 'in_progress', final: false },
        });
      }
      return DONE;
    });
    expect((await send({ id, ask })).statusCode).toBe(200);
    expect(provider.cancel).toHaveBeenCalledTimes(1);
  });

  it('does not acknowledge a cancel that an operation of another kind is in the way of', async () => {
    const orderId = newOrder();
    const ask = { connection: 'loja-rio', orderId };
    await send({ ask });
    provider.restore.mockResolvedValueOnce(TIMED_OUT);
    const restore = { ...cancelCommand(ask), kind: 'restore' as const };
    await perform(restore, provider.needs, timeLeft(provider.clock));
    const id = newId();
    expect(await send({ id, ask })).toMatchObject({
      statusCode: 409,
      headers: { 'retry-after': expect.stringMatching(/^\d+$/) },
      json: { type: '/problems/operation-in-progress' },
    });
    // Proven to be done, but what was lost may still be acted on, and would undo a cancel.
    provider.lookUp.mockResolvedValue(ACTIVE);
    const open = await provider.needs.ledger.find('loja-rio', orderId);
    await settle(
      open?.current as OpenOperation,
      provider.open('loja-rio'),
      provider.needs,
      timeLeft(provider.clock, 110_000),
    );
    expect(await provider.needs.ledger.find('loja-rio', orderId)).toMatchObject({ current: { state: 'confirmed' } });
    expect((await send({ id, ask })).statusCode).toBe(409);
    provider.clock.advance(61_000);
    expect(await send({ id, ask })).toMatchObject({ statusCode: 200, json: { operation: `loja-rio:${orderId}:3` } });
  });

  it('keeps an id for more than seven days, and refuses it with another ask', async () => {
    const id = newId();
    provider.cancel.mockResolvedValueOnce({ kind: 'refused', words: 'no' });
    const ask = { connection: 'loja-rio', orderId: newOrder() };
    const first = await send({ id, ask });
    provider.clock.advance(7 * 24 * 3600 * 1000);
    expect((await send({ id, ask })).json).toEqual(first.json);
    expect(await send({ id, ask: { ...ask, reason: 'staff' } })).toMatchObject({
      statusCode: 422,
      json: { type: '/problems/idempotency-key-reused' },
    });
    expect(provider.cancel).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['a refusal', { kind: 'refused', words: 'no' }, 200, { outcome: 'refused', final: true }],
    ['an order that is not there', { kind: 'order_not_found', words: '' }, 200, { outcome: 'refused' }],
    ['a lost answer', TIMED_OUT, 202, { outcome: 'unknown', final: false }],
    [
      'a provider that is still deciding',
      { kind: 'accepted', status: 'x', historyMark: null },
      202,
      { outcome: 'pending' },
    ],
  ] as const)('acknowledges %s, which sending again would not change', async (_, said, status, json) => {
    provider.cancel.mockResolvedValue(said);
    provider.lookUp.mockResolvedValue(said.kind === 'order_not_found' ? { kind: 'order_not_found' } : ACTIVE);
    expect(await send()).toMatchObject({ statusCode: status, json });
  });

  it('asks to be sent again where nothing was written', async () => {
    provider.needs.ledger.claim = () => Promise.reject(new Error('throttled'));
    const reply = await send();
    expect(reply.statusCode).toBe(503);
    expect(provider.cancel).not.toHaveBeenCalled();
  });

  describe('refuses, and does nothing, where', () => {
    let nothingDone: () => void;
    beforeEach(() => {
      let claims = 0;
      const claim = provider.needs.ledger.claim.bind(provider.needs.ledger);
      provider.needs.ledger.claim = (...args) => {
        claims += 1;
        return claim(...args);
      };
      nothingDone = () => {
        expect(claims).toBe(0);
        expect(provider.cancel).not.toHaveBeenCalled();
        expect(provider.lookUp).not.toHaveBeenCalled();
      };
    });

    it.each([
      ['it is signed with another secret', { secret: `whsec_${Buffer.alloc(32, 8).toString('base64')}` }],
      ['it is 301 s old', { offset: -301 }],
      ['it is 301 s ahead', { offset: 301 }],
      ['the signature is of another version', { headers: { 'webhook-signature': 'v2,AAAA' } }],
    ] as [string, Message][])('%s', async (_, message) => {
      expect(await send(message)).toMatchObject({
        statusCode: 401,
        headers: { 'www-authenticate': 'Webhook' },
        json: { type: '/problems/webhook-not-verified' },
      });
      nothingDone();
    });

    it.each([
      ['webhook-id', undefined, 'is missing'],
      ['webhook-id', '', 'must be 1 to 255 visible ASCII characters'],
      ['webhook-id', 'x'.repeat(256), 'must be 1 to 255 visible ASCII characters'],
      ['webhook-timestamp', undefined, 'is missing'],
      ['webhook-timestamp', '123abc', 'must be whole seconds since 1970'],
      ['webhook-timestamp', '1e9', 'must be whole seconds since 1970'],
      ['webhook-timestamp', '-5', 'must be whole seconds since 1970'],
      ['webhook-timestamp', ' 1772366400', 'must be whole seconds since 1970'],
      ['webhook-signature', undefined, 'is missing'],
      ['webhook-signature', '', 'is missing'],
    ])('%s is %j: it %s', async (field, value, message) => {
      const reply = await send({ headers: { [field]: value } });
      expect(reply.statusCode).toBe(400);
      expect(reply.json['errors']).toEqual([{ field, message }]);
      nothingDone();
    });

    it('no webhook of this name is declared, or one of another kind', async () => {
      for (const webhook of ['nobody', 'shop', '__proto__']) {
        expect(await send({ webhook })).toMatchObject({ statusCode: 404, json: { type: '/problems/unknown-webhook' } });
      }
      nothingDone();
    });

    it.each([
      ['no JSON', '{"connection":', 400, 'body-not-json', ['body']],
      ['empty', '', 400, 'body-not-json', ['body']],
      ['a list', '[]', 400, 'invalid-request', ['body']],
      ['without an order', '{"connection":"loja-rio"}', 400, 'invalid-request', ['orderId']],
      [
        'of unknown fields',
        '{"connection":"loja-rio","orderId":"1","dryRun":true}',
        400,
        'invalid-request',
        ['dryRun'],
      ],
      ['of no id of the provider', '{"connection":"loja-rio","orderId":"x1"}', 400, 'invalid-request', ['orderId']],
      ['larger than 1 MB', 'x'.repeat(1024 * 1024 + 1), 413, 'body-too-large', ['body']],
    ] as [string, string, number, string, string[]][])(
      'its body is %s, though it is signed',
      async (_, body, status, slug, fields) => {
        const reply = await send({ body });
        expect(reply).toMatchObject({ statusCode: status, json: { type: `/problems/${slug}` } });
        expect(fieldsOf(reply.json)).toEqual(fields);
        nothingDone();
      },
    );

    it('its body is no UTF-8, though it is signed', async () => {
      const body = Buffer.concat([
        Buffer.from(`{"connection":"loja-rio","orderId":"${newOrder()}","note":"`),
        Buffer.from([0xff, 0xfe]),
        Buffer.from('"}'),
      ]);
      const id = newId();
      // The reference implementation signs text only.
      const timestamp = String(Math.floor(provider.clock.now() / 1000));
      const hmac = createHmac('sha256', Buffer.alloc(32, 7)).update(`${id}.${timestamp}.`).update(body);
      const signature = `v1,${hmac.digest('base64')}`;
      const reply = await send({ id, body, headers: { 'webhook-signature': signature } });
      expect(reply).toMatchObject({ statusCode: 400, json: { type: '/problems/body-not-json' } });
      nothingDone();
    });

    it('it names a connection that is not the webhook’s', async () => {
      const other = await send({ ask: { connection: 'toko-jaya', orderId: '1' } });
      const none = await send({ ask: { connection: 'nowhere', orderId: '1' } });
      expect([other.statusCode, none.statusCode]).toEqual([403, 403]);
      nothingDone();
    });

    it('any bit of its body, id, timestamp or signature is another', async () => {
      const orderId = newOrder();
      const body = Buffer.from(JSON.stringify({ connection: 'loja-rio', orderId }));
      const id = newId();
      const at = provider.clock.now();
      const headers: Record<string, string> = {
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at / 1000)),
        'webhook-signature': signStandard(SECRETS.checkout, { id, at, body: body.toString() }),
      };
      const flip = (bytes: Buffer, position: number, bit: number) => {
        const flipped = Buffer.from(bytes);
        flipped[position % bytes.length] = (bytes[position % bytes.length] ?? 0) ^ (1 << bit);
        return flipped;
      };
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom('body', ...Object.keys(headers)),
          fc.nat(),
          fc.integer({ min: 0, max: 7 }),
          async (what, position, bit) => {
            const text = headers[what] ?? '';
            const reply =
              what === 'body'
                ? await send({ id, body: flip(body, position, bit), headers })
                : await send({
                    id,
                    body,
                    headers: { ...headers, [what]: flip(Buffer.from(text), position, bit).toString('latin1') },
                  });
            expect([400, 401]).toContain(reply.statusCode);
          },
        ),
        { numRuns: 200 },
      );
      nothingDone();
      expect((await send({ id, body, headers })).statusCode).toBe(200);
    });
  });

  it.each([-300, -299, 299, 300])('takes a message that is %i s from now', async (offset) => {
    expect((await send({ offset })).statusCode).toBe(200);
  });

  it('takes several signatures, of which one is its secret’s', async () => {
    const id = newId();
    const ask = JSON.stringify({ connection: 'loja-rio', orderId: newOrder() });
    const at = provider.clock.now();
    const other = signStandard(`whsec_${Buffer.alloc(32, 8).toString('base64')}`, { id, at, body: ask });
    const own = signStandard(SECRETS.checkout, { id, at, body: ask });
    const reply = await send({ id, body: ask, headers: { 'webhook-signature': `${other} v1a,AAAA ${own}` } });
    expect(reply.statusCode).toBe(200);
  });

  it('takes the current and the previous secret when it is rotated while the function is warm', async () => {
    const next = `whsec_${Buffer.alloc(48, 9).toString('base64')}`;
    expect((await send()).statusCode).toBe(200);
    expect((await send({ secret: next })).statusCode).toBe(401);
    stored.set('checkout', { current: next, previous: SECRETS.checkout });
    expect((await send({ secret: next })).statusCode).toBe(200);
    expect((await send()).statusCode).toBe(200);
    stored.set('checkout', { current: next });
    expect((await send({ secret: next })).statusCode).toBe(200);
    expect((await send()).statusCode).toBe(401);
  });

  it('answers 503 where its secret is none, and says in no reply or log what it is', async () => {
    stored.set('checkout', { current: 'not-a-standard-secret!' });
    expect(await send()).toMatchObject({ statusCode: 503, headers: { 'retry-after': '10' } });
    expect(JSON.stringify(log.entries)).not.toContain('not-a-standard');
    stored.set('checkout', { current: SECRETS.checkout });
    provider.cancel.mockResolvedValue(DONE);
    expect((await send()).statusCode).toBe(200);
  });
});
