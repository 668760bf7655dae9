import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { newHandler } from '../functions/cancel-order.ts';
import { PROBLEMS } from '../functions/http/problems.ts';
import { createConnections, parseConnections } from '../functions/providers/connections.ts';
import type { LookUpReply } from '../functions/providers/provider.ts';
import { ACTIVE, CANCELLED, TIMED_OUT, world } from './operations/world.ts';
import { askRoute, EVERYTHING, keepingLog } from './support/api-event.ts';
import { startDynamoDB, type TestDynamoDB } from './support/dynamodb.ts';
import { accountKeys } from './support/account-names.ts';

interface Ask {
  connection?: string;
  orderId?: string;
  body?: unknown;
  text?: string;
  headers?: Record<string, string>;
  authorizer?: Record<string, string> | null;
}

describe('cancel-order', () => {
  let database: TestDynamoDB;
  let provider: ReturnType<typeof world>;
  let handler: ReturnType<typeof newHandler>;
  let orders = 0;
  const newOrder = () => String(1_000 + (orders += 1));

  beforeAll(async () => {
    database = await startDynamoDB();
  });
  afterAll(() => database.stop());
  beforeEach(() => {
    provider = world(database);
    const connections = createConnections({
      declarations: parseConnections({
        'loja-rio': { provider: 'estoka', baseUrl: 'https://estoka.example', organizationId: 1 },
        'toko-jaya': { provider: 'ngorder', baseUrl: 'https://ngorder.example' },
      }),
      readCredential: () => Promise.reject(new Error('is not read here')),
      accountKeys,
      http: () => {
        throw new Error('is not called here');
      },
    });
    handler = newHandler({ connections, operations: provider.needs, log: keepingLog() });
  });

  function ask({ connection = 'loja-rio', orderId = newOrder(), body, text, headers = {}, authorizer }: Ask = {}) {
    return askRoute('cancel-order', handler, {
      params: { connection, orderId },
      headers: { 'content-type': 'application/json', ...headers },
      ...(text !== undefined ? { body: text } : body !== undefined && { body: JSON.stringify(body) }),
      ...(authorizer !== undefined && { authorizer }),
    });
  }
  const fieldsOf = (json: Record<string, unknown>) => (json['errors'] as { field: string }[]).map(({ field }) => field);

  it('cancels once, and answers the same ask again without asking the provider', async () => {
    const orderId = newOrder();
    const first = await ask({ orderId, body: { reason: 'customer', note: 'changed her mind', actor: 'ana' } });
    expect(first.statusCode).toBe(200);
    expect(first.headers).not.toHaveProperty('idempotent-replayed');
    expect(first.json).toMatchObject({
      id: `loja-rio:${orderId}:1`,
      provider: 'estoka',
      outcome: 'confirmed',
      reason: 'customer',
      note: 'changed her mind',
      actor: 'ana',
      trigger: 'http',
    });

    const second = await ask({ orderId });
    expect(second).toMatchObject({ statusCode: 200, headers: { 'idempotent-replayed': 'true' }, json: first.json });
    expect(provider.cancel).toHaveBeenCalledTimes(1);
  });

  it('keeps the token’s name as the actor where none is named', async () => {
    expect((await ask()).json).toMatchObject({ actor: 'shop', reason: null, note: null });
  });

  it('strikes personal data out of what it keeps', async () => {
    const { body } = await ask({
      body: { note: 'call maria@loja.com.br, CPF 529.982.247-25', actor: 'ana@loja.com.br' },
    });
    expect(body).not.toMatch(/maria|529|ana@/);
  });

  it('answers 202, with where and when to look, when the provider’s answer was lost', async () => {
    provider.cancel.mockResolvedValue(TIMED_OUT);
    const orderId = newOrder();
    const reply = await ask({ orderId });
    expect(reply.statusCode).toBe(202);
    expect(reply.headers['location']).toBe(`/v1/operations/loja-rio:${orderId}:1`);
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
    expect(reply.json).toMatchObject({ outcome: 'unknown', final: false });
  });

  it('answers 409 with the provider’s words when it refuses', async () => {
    provider.cancel.mockResolvedValue({ kind: 'refused', words: 'pedido já entregue' });
    provider.lookUp.mockResolvedValue(ACTIVE);
    const reply = await ask();
    expect(reply.statusCode).toBe(409);
    expect(reply.json).toMatchObject({ type: '/problems/order-not-cancellable', operation: { outcome: 'refused' } });
    expect(reply.json['detail']).toContain('pedido já entregue');
  });

  it('answers 404 with the operation when the provider has no such order', async () => {
    provider.cancel.mockResolvedValue({ kind: 'order_not_found', words: '' });
    provider.lookUp.mockResolvedValue({ kind: 'order_not_found' });
    const reply = await ask();
    expect(reply.statusCode).toBe(404);
    expect(reply.json).toMatchObject({ type: '/problems/order-not-found', operation: { detail: 'order_not_found' } });
  });

  it('takes an idempotency key for one ask only, and apart for each caller', async () => {
    const headers = { 'idempotency-key': `key-${newOrder()}` };
    const orderId = newOrder();
    expect((await ask({ orderId, headers, body: { reason: 'fraud' } })).statusCode).toBe(200);
    expect((await ask({ orderId, headers, body: { reason: 'fraud' } })).headers['idempotent-replayed']).toBe('true');

    const reused = await ask({ orderId, headers, body: { reason: 'staff' } });
    expect(reused).toMatchObject({ statusCode: 422, json: { type: '/problems/idempotency-key-reused' } });
    expect((await ask({ headers })).statusCode).toBe(422);
    expect((await ask({ headers, authorizer: { ...EVERYTHING, name: 'other' } })).statusCode).toBe(200);
  });

  it('gives 50 callers at once one effect, and none of them a 5xx', async () => {
    const orderId = newOrder();
    const replies = await Promise.all(
      Array.from({ length: 50 }, (_, caller) =>
        ask({ orderId, headers: caller % 2 === 0 ? {} : { 'idempotency-key': `crowd-${orderId}-${caller}` } }),
      ),
    );
    expect(provider.cancel).toHaveBeenCalledTimes(1);
    for (const reply of replies) {
      expect([200, 409]).toContain(reply.statusCode);
      if (reply.statusCode === 409) {
        expect(reply.json).toMatchObject({ type: '/problems/operation-in-progress', operation: { orderId } });
        expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
      }
    }
  });

  it.each([
    [400, 'invalid-request', { body: { reason: 'mood' } }, ['reason']],
    [400, 'invalid-request', { body: { note: 5, actor: [], dryRun: 'yes' } }, ['note', 'actor', 'dryRun']],
    [400, 'invalid-request', { body: { note: 'x'.repeat(501) } }, ['note']],
    [400, 'invalid-request', { body: { actor: 'x'.repeat(101) } }, ['actor']],
    [400, 'invalid-request', { body: { reasn: 'fraud', force: true } }, ['reasn', 'force']],
    [400, 'invalid-request', { body: [] }, ['body']],
    [400, 'invalid-request', { body: 'fraud' }, ['body']],
    [400, 'invalid-request', { text: 'null' }, ['body']],
    [400, 'body-not-json', { text: '{"reason":' }, ['body']],
    [400, 'invalid-request', { orderId: 'abc' }, ['orderId']],
    [400, 'invalid-request', { orderId: '1/2' }, ['orderId']],
    [400, 'invalid-request', { orderId: '9'.repeat(200) }, ['orderId']],
    [400, 'invalid-request', { headers: { 'idempotency-key': '' } }, ['Idempotency-Key']],
    [400, 'invalid-request', { headers: { 'idempotency-key': 'x'.repeat(256) } }, ['Idempotency-Key']],
    [404, 'unknown-connection', { connection: 'loja-sul' }, ['connection']],
    [413, 'body-too-large', { body: { note: 'x'.repeat(2 * 1024 * 1024) } }, ['body']],
  ] as [number, string, Ask, string[]][])(
    'answers %i %s and names what is wrong',
    async (status, slug, wrong, fields) => {
      const reply = await ask(wrong);
      expect(reply.statusCode).toBe(status);
      expect(reply.json['type']).toBe(`/problems/${slug}`);
      expect(fieldsOf(reply.json)).toEqual(fields);
      expect(provider.cancel).not.toHaveBeenCalled();
    },
  );

  it('keeps callers to their connections, whether or not another one exists', async () => {
    const authorizer = { ...EVERYTHING, connections: 'toko-jaya' };
    expect((await ask({ authorizer })).statusCode).toBe(403);
    expect((await ask({ authorizer, connection: 'loja-sul' })).statusCode).toBe(403);
    expect((await ask({ authorizer, connection: 'toko-jaya' })).statusCode).toBe(200);
  });

  describe('as a dry run', () => {
    const dryRun = (orderId = newOrder()) => ask({ orderId, body: { dryRun: true } });

    it.each([
      ['would cancel', 'would', true, 'paid'],
      ['would likely be refused', 'likely_refused', false, 'shipped'],
    ] as const)(
      'says that it %s, what that touches, and what speaks against it',
      async (_, verdict, wouldCancel, code) => {
        const warnings = [{ code, text: 'is so' }];
        provider.lookUp.mockResolvedValue({
          kind: 'not_cancelled',
          order: { status: 'billing', warnings, total: null, personalData: ['Maria'] },
          refusal: null,
          historyMark: null,
        });
        const orderId = newOrder();
        const reply = await dryRun(orderId);
        expect(reply.statusCode).toBe(200);
        expect(reply.json).toEqual({
          dryRun: true,
          wouldCancel,
          verdict,
          order: { status: 'billing' },
          effects: provider.open('loja-rio').provider.capabilities.cancel.effects,
          warnings,
        });
        expect(provider.cancel).not.toHaveBeenCalled();
        expect(await provider.needs.ledger.find('loja-rio', orderId)).toBeNull();
      },
    );

    it('says that it would not when the order is cancelled already', async () => {
      provider.lookUp.mockResolvedValue(CANCELLED);
      expect((await dryRun()).json).toMatchObject({
        ...{ wouldCancel: false, verdict: 'would_not' },
        ...{ order: { status: 'cancelled' }, effects: [] },
      });
    });

    it('says that it would not where an operation stands already', async () => {
      const orderId = newOrder();
      await ask({ orderId });
      expect((await dryRun(orderId)).json).toMatchObject({ wouldCancel: false, operation: `loja-rio:${orderId}:1` });
    });

    it.each([
      [{ kind: 'order_not_found' }, 404, 'order-not-found'],
      [{ kind: 'nowhere' }, 404, 'order-not-found'],
      [{ kind: 'credential_rejected' }, 502, 'provider-failed'],
      [{ kind: 'lost', problem: 'unreadable_reply' }, 502, 'provider-failed'],
      [{ kind: 'lost', problem: 'timed_out' }, 503, 'provider-unavailable'],
      [{ kind: 'not_sent', problem: 'provider_unreachable' }, 503, 'provider-unavailable'],
      [{ kind: 'rate_limited', retryAfterMs: 6_500 }, 503, 'provider-unavailable'],
    ] as [LookUpReply, number, string][])('answers %j as %i %s', async (found, status, slug) => {
      // One that may be rejected without harm to the other tests.
      provider.credentials.set('loja-rio', found.kind);
      provider.lookUp.mockResolvedValue(found);
      const reply = await dryRun();
      expect(reply).toMatchObject({ statusCode: status, json: { type: `/problems/${slug}` } });
      if (found.kind === 'rate_limited') expect(reply.headers['retry-after']).toBe('7');
    });
  });

  it('never answers an input with a 5xx, and every 4xx is a problem of the table', async () => {
    const types = PROBLEMS.map(({ slug }) => `/problems/${slug}`);
    const anyText = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('', 'loja-rio', '__proto__', '../..', 'a:b:1', '%00'),
    );
    const anyBody = fc.oneof(
      fc.json(),
      fc.string({ unit: 'binary' }),
      fc
        .record(
          {
            reason: fc.oneof(fc.constantFrom('fraud', 'other', 'toString'), fc.jsonValue()),
            note: fc.oneof(fc.string({ unit: 'binary', maxLength: 600 }), fc.constant('\ud800')),
            actor: fc.oneof(fc.string({ maxLength: 120 }), fc.jsonValue()),
            ['__proto__']: fc.jsonValue(),
          },
          { requiredKeys: [] },
        )
        .map((body) => JSON.stringify(body)),
    );
    const orderId = fc.oneof(anyText, fc.integer({ min: 1, max: 50 }).map(String));
    const headers = fc.dictionary(
      fc.constantFrom('content-type', 'Idempotency-Key', 'idempotency-key', 'authorization', 'x'),
      fc.oneof(anyText, fc.constantFrom('application/json', '"k"', 'k')),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.constant('loja-rio'), fc.constant('toko-jaya'), anyText),
        orderId,
        fc.option(anyBody, { nil: undefined }),
        headers,
        fc.boolean(),
        async (connection, id, body, sent, isBase64Encoded) => {
          const reply = await askRoute('cancel-order', handler, {
            path: '/v1/connections/x/orders/y/cancel',
            params: { connection, orderId: id },
            headers: sent,
            isBase64Encoded,
            ...(body !== undefined && { body }),
          });
          expect(reply.statusCode).toBeLessThan(500);
          if (reply.statusCode < 400) return;
          expect(reply.headers['content-type']).toBe('application/problem+json');
          const problem = JSON.parse(reply.body) as { type: string; status: number };
          expect(types).toContain(problem.type);
          expect(problem.status).toBe(reply.statusCode);
        },
      ),
      { numRuns: 100 },
    );
  }, 60_000);
});
