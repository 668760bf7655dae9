import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newHandler } from '../functions/download-ngorder-cancelled-orders.ts';
import { startNgorderSandbox } from '../infra/local/sandbox/ngorder-sandbox.ts';
import type { Sandbox } from '../infra/local/sandbox/sandbox.ts';
import { READERS, readByHucre, type ReadSheet } from './exports/readers.ts';
import { startFakeProvider } from './providers/fake-provider.ts';
import { askRoute, EVERYTHING, keepingLog } from './support/api-event.ts';
import { startDynamoDB, type TestDynamoDB } from './support/dynamodb.ts';
import { sandboxConnections } from './support/sandbox-connections.ts';

/** The rows that ngorder's documentation shows. */
const { data: documented } = JSON.parse(
  readFileSync(new URL('providers/ngorder/fixtures/cancelled-orders.json', import.meta.url), 'utf8'),
) as { data: Record<string, unknown>[] };
const JANUARY = { start_date: '2021-01-01', end_date: '2021-01-31' };

describe('download-ngorder-cancelled-orders', () => {
  let database: TestDynamoDB;
  let sandbox: Sandbox;
  let handler: ReturnType<typeof newHandler>;
  const handlerFor = (baseUrl: string) => {
    const account = { baseUrl, credential: () => 'sandbox-ngorder-credential' };
    const fields = { provider: 'ngorder', timeoutSeconds: 5 };
    const { connections, operations } = sandboxConnections(database, { 'toko-jaya': { sandbox: account, fields } });
    return newHandler({ connections, reading: operations, log: keepingLog() });
  };
  beforeAll(async () => {
    [database, sandbox] = await Promise.all([startDynamoDB(), startNgorderSandbox()]);
    handler = handlerFor(sandbox.baseUrl);
  });
  afterAll(async () => {
    await sandbox.close();
    await database.stop();
  });

  const ask = (query: Record<string, string> = {}, authorizer: Record<string, string> | null = EVERYTHING) =>
    askRoute('download-ngorder-cancelled-orders', handler, { query, authorizer });
  const bytesFor = async (...asked: Parameters<typeof ask>) => {
    const reply = await ask(...asked);
    expect(reply).toMatchObject({ statusCode: 200, isBase64Encoded: true });
    return Buffer.from(reply.body, 'base64');
  };
  const records = (sheet: ReadSheet | undefined) => {
    const [header = [], ...rows] = sheet?.rows ?? [];
    return rows.map((row) =>
      Object.fromEntries(header.map(({ value }, index) => [String(value), row[index]?.value ?? null])),
    );
  };

  it.each(READERS.filter(({ isThere }) => isThere))(
    'has every documented field of every order, read with $name',
    async ({ read }) => {
      const [orders, products] = await read(await bytesFor(JANUARY));
      expect([orders?.name, products?.name]).toEqual(['Orders', 'Products']);
      for (const { products: goods, ...order } of documented) {
        const shown = records(orders).find((row) => row['order_id'] === order['order_id']);
        // An empty text leaves its cell empty, and a cell has no true or false of ngorder's.
        const written = Object.entries(order).map(([name, value]) => [
          name,
          value === '' ? null : typeof value === 'boolean' ? String(value) : value,
        ]);
        expect(shown).toEqual(Object.fromEntries(written));
        const [first] = goods as Record<string, unknown>[];
        const { order_id, po_number } = order;
        expect(records(products)).toContainEqual({ order_id, po_number, ...first });
      }
    },
  );

  it('has all pages of the list, each order once', async () => {
    const [orders] = await readByHucre(await bytesFor());
    const ids = records(orders).map(({ order_id: id }) => id);
    expect(ids.length).toBeGreaterThan(60);
    expect(new Set(ids).size).toBe(ids.length);
    const [rejected] = await readByHucre(await bytesFor({ type: 'REJECTED' }));
    expect(records(rejected).length).toBeLessThan(10);
  });

  it('has nothing personal for a token without that scope', async () => {
    const [orders] = await readByHucre(await bytesFor(JANUARY, { ...EVERYTHING, scopes: 'read' }));
    expect(records(orders)[0]).toMatchObject({ receiver_name: null, receiver_phone: null, sender_address: null });
    expect(JSON.stringify(orders)).not.toMatch(/Tusfendi|Banyuwangi|0812345678/i);
  });

  const row = (id: number) => ({ order_id: id, customer_email: 'ana@example.com', extra: { anybody: 'Ana' } });
  const idsFrom = async (answer: (page: number, nth: number) => object) => {
    let asked = 0;
    const provider = await startFakeProvider(({ query }) => {
      asked += 1;
      return { status: 200, body: JSON.stringify(answer(Number(query.get('pagination_offset')), asked)) };
    });
    const authorizer = { ...EVERYTHING, scopes: 'read' };
    const reply = await askRoute('download-ngorder-cancelled-orders', handlerFor(provider.baseUrl.href), {
      authorizer,
    });
    await provider.close();
    if (reply.statusCode !== 200) return reply.statusCode;
    const [orders] = await readByHucre(Buffer.from(reply.body, 'base64'));
    expect(JSON.stringify(orders)).not.toMatch(/ana/i);
    return records(orders).map(({ order_id: id }) => id);
  };

  it('ends at an empty page where no paging is shown', async () => {
    expect(await idsFrom((page) => ({ data: page < 3 ? [row(page)] : [] }))).toEqual([1, 2]);
  });

  it('reads the list once more where a row slipped over a page’s edge, and fails where it never stands still', async () => {
    const pageOf = (rows: object[], page: number) => ({
      data: rows,
      meta: { pagination: { total: 3, count: rows.length, per_page: 50, current_page: page, total_pages: 2 } },
    });
    // At the first reading the third order is on neither page.
    const slipped = (page: number, nth: number) =>
      pageOf(page === 1 ? [row(1), row(2)] : nth < 3 ? [row(2)] : [row(3)], page);
    expect(await idsFrom(slipped)).toEqual([1, 2, 3]);
    let asked = 0;
    const moving = (page: number, nth: number) => {
      asked = nth;
      return pageOf([row(page)], page);
    };
    expect(await idsFrom(moving)).toBe(502);
    // Three readings of two pages each.
    expect(asked).toBe(6);
  });

  it('does not make a file of more bytes than fit into a reply either', async () => {
    const noise = (order: number) =>
      Array.from({ length: 340 }, (_, index) => createHash('sha512').update(`${order} ${index}`).digest('base64')).join(
        '',
      );
    const of = (count: number) => (page: number) => {
      const ids = Array.from({ length: count }, (_, id) => id).slice((page - 1) * 50, page * 50);
      const rows = ids.map((id) => ({ ...row(id), order_source: noise(id) }));
      const total_pages = Math.ceil(count / 50);
      const pagination = { total: count, count: ids.length, per_page: 50, current_page: page, total_pages };
      return { data: rows, meta: { pagination } };
    };
    const statusOf = async (count: number) => {
      const provider = await startFakeProvider(({ query }) => {
        return { status: 200, body: JSON.stringify(of(count)(Number(query.get('pagination_offset')))) };
      });
      const reply = await askRoute('download-ngorder-cancelled-orders', handlerFor(provider.baseUrl.href));
      await provider.close();
      return reply.statusCode;
    };
    // Some 22 KB each in the file.
    expect([await statusOf(180), await statusOf(210)]).toEqual([200, 400]);
  });

  it('does not make a file that would not fit into a reply, and says what to do', async () => {
    const pagination = { total: 5_001, count: 0, per_page: 50, current_page: 1, total_pages: 101, links: [] };
    const body = JSON.stringify({ data: [], meta: { pagination } });
    const provider = await startFakeProvider(() => ({ status: 200, body }));
    const reply = await askRoute('download-ngorder-cancelled-orders', handlerFor(provider.baseUrl.href));
    await provider.close();
    expect(reply).toMatchObject({
      statusCode: 400,
      json: { response: 'Failed', message: { start_date: [expect.stringContaining('fewer orders')] } },
    });
    expect(provider.seen).toHaveLength(1);
  });

  it('fails in ngorder’s envelope', async () => {
    expect(await ask({ type: 'ALL' })).toMatchObject({
      statusCode: 400,
      json: { message: { type: [expect.any(String)] } },
    });
    expect(await ask({}, { ...EVERYTHING, scopes: 'cancel' })).toMatchObject({ statusCode: 403, json: { data: null } });
  });
});
