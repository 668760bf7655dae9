import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createConnections, parseConnections } from '../../../../functions/providers/connections.ts';
import { createHttpClient } from '../../../../functions/providers/http-client.ts';
import type { ProviderClient } from '../../../../functions/providers/provider.ts';
import { systemClock } from '../../../../functions/runtime/clock.ts';
import { BEHAVIOURS } from '../../../../infra/local/sandbox/behaviours.ts';
import { startEstokaSandbox } from '../../../../infra/local/sandbox/estoka-sandbox.ts';
import { startNgorderSandbox } from '../../../../infra/local/sandbox/ngorder-sandbox.ts';
import type { SandboxOptions } from '../../../../infra/local/sandbox/sandbox.ts';
import { startSandboxes } from '../../../../infra/local/sandbox/sandboxes.ts';
import { accountKeys } from '../../../support/account-names.ts';

const LATE_MS = 150;
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** One sandbox, its provider's own client, and the operator's controls. */
async function start(provider: 'estoka' | 'ngorder', options: Partial<SandboxOptions> = {}) {
  const sandbox = await (provider === 'estoka' ? startEstokaSandbox : startNgorderSandbox)({
    lateMs: LATE_MS,
    ...options,
  });
  cleanups.push(() => sandbox.close());
  const own = provider === 'estoka' ? { organizationId: 1 } : {};
  const connections = createConnections({
    declarations: parseConnections({ shop: { provider, baseUrl: sandbox.baseUrl, ...own } }),
    readCredential: () => Promise.resolve(sandbox.credential()),
    accountKeys,
    http: (target) => createHttpClient(target, { clock: systemClock, log }),
  });
  const { client } = await connections.open('shop');
  const control = async (method: string, path: string, body?: object): Promise<unknown> => {
    const reply = await fetch(`${sandbox.baseUrl}/_sandbox${path}`, {
      method,
      body: body ? JSON.stringify(body) : null,
    });
    const text = await reply.text();
    return text === '' ? reply.status : JSON.parse(text);
  };
  return { sandbox, client, control, reopen: async () => (await connections.open('shop')).client };
}

const ask = (client: ProviderClient, orderId: string, timeoutMs = 10_000) => client.cancel(orderId, { timeoutMs });
const find = async (client: ProviderClient, orderId: string, historyMark: string | null = null) =>
  (await client.lookUp({ orderId, askedAt: Date.now(), historyMark }, { timeoutMs: 10_000 })).kind;
const lateDeed = () => systemClock.sleep(LATE_MS * 3);

