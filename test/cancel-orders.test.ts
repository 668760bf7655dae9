import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { createBatches } from '../functions/batches/batches.ts';
import { newHandler } from '../functions/cancel-orders.ts';
import { newHandler as newConsumer } from '../functions/cancel-queued-orders.ts';
import { createCommandQueue } from '../functions/commands/command-queue.ts';
import { newHandler as newReader } from '../functions/get-batch.ts';
import { redact } from '../functions/runtime/redact.ts';
import { sampleEvent } from './events/sample.ts';
import { CANCELLED, facts, world } from './operations/world.ts';
import { askRoute, EVERYTHING, keepingLog, lambdaContext } from './support/api-event.ts';
import { declaredConnections } from './support/connections.ts';
import { startDynamoDB, type TestDynamoDB } from './support/dynamodb.ts';

describe('a batch of orders', () => {
  let database: TestDynamoDB;
  let provider: ReturnType<typeof world>;
  let handler: ReturnType<typeof newHandler>;
  let reader: ReturnType<typeof newReader>;
  let consumer: ReturnType<typeof newConsumer>;
  let queue: string[];
  let failing: (sent: number) => 'entry' | 'request' | null;
  let orders = 0;
  const newOrders = (count: number) => Array.from({ length: count }, () => String(20_000 + (orders += 1)));

  beforeAll(async () => {
    database = await startDynamoDB();
  });
  afterAll(() => database.stop());
  beforeEach(() => {
    provider = world(database);
    queue = [];
    failing = () => null;
    const sqs = {
      send: ({ input: { Entries = [] } }: SendMessageBatchCommand) => {
        const failure = failing(queue.length);
        if (failure === 'request') return Promise.reject(new Error('SQS is down'));
        if (failure === 'entry') return Promise.resolve({ Failed: [{ Code: 'InternalError' }] });
        queue.push(...Entries.map(({ MessageBody }) => MessageBody ?? ''));
        return Promise.resolve({});
      },
    };
    const batches = createBatches({ dynamodb: database.client, table: database.tables.batches });
    const shared = { connections: declaredConnections(), batches, log: keepingLog() };
    handler = newHandler({
      ...shared,
      queue: createCommandQueue({ sqs: sqs as never, queueUrl: 'commands' }),
      clock: provider.clock,
      redact,
    });
    reader = newReader({ ...shared, ledger: provider.needs.ledger });
    consumer = newConsumer({
      ...shared,
      operations: provider.needs,
      deadLetters: { bury: () => Promise.resolve() },
      source: { mostReceives: 4, hideFor: () => Promise.resolve() },
    });
  });

  let keys = 0;
  const ask = (
    body: unknown,
    { key = `batch-${(keys += 1)}`, connection = 'loja-rio', authorizer = EVERYTHING } = {},
  ) =>
    askRoute('cancel-orders', handler, {
      params: { connection },
      headers: { 'content-type': 'application/json', ...(key !== '' && { 'idempotency-key': key }) },
      body: JSON.stringify(body),
      authorizer,
    });
  const read = async (id: unknown, authorizer: Record<string, string> = EVERYTHING) =>
    askRoute('get-batch', reader, { params: { batchId: String(id) }, authorizer });
  const work = async (count = Infinity) => {
    const bodies = queue.splice(0, count);
    for (let at = 0; at < bodies.length; at += 10) {
      const Records = bodies.slice(at, at + 10).map((body, index) => ({
        messageId: `message-${at + index}`,
        receiptHandle: 'handle',
        body,
        attributes: { ApproximateReceiveCount: '1' },
      }));
      await consumer({ Records }, lambdaContext(110_000));
    }
  };

  it('takes AWS’s sample event', async () => {
    const reply = await handler(sampleEvent('api-gateway-v2'), lambdaContext());
    expect(reply.statusCode).toBe(202);
    expect(queue.map((body) => JSON.parse(body) as unknown)).toMatchObject([
      { connection: 'loja-rio', orderId: '340', reason: 'inventory', actor: 'shop' },
      { orderId: '341' },
    ]);
  });

  it('keeps a note within its length also where more is struck out than was there', async () => {
    const note = `${'x'.repeat(490)} senha:1`;
    const taken = await ask({ orderIds: newOrders(2), note, actor: `${'y'.repeat(92)} senha:1` });
    await work();
    expect((await read(taken.json['id'])).json).toMatchObject({ counts: { confirmed: 2 }, final: true });
  });

  it('of 1,000 is queued whole', async () => {
    const taken = await ask({ orderIds: newOrders(1_000), reason: 'inventory' });
    expect(taken).toMatchObject({ statusCode: 202, json: { total: 1_000, dryRun: false } });
    expect(taken.headers['location']).toBe(`/v1/batches/${String(taken.json['id'])}`);
    expect(queue).toHaveLength(1_000);
    expect((await read(taken.json['id'])).json).toMatchObject({ counts: { waiting: 1_000 }, final: false });
  });

  it('shows its progress, and every order’s operation in the end', async () => {
    const orderIds = newOrders(250);
    const refused = new Set(orderIds.filter((_, index) => index % 10 === 3));
    provider.cancel.mockImplementation((orderId) =>
      Promise.resolve(
        refused.has(orderId) ? { kind: 'refused', words: 'no' } : { kind: 'cancelled', status: 'cancelled' },
      ),
    );
    const taken = await ask({ orderIds, reason: 'inventory' });
    await work(50);
    const halfway = await read(taken.json['id']);
    expect(halfway.json).toMatchObject({ counts: { waiting: 200, confirmed: 45, refused: 5 }, final: false });
    expect(halfway.headers['retry-after']).toBe('2');
    await work();
    const { json } = await read(taken.json['id']);
    expect(json).toMatchObject({ total: 250, counts: { waiting: 0, confirmed: 225, refused: 25 }, final: true });
    const shown = json['orders'] as { orderId: string; operation: { id: string; outcome: string } }[];
    expect(shown.map(({ orderId }) => orderId)).toEqual(orderIds);
    for (const { orderId, operation } of shown) {
      expect(operation).toMatchObject({
        id: `loja-rio:${orderId}:1`,
        outcome: refused.has(orderId) ? 'refused' : 'confirmed',
      });
    }
    expect(provider.cancel).toHaveBeenCalledTimes(250);
  });

  it('shows the operation that answered it, also when the order has a newer one', async () => {
    const [orderId = ''] = newOrders(1);
    provider.cancel.mockResolvedValueOnce({ kind: 'refused', words: 'no' });
    const taken = await ask({ orderIds: [orderId] });
    await work();
    const second = await ask({ orderIds: [orderId] });
    await work();
    expect((await read(taken.json['id'])).json).toMatchObject({
      orders: [{ operation: { id: `loja-rio:${orderId}:1`, outcome: 'refused' } }],
    });
    expect((await read(second.json['id'])).json).toMatchObject({
      orders: [{ operation: { id: `loja-rio:${orderId}:2`, outcome: 'confirmed' } }],
    });
  });

  it('asked for again with its key is the same batch, and nothing is queued again', async () => {
    const body = { orderIds: newOrders(3) };
    const first = await ask(body, { key: 'same' });
    const again = await ask(body, { key: 'same' });
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(again.json).toEqual(first.json);
    expect(queue).toHaveLength(3);
    expect(await ask({ orderIds: newOrders(3) }, { key: 'same' })).toMatchObject({
      statusCode: 422,
      json: { type: '/problems/idempotency-key-reused' },
    });
  });

  it.each(['entry', 'request'] as const)(
    'is completed by asking again when the queue took only some (%s)',
    async (kind) => {
      const body = { orderIds: newOrders(60) };
      failing = (sent) => (sent >= 20 ? kind : null);
      const key = `cut-off-${kind}`;
      expect(await ask(body, { key })).toMatchObject({
        statusCode: 503,
        json: { type: '/problems/temporarily-unavailable' },
      });
      failing = () => null;
      const taken = await ask(body, { key });
      expect(taken.statusCode).toBe(202);
      await work();
      expect((await read(taken.json['id'])).json).toMatchObject({ counts: { confirmed: 60 }, final: true });
      expect(provider.cancel).toHaveBeenCalledTimes(60);
    },
  );

  it('as a dry run shows a plan with what is at stake in each currency, and changes nothing', async () => {
    const orderIds = newOrders(6);
    const [, paid = '', , done = '', gone = '', delivered = ''] = orderIds;
    provider.lookUp.mockImplementation(({ orderId }) => {
      if (orderId === gone) return Promise.resolve({ kind: 'order_not_found' });
      if (orderId === done) return Promise.resolve(CANCELLED);
      const codes = orderId === paid ? (['paid'] as const) : orderId === delivered ? (['shipped'] as const) : [];
      const warnings = codes.map((code) => ({ code, text: 'It is so.' }));
      const order = { ...facts('billing'), warnings, total: { amount: 10.1, currency: 'BRL' } };
      return Promise.resolve({ kind: 'not_cancelled', order, refusal: null, historyMark: null });
    });
    const taken = await ask({ orderIds, dryRun: true });
    await work();
    const { json } = await read(taken.json['id']);
    expect(json).toMatchObject({
      dryRun: true,
      final: true,
      counts: { waiting: 0, wouldCancel: 3, likelyRefused: 1, wouldNotCancel: 1, failed: 1 },
      atStake: [{ currency: 'BRL', amount: 30.3, orders: 3 }],
    });
    expect((json['orders'] as object[])[1]).toMatchObject({
      plan: { verdict: 'would', wouldCancel: true, warnings: [{ code: 'paid' }] },
    });
    expect((json['orders'] as object[])[5]).toMatchObject({
      plan: { verdict: 'likely_refused', wouldCancel: false, warnings: [{ code: 'shipped' }] },
    });
    expect((json['orders'] as object[])[4]).toMatchObject({ problem: { code: 'order_not_found' } });
    expect(provider.cancel).not.toHaveBeenCalled();
    for (const orderId of orderIds) expect(await provider.needs.ledger.find('loja-rio', orderId)).toBeNull();
  });

  it.each([
    ['no key', { orderIds: ['1'] }, { key: '' }, 400, ['Idempotency-Key']],
    ['no orders', { orderIds: [] }, {}, 400, ['orderIds']],
    [
      '1,001 orders',
      { orderIds: Array.from({ length: 1_001 }, (_, index) => String(index + 1)) },
      {},
      400,
      ['orderIds'],
    ],
    ['an order twice', { orderIds: ['1', '2', '1'] }, {}, 400, ['orderIds.2']],
    ['a wrong order id', { orderIds: ['1', 'abc'] }, {}, 400, ['orderIds.1']],
    ['a number', { orderIds: ['1', 2] }, {}, 400, ['orderIds.1']],
    ['an unknown reason', { orderIds: ['1'], reason: 'mood' }, {}, 400, ['reason']],
    ['an unknown field', { orderIds: ['1'], orders: [] }, {}, 400, ['orders']],
    ['an unknown connection', { orderIds: ['1'] }, { connection: 'loja-sul' }, 404, ['connection']],
  ] as [string, unknown, { key?: string; connection?: string }, number, string[]][])(
    'is refused, and nothing queued: %s',
    async (_, body, options, status, fields) => {
      const reply = await ask(body, options);
      expect(reply.statusCode).toBe(status);
      expect((reply.json['errors'] as { field: string }[]).map(({ field }) => field)).toEqual(fields);
      expect(queue).toEqual([]);
    },
  );

  it('is for who may use the connection', async () => {
    const authorizer = { ...EVERYTHING, connections: 'toko-jaya' };
    expect((await ask({ orderIds: ['1'] }, { authorizer })).statusCode).toBe(403);
    const taken = await ask({ orderIds: newOrders(1) });
    expect((await read(taken.json['id'], authorizer)).statusCode).toBe(403);
    expect((await read('0'.repeat(24))).json).toMatchObject({ type: '/problems/batch-not-found', status: 404 });
    expect((await read('nonsense')).statusCode).toBe(400);
  });
});
