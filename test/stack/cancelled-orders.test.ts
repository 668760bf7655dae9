import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BEHAVIOURS } from '../../infra/local/sandbox/behaviours.ts';
import { newDataDir, startLocalStack, type LocalStackProcess, type Reply } from '../support/local-stack.ts';

/** Cancelled orders as a user has them: the deployed template on this machine, over HTTP, with the sandbox providers. */

let dataDir: Awaited<ReturnType<typeof newDataDir>>;
let stack: LocalStackProcess;
let sandbox: string;

beforeAll(async () => {
  dataDir = await newDataDir();
  stack = await startLocalStack(dataDir.path);
  const connections = JSON.parse(await readFile(join(dataDir.path, 'connections.json'), 'utf8')) as Record<
    string,
    { baseUrl: string }
  >;
  sandbox = connections['toko-jaya']?.baseUrl ?? '';
});
afterAll(async () => {
  await stack.stop();
  await dataDir.remove();
});

interface Row {
  connection: string;
  orderId: string;
  type: string;
  orderedAt: string;
  cancelledAt: string | null;
}

const YEAR = 'from=2026-01-01&to=2026-12-31';
const pathOf = (orderId: string) => `/v1/connections/toko-jaya/cancelled-orders/${orderId}`;
/** The local gateway answers for itself where a function took too long; then a caller asks again. */
async function ask(...request: Parameters<LocalStackProcess['ask']>): Promise<Reply> {
  for (;;) {
    const reply = await stack.ask(...request);
    if (reply.status < 500 || !('message' in reply.body)) return reply;
  }
}
const restore = (orderId: string) => ask('POST', `${pathOf(orderId)}/restore`);
/** A read through lists that move may have to be asked for again. */
async function etagOf(orderId: string): Promise<string> {
  for (;;) {
    const reply = await ask('GET', pathOf(orderId));
    if (reply.status === 200) return reply.headers.get('etag') ?? '';
    if (reply.status < 500) throw new Error(JSON.stringify(reply.body));
  }
}
async function remove(orderId: string, etag: string): Promise<Reply> {
  for (;;) {
    const reply = await ask('DELETE', pathOf(orderId), { headers: { 'if-match': etag } });
    if (reply.status < 500) return reply;
  }
}
async function control(
  orderId: string,
  behaviour?: string,
): Promise<{ status: string; effects: number; calls: number }> {
  const reply = await fetch(`${sandbox}/_sandbox/orders/${orderId}`, {
    method: behaviour === undefined ? 'GET' : 'PUT',
    ...(behaviour !== undefined && { body: JSON.stringify({ behaviour }) }),
  });
  return (await reply.json()) as { status: string; effects: number; calls: number };
}
const waitUntilSettled = (orderId: string) => stack.waitUntilSettled(`toko-jaya:${orderId}:1`);

async function list(query: string, path = '/v1/cancelled-orders'): Promise<Row[]> {
  const rows: Row[] = [];
  for (let cursor = ''; ;) {
    const { status, body } = await ask('GET', `${path}?${query}${cursor}`);
    expect({ status, incomplete: body['incomplete'] }).toEqual({ status: 200, incomplete: [] });
    rows.push(...(body['orders'] as Row[]));
    const next = body['nextCursor'] as string | null;
    if (next === null) return rows;
    cursor = `&cursor=${next}`;
  }
}

describe('the list of cancelled orders', () => {
  it('has the orders of both providers, newest first, page by page', async () => {
    await ask('POST', '/v1/connections/loja-rio/orders/340/cancel');
    await ask('POST', '/v1/connections/toko-jaya/orders/1338/cancel');
    const rows = await list(`${YEAR}&limit=17`);
    expect(rows.length).toBeGreaterThan(60);
    expect(new Set(rows.map(({ connection, orderId }) => `${connection}:${orderId}`)).size).toBe(rows.length);
    expect(rows.map(({ orderedAt }) => orderedAt)).toEqual(
      rows
        .map(({ orderedAt }) => orderedAt)
        .sort()
        .reverse(),
    );
    expect(new Set(rows.map(({ type }) => type))).toEqual(new Set(['cancelled', 'rejected', 'expired']));
    expect(rows.find(({ orderId }) => orderId === '1338')?.cancelledAt).toMatch(/^20\d\d-/);
    expect(rows.some(({ connection }) => connection === 'loja-rio')).toBe(false);
    // The documentation's order is of 2018: it was ordered then, and is listed there.
    const [row] = await list('from=2018-08-22&to=2018-08-22', '/v1/connections/loja-rio/cancelled-orders');
    expect(row).toMatchObject({ orderId: '340', number: '2815308660008', source: 'ledger', total: { amount: 62 } });
  });

  it('shows the vendor’s sample as it is', async () => {
    const { body } = await ask('GET', pathOf('566'));
    expect(body).toMatchObject({
      number: '505',
      orderedAt: '2021-01-18T03:37:42.000Z',
      cancelledAt: null,
      total: { amount: 0, currency: 'IDR' },
      paymentStatus: 'PAID',
      items: [{ sku: null, name: 'Kaos Yes Biru', quantity: 10, unitPrice: 10000 }],
    });
  });
});