describe.each(['estoka', 'ngorder'] as const)('the sandbox of %s', (provider) => {
  const first = provider === 'estoka' ? '340' : '1338';

  it('cancels an order once, and says afterwards that it is cancelled', async () => {
    const { client, control } = await start(provider);
    expect(await find(client, first)).toBe('not_cancelled');
    expect((await ask(client, first)).kind).toBe('cancelled');
    expect(await find(client, first)).toBe('cancelled');
    expect((await ask(client, first)).kind).toBe('refused');
    expect(await control('GET', `/orders/${first}`)).toEqual({
      id: first,
      status: 'cancelled',
      behaviour: null,
      effects: 1,
      calls: 2,
    });
  });

  it('knows no other order, and no other credential', async () => {
    const { client, control, reopen } = await start(provider);
    expect((await ask(client, '77777')).kind).toBe('order_not_found');
    expect(await find(client, '77777')).toBe(provider === 'estoka' ? 'order_not_found' : 'nowhere');
    expect(await control('PUT', '/credential', { credential: 'rotated' })).toBe(204);
    expect((await ask(client, first)).kind).toBe('credential_rejected');
    expect((await ask(await reopen(), first)).kind).toBe('cancelled');
  });

  const conduct: { order: string; first: string; effects: number; then?: string }[] = [
    { order: '9001', first: 'timed_out', effects: 1 },
    { order: '9002', first: 'timed_out', effects: 0, then: 'cancelled' },
    { order: '9003', first: 'connection_cut', effects: 1 },
    { order: '9004', first: 'provider_error', effects: 1 },
    { order: '9008', first: 'refused', effects: 0, then: 'refused' },
    { order: '9011', first: 'refused', effects: 0, then: 'refused' },
    { order: '9012', first: 'foreign_reply', effects: 0, then: 'cancelled' },
    { order: '9013', first: 'connection_cut', effects: 0, then: 'cancelled' },
    { order: '9014', first: 'provider_error', effects: 0, then: 'cancelled' },
    { order: '9016', first: 'unreadable_reply', effects: 1 },
    { order: '9017', first: 'wrong_order', effects: 0, then: 'cancelled' },
    { order: '9018', first: 'foreign_reply', effects: 0, then: 'cancelled' },
    { order: '9020', first: 'unknown_reply', effects: 0, then: 'lost' },
    { order: '9021', first: 'foreign_reply', effects: 0, then: 'cancelled' },
  ];
  it.each(conduct)('behaves as the table says for order $order', async ({ order, first: answer, effects, then }) => {
    const { client, control } = await start(provider);
    const reply = await ask(client, order, answer === 'timed_out' ? 300 : 10_000);
    expect(reply.kind === 'lost' ? reply.problem : reply.kind).toBe(answer);
    expect(await control('GET', `/orders/${order}`)).toMatchObject({ effects, calls: 1 });
    expect(await find(client, order)).toBe(effects === 1 ? 'cancelled' : 'not_cancelled');
    if (then !== undefined) expect((await ask(client, order)).kind).toBe(then);
  });

  it('limits the first two asks of 9005 and 9006', async () => {
    const { client } = await start(provider);
    for (const [order, retryAfterMs] of [
      ['9005', 2_000],
      ['9006', null],
    ] as const) {
      expect(await ask(client, order)).toEqual({ kind: 'rate_limited', retryAfterMs });
      expect(await ask(client, order)).toEqual({ kind: 'rate_limited', retryAfterMs });
      expect((await ask(client, order)).kind).toBe('cancelled');
    }
  });

  it('rejects the credential with which 9007 was first asked, until it is another one', async () => {
    const { client, control, reopen } = await start(provider);
    expect(await find(client, '9007')).toBe('not_cancelled');
    expect((await ask(client, '9007')).kind).toBe('credential_rejected');
    expect((await ask(client, '9007')).kind).toBe('credential_rejected');
    expect(await find(client, '9007')).toBe('credential_rejected');
    await control('PUT', '/credential', { credential: 'rotated' });
    expect((await ask(await reopen(), '9007')).kind).toBe('cancelled');
  });

  it.each([
    ['9015', { kind: 'lost', problem: 'connection_cut' }],
    ['9019', { kind: 'lost', problem: 'foreign_reply', status: 499 }],
  ])('acts late for %s, and twice where it is asked again too early', async (order, first) => {
    const { client, control } = await start(provider);
    expect(await ask(client, order)).toEqual(first);
    expect((await ask(client, order)).kind).toBe('cancelled');
    await lateDeed();
    expect(await control('GET', `/orders/${order}`)).toMatchObject({ status: 'cancelled', effects: 2 });
  });

  it('takes any behaviour for any order from the operator, and no unknown one', async () => {
    const { client, control } = await start(provider);
    expect(await control('PUT', `/orders/${first}`, { behaviour: 'acts_then_500' })).toMatchObject({
      behaviour: 'acts_then_500',
    });
    expect(await ask(client, first)).toEqual({ kind: 'lost', problem: 'provider_error' });
    expect(await control('PUT', `/orders/${first}`, { behaviour: 'dances' })).toHaveProperty('error');
    expect(await control('GET', '/orders')).toHaveProperty('orders.0.id');
  });

  it('is really away while it is down, and comes back', async () => {
    const { client, control } = await start(provider);
    await control('POST', '/down', { seconds: 0.5 });
    await systemClock.sleep(100);
    expect((await ask(client, first)).kind).toBe('not_sent');
    await systemClock.sleep(900);
    expect((await ask(client, first)).kind).toBe('cancelled');
  });

  it('remembers over a kill what it did, what it still has to do, and its credential', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'sandbox-'));
    cleanups.push(() => {
      rmSync(dataDir, { recursive: true });
    });
    const before = await start(provider, { dataDir });
    await ask(before.client, first);
    await ask(before.client, '9015');
    await before.control('PUT', '/credential', { credential: 'rotated' });
    await before.sandbox.close();
    appendFileSync(join(dataDir, `sandbox-${provider}.jsonl`), '{"event":"cancel');

    const after = await start(provider, { dataDir });
    await lateDeed();
    expect(after.sandbox.credential()).toBe('rotated');
    expect(await after.control('GET', `/orders/${first}`)).toMatchObject({ status: 'cancelled', effects: 1, calls: 1 });
    expect(await after.control('GET', '/orders/9015')).toMatchObject({ status: 'cancelled', effects: 1, calls: 1 });
  });
});

