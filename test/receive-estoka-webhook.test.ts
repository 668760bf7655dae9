import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createLogger } from '../functions/runtime/logger.ts';
import { perform } from '../functions/operations/perform.ts';
import { newHandler } from '../functions/receive-estoka-webhook.ts';
import { ACTIVE, CANCELLED, cancelCommand, timeLeft, world } from './operations/world.ts';
import { askRoute, keepingLog } from './support/api-event.ts';
import { startDynamoDB, type TestDynamoDB } from './support/dynamodb.ts';
import { connections, delivery, SECRETS, webhooksOf } from './webhooks/receiver.ts';

interface Hint {
  webhook?: string;
  secret?: string;
  hint?: Record<string, unknown>;
  body?: string | Uint8Array;
}

describe('receive-estoka-webhook', () => {
  let database: TestDynamoDB;
  let provider: ReturnType<typeof world>;
  let stored: Map<string, unknown>;
  let log: ReturnType<typeof keepingLog>;
  let handler: ReturnType<typeof newHandler>;
  let orders = 0;
  const newOrder = () => 1_000 + (orders += 1);

  beforeAll(async () => {
    database = await startDynamoDB();
  });
  afterAll(() => database.stop());
  beforeEach(() => {
    provider = world(database);
    provider.lookUp.mockResolvedValue(CANCELLED);
    log = keepingLog();
    const made = webhooksOf(provider.clock, log);
    stored = made.stored;
    handler = newHandler({ webhooks: made.webhooks, connections, operations: provider.needs, log });
  });

  const requestOf = ({ webhook = 'stock', secret = SECRETS.stock, hint = {}, body }: Hint) =>
    delivery({
      params: { webhook, secret },
      // What Estoka sends as a media type is not documented.
      headers: { 'content-type': 'text/plain' },
      body:
        body ??
        JSON.stringify({
          object_type: 'Order',
          object_id: newOrder(),
          organization_id: 1,
          event: 'completed_cancel',
          ...hint,
        }),
    });
  const send = (given: Hint = {}) => askRoute('receive-estoka-webhook', handler, requestOf(given));
  async function pendingOrder(): Promise<number> {
    const orderId = newOrder();
    provider.cancel.mockResolvedValueOnce({ kind: 'accepted', status: 'billing', historyMark: '591' });
    const command = cancelCommand({ orderId: String(orderId) });
    await perform(command, provider.needs, timeLeft(provider.clock));
    return orderId;
  }

  it.each([
    ['Order', 'completed_cancel'],
    ['OrderDecorator', 'pending_cancel'],
    ['Order', 'rejected_cancel'],
    ['Order', 'an_undocumented_cancellation'],
  ])('settles a pending cancel at %s %s, by what the order shows', async (type, event) => {
    const orderId = await pendingOrder();
    expect(await send({ hint: { object_type: type, object_id: orderId, event } })).toMatchObject({
      statusCode: 200,
      json: { operation: `loja-rio:${orderId}:1`, outcome: 'confirmed', final: true },
    });
  });

  it('does not believe the body: an order that does not show it stays pending', async () => {
    const orderId = await pendingOrder();
    provider.lookUp.mockResolvedValue(ACTIVE);
    expect(await send({ hint: { object_id: orderId } })).toMatchObject({
      statusCode: 202,
      json: { outcome: 'pending' },
    });
    const untouched = newOrder();
    expect((await send({ hint: { object_id: untouched } })).json).toEqual({ ignored: 'not_cancelled' });
    expect(await provider.needs.ledger.find('loja-rio', String(untouched))).toBeNull();
  });

  it('notes a cancel made elsewhere once, at the connection of its organization', async () => {
    const orderId = newOrder();
    const hint = { object_id: orderId, organization_id: 2 };
    const replies = await Promise.all([send({ hint }), send({ hint }), send({ hint })]);
    for (const { statusCode, json } of replies) {
      expect([statusCode, json['operation'], json['detail']]).toEqual([
        200,
        `loja-sul:${orderId}:1`,
        'already_cancelled',
      ]);
    }
    expect(await provider.needs.ledger.find('loja-sul', String(orderId))).toMatchObject({
      current: { attempts: 0, trigger: 'webhook', evidence: { source: 'read_back' } },
      previous: [],
    });
    expect(provider.cancel).not.toHaveBeenCalled();
  });

  it('asks to be sent again where the order could not be read', async () => {
    provider.lookUp.mockResolvedValue({ kind: 'lost', problem: 'timed_out' });
    expect((await send()).statusCode).toBe(503);
  });

  it.each([
    ['another event', { event: 'picked' }, 'not_about_cancelling'],
    ['another object', { object_type: 'StockSku', event: 'removed' }, 'not_about_cancelling'],
    ['an object of tomorrow', { object_type: 'Invoice', event: 'cancelled' }, 'not_about_cancelling'],
    ['another organization', { organization_id: 3 }, 'other_organization'],
  ])('acknowledges %s, and does nothing', async (_, hint, why) => {
    expect(await send({ hint })).toMatchObject({ statusCode: 200, json: { ignored: why } });
    expect(provider.lookUp).not.toHaveBeenCalled();
  });

  it.each(
    [
      [401, { secret: `${SECRETS.stock}x` }],
      [401, { secret: SECRETS.stock.slice(0, -1) }],
      [401, { secret: SECRETS.stock.toUpperCase() }],
      [401, { secret: SECRETS.checkout }],
      [404, { webhook: 'nobody' }],
      [404, { webhook: 'checkout', secret: SECRETS.checkout }],
      [400, { body: '' }],
      [400, { body: 'object_id=1' }],
      [400, { body: Buffer.from([0xff]) }],
      [400, { hint: { object_id: '1/../2' } }],
      [400, { hint: { object_id: 0 } }],
      [400, { hint: { organization_id: undefined } }],
      [400, { hint: { event: 5 } }],
      [413, { body: Buffer.alloc(1024 * 1024 + 1, 0x20) }, 'a body beyond a megabyte'],
    ].map(([status, given, name]) => [status, name ?? JSON.stringify(given), given]) as [number, string, Hint][],
  )('answers %i to %s, and does nothing', async (status, _name, given) => {
    const reply = await send(given);
    expect(reply.statusCode).toBe(status);
    expect(reply.headers['content-type']).toBe('application/problem+json');
    expect(provider.lookUp).not.toHaveBeenCalled();
  });

  it('takes the current and the previous secret when it is rotated while the function is warm', async () => {
    const next = 'another-secret-0123456789abcdef';
    expect((await send()).statusCode).toBe(200);
    stored.set('stock', { current: next, previous: SECRETS.stock });
    expect((await send({ secret: next })).statusCode).toBe(200);
    expect((await send()).statusCode).toBe(200);
    stored.set('stock', { current: next });
    provider.clock.advance(60_000);
    expect((await send({ secret: next })).statusCode).toBe(200);
  });

  it('shows a secret in no reply and no log, right or wrong', async () => {
    const written: string[] = [];
    const keep = (chunk: unknown) => {
      written.push(String(chunk));
      return true;
    };
    const spies = [process.stdout, process.stderr].map((stream) =>
      jest.spyOn(stream, 'write').mockImplementation(keep),
    );
    const logger = createLogger('receive-estoka-webhook');
    const { webhooks } = webhooksOf(provider.clock, logger);
    const logging = newHandler({ webhooks, connections, operations: provider.needs, log: logger });
    const replies: unknown[] = [];
    for (const given of [{}, { secret: `wrong-${SECRETS.stock}` }, { body: 'x' }, { webhook: 'nobody' }]) {
      replies.push(await askRoute('receive-estoka-webhook', logging, requestOf(given)));
    }
    for (const spy of spies) spy.mockRestore();

    expect(written.join('')).toMatch(/WEBHOOK_REFUSED[^]*REQUEST_ANSWERED/);
    expect(JSON.stringify(replies) + written.join('')).not.toContain(SECRETS.stock);
  });
});
