import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newHandler } from '../functions/list-cancelled-orders.ts';
import { startFakeNgorder, type FakeNgorder } from './providers/ngorder/fake-ngorder.ts';
import { accounts, startFakeEstoka } from './support/accounts.ts';
import { askRoute, EVERYTHING, keepingLog, lambdaContext } from './support/api-event.ts';
import { cursorsOf } from './support/cursors.ts';
import { startDynamoDB, type TestDynamoDB } from './support/dynamodb.ts';

describe('list-cancelled-orders', () => {
  let dynamodb: TestDynamoDB;
  let jaya: FakeNgorder;
  let baru: FakeNgorder;
  let estoka: Awaited<ReturnType<typeof startFakeEstoka>>;
  let made: ReturnType<typeof accounts>;
  let handler: ReturnType<typeof newHandler>;

  beforeAll(async () => {
    dynamodb = await startDynamoDB();
    estoka = await startFakeEstoka(() => '2026-06-02T12:00:00.000-03:00');
  });
  afterAll(async () => {
    await dynamodb.stop();
    await estoka.close();
  });
  afterEach(async () => {
    await jaya.close();
    await baru.close();
  });
  beforeEach(async () => {
    const order = (id: number, list: 'CANCEL' | 'REJECTED' | 'EXPIRED', orderDate: string) => ({ id, list, orderDate });
    jaya = await startFakeNgorder([
      order(1, 'CANCEL', '2026-06-01 12:00:00'),
      order(2, 'REJECTED', '2026-06-03 12:00:00'),
      order(3, 'EXPIRED', '2026-06-05 12:00:00'),
    ]);
    baru = await startFakeNgorder([order(1, 'CANCEL', '2026-06-04 12:00:00')]);
    made = accounts(dynamodb, {
      'toko-jaya': { provider: 'ngorder', fake: jaya },
      'toko-baru': { provider: 'ngorder', fake: baru },
      'loja-rio': { provider: 'estoka', fake: estoka },
    });
    await made.cancel('loja-rio', '340');
    handler = newHandler({
      connections: made.connections,
      listing: made.needs,
      cursors: cursorsOf(),
      log: keepingLog(),
    });
  });

  const YEAR = { from: '2026-01-01', to: '2026-12-31' };
  async function list(query: Record<string, string> = {}, connection?: string, authorizer = EVERYTHING) {
    const { statusCode, json } = await askRoute('list-cancelled-orders', handler, {
      query: { ...YEAR, ...query },
      authorizer,
      ...(connection !== undefined && { params: { connection } }),
    });
    const orders = (json['orders'] ?? []) as { connection: string; orderId: string; source: string }[];
    return { status: statusCode, json, orders, names: orders.map((one) => `${one.connection}:${one.orderId}`) };
  }

  it('lists all connections, newest first, and says where each one’s orders come from', async () => {
    const { status, names, json } = await list();
    expect(status).toBe(200);
    expect(names).toEqual(['toko-jaya:3', 'toko-baru:1', 'toko-jaya:2', 'loja-rio:340', 'toko-jaya:1']);
    expect(json).toMatchObject({
      nextCursor: null,
      incomplete: [],
      sources: { 'toko-jaya': 'provider', 'toko-baru': 'provider', 'loja-rio': 'ledger' },
    });
  });

  it('lists one connection, and says where its orders come from', async () => {
    const { names, json } = await list({}, 'toko-jaya');
    expect(names).toEqual(['toko-jaya:3', 'toko-jaya:2', 'toko-jaya:1']);
    expect(json).toMatchObject({ source: 'provider' });
    const ofLedger = await list({}, 'loja-rio');
    expect(ofLedger.json).toMatchObject({ source: 'ledger', orders: [{ orderId: '340', source: 'ledger' }] });
  });

  it('lists one type', async () => {
    expect((await list({ type: 'cancelled' })).names).toEqual(['toko-baru:1', 'loja-rio:340', 'toko-jaya:1']);
    expect((await list({ type: 'rejected' })).names).toEqual(['toko-jaya:2']);
    expect((await list({ type: 'expired' })).names).toEqual(['toko-jaya:3']);
  });

  it('goes on page by page, of the same period and filters only', async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await list({ limit: '2', ...(cursor !== undefined && { cursor }) });
      seen.push(...page.names);
      cursor = (page.json['nextCursor'] as string | null) ?? undefined;
      if (cursor !== undefined) {
        expect(await list({ cursor, type: 'cancelled' })).toMatchObject({ status: 400 });
        expect(await list({ cursor }, 'toko-jaya')).toMatchObject({ status: 400 });
      }
    } while (cursor !== undefined);
    expect(seen).toEqual(['toko-jaya:3', 'toko-baru:1', 'toko-jaya:2', 'loja-rio:340', 'toko-jaya:1']);
  });

  it('names a provider that fails beside the rows of the others', async () => {
    await baru.close();
    const { status, names, json } = await list();
    expect(status).toBe(200);
    expect(names).toEqual(['toko-jaya:3', 'toko-jaya:2', 'loja-rio:340', 'toko-jaya:1']);
    expect(json['incomplete']).toEqual([{ connection: 'toko-baru', problem: 'provider_unreachable' }]);
    baru = await startFakeNgorder([]);
  });

  it('shows personal data only to who may see it and asked for it', async () => {
    const everything = JSON.stringify((await list()).json);
    expect(everything).not.toMatch(/Pelanggan|Jalan|0800|Ana|01527675173/);
    const { orders } = await list({ include: 'customer' });
    expect(orders[0]).toMatchObject({ customer: { name: 'Pelanggan 3', phones: ['080000000000'] } });
    const readOnly = { name: 'reader', scopes: 'read' };
    expect(await list({ include: 'customer' }, undefined, readOnly)).toMatchObject({
      status: 403,
      json: { detail: expect.stringContaining('personal-data') },
    });
    expect(JSON.stringify((await list({}, undefined, readOnly)).json)).toBe(everything);
  });

  it('shows what goods are called without the order’s own people, and without numbers and addresses of others', async () => {
    const order = jaya.orders.find(({ id }) => id === 3);
    if (order === undefined) throw new Error('gone');
    const texts = [
      'Kaos untuk Budi Santoso',
      'kirim ke toko@example.com',
      'Kaos 0812-3456-7890',
      'dari Dewi Lestari, Melati 9',
    ];
    order.fields = {
      receiver_name: 'Budi Santoso',
      sender_name: 'Dewi Lestari',
      receiver_address: 'Jalan Melati 9',
      payment_status: 'PAID by Budi',
      po_number: 'PO-Santoso',
      products: texts.map((name, index) => ({ sku: `KAOS-${index} Dewi`, name, quantity: 1, price: 1 })),
    };
    const items = async (query: Record<string, string>) =>
      ((await list(query)).orders[0] as unknown as { items: { name: string; sku: string }[] }).items;
    const { json } = await list();
    expect(JSON.stringify(json)).not.toMatch(/Budi|Santoso|Dewi|Lestari|Melati|0812/);
    expect((await items({})).map(({ name }) => name)).toEqual([
      'Kaos untuk [redacted]',
      'kirim ke [redacted]',
      'Kaos [redacted]',
      'dari [redacted], [redacted] 9',
    ]);
    expect((await items({ include: 'customer' })).map(({ name }) => name)).toEqual(texts);
  });

  it('shows a caller only the connections of their token', async () => {
    const authorizer = { name: 'reader', scopes: 'read', connections: 'loja-rio toko-baru' };
    expect((await list({}, undefined, authorizer)).names).toEqual(['toko-baru:1', 'loja-rio:340']);
    expect(await list({}, 'toko-jaya', authorizer)).toMatchObject({ status: 403 });
  });

  it('waits for providers for fifteen seconds at most, and keeps four of its own time back', async () => {
    const given: number[] = [];
    const { openConnection } = made.needs;
    const watching: typeof openConnection = async (...args) => {
      const connection = await openConnection(...args);
      const call = (_: unknown, { timeoutMs }: { timeoutMs: number }) => {
        given.push(Math.ceil(timeoutMs / 1_000));
        return Promise.resolve({ kind: 'lost', problem: 'timed_out' } as const);
      };
      return { ...connection, client: { ...connection.client, listCancelled: { offered: true, call } } };
    };
    const watched = newHandler({
      connections: made.connections,
      listing: { ...made.needs, openConnection: watching },
      cursors: cursorsOf(),
      log: keepingLog(),
    });
    const asked = { params: { connection: 'toko-jaya' }, query: { ...YEAR, type: 'cancelled' } };
    for (const remainingMs of [27_000, 10_000])
      await askRoute('list-cancelled-orders', (event) => watched(event, lambdaContext(remainingMs)), asked);
    expect(given).toEqual([15, 6]);
  });

  it('takes today’s date of a place where it is tomorrow already', async () => {
    const tomorrow = new Date(Date.now() + 12 * 3600_000).toISOString().slice(0, 10);
    const { statusCode } = await askRoute('list-cancelled-orders', handler, { query: { from: tomorrow } });
    expect(statusCode).toBe(200);
  });

  it.each([
    [{ type: 'CANCEL' }, 'type'],
    [{ include: 'everything' }, 'include'],
    [{ limit: '0' }, 'limit'],
    [{ from: 'yesterday' }, 'from'],
    [{ from: '2026-06-02', to: '2026-06-01' }, 'from'],
    [{ cursor: 'x' }, 'cursor'],
    [{ per_page: '100' }, 'per_page'],
  ])('says what is wrong with %j', async (query, field) => {
    const { status, json } = await list(query);
    expect(status).toBe(400);
    expect(json).toMatchObject({ errors: [expect.objectContaining({ field })] });
  });

  it('knows no connection that is not declared', async () => {
    expect(await list({}, 'loja-sul')).toMatchObject({ status: 404 });
  });
});