describe('the sandbox of estoka', () => {
  it("answers the vendor's own sample for order 340, but for the times", async () => {
    const { sandbox } = await start('estoka');
    const reply = await fetch(`${sandbox.baseUrl}/api/v1/organizations/1/orders/340/cancel`, {
      method: 'POST',
      headers: { authorization: `Token token=${sandbox.credential()}` },
    });
    const sample = readFileSync(
      new URL('../../../providers/estoka/fixtures/cancelled-order.json', import.meta.url),
      'utf8',
    );
    expect(withoutTimes(await reply.json())).toEqual(withoutTimes(JSON.parse(sample)));
  });

  it('decides later over 9009, which it cancels, and 9010, which it refuses, and tells of it', async () => {
    const told: object[] = [];
    const { client } = await start('estoka', { tell: (message) => told.push(message) });
    for (const [order, end] of [
      ['9009', 'cancelled'],
      ['9010', 'not_cancelled'],
    ] as const) {
      const askedAt = Date.now();
      const reply = await ask(client, order);
      if (reply.kind !== 'accepted') throw new Error(reply.kind);
      await lateDeed();
      const found = await client.lookUp(
        { orderId: order, askedAt, historyMark: reply.historyMark },
        { timeoutMs: 10_000 },
      );
      expect(found.kind).toBe(end);
      if (found.kind === 'not_cancelled') expect(found.refusal).toContain('recusado');
    }
    expect(told).toEqual([
      { object_type: 'Order', object_id: 9009, organization_id: 1, event: 'completed_cancel' },
      { object_type: 'Order', object_id: 9010, organization_id: 1, event: 'rejected_cancel' },
    ]);
  });
});

describe('the sandbox of ngorder', () => {
  it("answers the vendor's own sample for order 1338, and has those of its cancelled list", async () => {
    const { sandbox, client } = await start('ngorder');
    const reply = await fetch(`${sandbox.baseUrl}/api/open/order/cancel`, {
      method: 'POST',
      headers: { authorization: `Bearer ${sandbox.credential()}` },
      body: '{"id":1338}',
    });
    expect(await reply.json()).toEqual({
      response: 'success',
      message: 'Order has been Canceled',
      data: { order_id: 1338, po_number: 10735 },
    });
    expect(await find(client, '566')).toBe('cancelled');
    expect(await find(client, '558')).toBe('cancelled');
  });

  it.each(['9009', '9010'])('acts late for %s, as it has no cancellation that is being decided', async (order) => {
    const told: object[] = [];
    const { client } = await start('ngorder', { tell: (message) => told.push(message) });
    expect(await ask(client, order)).toEqual({ kind: 'lost', problem: 'provider_error' });
    await lateDeed();
    expect(await find(client, order)).toBe('cancelled');
    expect(told).toEqual([]);
  });

  it('shows orders of the last 30 days only, unless it is asked for others', async () => {
    const { sandbox } = await start('ngorder');
    const count = async (query: string) => {
      const headers = { authorization: `Bearer ${sandbox.credential()}` };
      const reply: unknown = await (await fetch(`${sandbox.baseUrl}/api/open/order?${query}`, { headers })).json();
      return reply;
    };
    const keyword = 'type=ORDER_ID&keyword=1401';
    expect(await count(`${keyword}&start_date=2000-01-01&end_date=2100-01-01`)).toMatchObject({
      meta: { pagination: { total: 1, links: [] } },
    });
    expect(await count(`${keyword}&start_date=2000-01-01&end_date=2001-01-01`)).toMatchObject({ data: [] });
  });
});