describe('a restore and a delete', () => {
  it('are asked for once, whoever asks how often', async () => {
    const restored = await Promise.all(Array.from({ length: 10 }, () => restore('659')));
    expect(restored.filter(({ status }) => status >= 500)).toEqual([]);
    expect(await waitUntilSettled('659')).toMatchObject({ kind: 'restore', outcome: 'confirmed' });
    expect(await control('659')).toMatchObject({ status: 'active', effects: 1, calls: 1 });

    const etag = await etagOf('660');
    const deleted = await Promise.all(Array.from({ length: 10 }, () => remove('660', etag)));
    expect(deleted.filter(({ status }) => status >= 500)).toEqual([]);
    expect(await waitUntilSettled('660')).toMatchObject({
      kind: 'delete',
      outcome: 'confirmed',
      tombstone: { number: '599' },
    });
    expect(await control('660')).toMatchObject({ status: 'deleted', effects: 1, calls: 1 });
    expect((await ask('GET', pathOf('660'))).status).toBe(404);
    expect(await restore('660')).toMatchObject({ status: 404, body: { operation: { kind: 'delete' } } });
    expect((await list(YEAR)).some(({ orderId }) => orderId === '659' || orderId === '660')).toBe(false);
  });

  it('follow one another on one order: cancel, restore, cancel, restore', async () => {
    const cancel = () => ask('POST', '/v1/connections/toko-jaya/orders/1401/cancel');
    const ids = [];
    for (const one of [cancel, () => restore('1401'), cancel, () => restore('1401')]) {
      const { body } = await one();
      ids.push(body['id']);
      await stack.waitUntilSettled(String(body['id']));
    }
    expect(ids).toEqual([1, 2, 3, 4].map((number) => `toko-jaya:1401:${number}`));
    expect(await control('1401')).toMatchObject({ status: 'active', effects: 4, calls: 4 });
  });

  it('are not possible at Estoka', async () => {
    const path = '/v1/connections/loja-rio/cancelled-orders/340';
    expect((await ask('POST', `${path}/restore`)).status).toBe(501);
    expect((await ask('DELETE', path, { headers: { 'if-match': '"x"' } })).status).toBe(501);
  });

  const REFUSED = ['refuses', 'failure_body'];
  const concerned = BEHAVIOURS.filter(({ behaviour }) => behaviour !== 'rejects_credential');
  it.each([
    ['restore', 601, 'active', restore],
    ['delete', 631, 'deleted', async (orderId: string) => remove(orderId, await etagOf(orderId))],
  ] as const)('come to their end however the provider misbehaves: a %s', async (kind, firstOrder, status, asking) => {
    const seen = await Promise.all(
      concerned.map(async ({ behaviour }, index) => {
        const orderId = String(firstOrder + index);
        await control(orderId, behaviour);
        await asking(orderId);
        const { outcome, kind: shown } = await waitUntilSettled(orderId);
        const after = await control(orderId);
        return [behaviour, { kind: shown, outcome, status: after.status, effects: after.effects }];
      }),
    );
    const expected = concerned.map(({ behaviour }) => [
      behaviour,
      REFUSED.includes(behaviour)
        ? { kind, outcome: 'refused', status: 'cancelled', effects: 0 }
        : behaviour === 'gateway_json'
          ? { kind, outcome: 'needs_attention', status: 'cancelled', effects: 0 }
          : { kind, outcome: 'confirmed', status, effects: 1 },
    ]);
    expect(Object.fromEntries(seen)).toEqual(Object.fromEntries(expected));
  });
});