describe('the sandbox of ngorder, of unpaid orders', () => {
  const askFor = async (sandbox: { baseUrl: string; credential(): string }, query: string) => {
    const dates = 'start_date=2000-01-01&end_date=2100-01-01&per_page=100';
    const headers = { authorization: `Bearer ${sandbox.credential()}` };
    const reply = await fetch(`${sandbox.baseUrl}/api/open/order?${dates}&${query}`, { headers });
    const { data } = (await reply.json()) as { data: Record<string, unknown>[] };
    return new Map(data.map((row) => [String(row['order_id']), row]));
  };

  it('lists those that are unpaid, and an order that was paid no more', async () => {
    const { sandbox, control } = await start('ngorder');
    const before = await askFor(sandbox, 'payment_status=UNPAID');
    expect([...before.values()].every((row) => row['payment_status'] === 'UNPAID')).toBe(true);
    expect(['1501', '1502', '1503', '1504'].every((id) => before.has(id))).toBe(true);
    expect(before.get('1503')).toMatchObject({ cod_status: true });

    expect(await control('PUT', '/orders/1501', { paid: true })).toMatchObject({ id: '1501', status: 'active' });
    expect((await askFor(sandbox, 'payment_status=UNPAID')).has('1501')).toBe(false);
    expect((await askFor(sandbox, 'type=ORDER_ID&keyword=1501')).get('1501')).toMatchObject({
      payment_status: 'PAID',
      remaining_amount: 0,
    });
  });

  it('has one that is paid between the list and a read of it', async () => {
    const { sandbox } = await start('ngorder');
    expect((await askFor(sandbox, 'payment_status=UNPAID')).get('1504')).toMatchObject({ payment_status: 'UNPAID' });
    expect((await askFor(sandbox, 'type=ORDER_ID&keyword=1504')).get('1504')).toMatchObject({ payment_status: 'PAID' });
  });
});

describe('the sandboxes together', () => {
  it('are two connections that can be declared as they are', async () => {
    const sandboxes = await startSandboxes({ dataDir: null, log: () => undefined, estokaPort: 0, ngorderPort: 0 });
    cleanups.push(() => sandboxes.close());
    const declared = Object.entries(sandboxes.connections).map(([name, { credential, ...declaration }]) => {
      expect(credential).toMatch(/^sandbox-/);
      return [name, declaration] as const;
    });
    expect([...parseConnections(Object.fromEntries(declared)).keys()]).toEqual(['loja-rio', 'toko-jaya']);
  });

  it('take another port where theirs is taken', async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => {
        const address = other.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
    cleanups.push(() => new Promise((resolve) => other.close(resolve)));
    const { sandbox } = await start('estoka', { port });
    expect(sandbox.baseUrl).not.toContain(`:${port}`);
  });
});

describe('the table of behaviours', () => {
  it('has each order and each name once', () => {
    expect(new Set(BEHAVIOURS.map(({ orderId }) => orderId)).size).toBe(BEHAVIOURS.length);
    expect(new Set(BEHAVIOURS.map(({ behaviour }) => behaviour)).size).toBe(BEHAVIOURS.length);
  });
});

/** Moments differ from run to run; everything else must not. */
function withoutTimes(value: unknown): unknown {
  const text = JSON.stringify(value, (key, item: unknown) => (/_at$/.test(key) ? 'a time' : item));
  const parsed: unknown = JSON.parse(text);
  return parsed;
}
