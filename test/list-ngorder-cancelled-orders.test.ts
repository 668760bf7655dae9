import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { baseUrlOf } from '../functions/http/request.ts';
import { newHandler } from '../functions/list-ngorder-cancelled-orders.ts';
import { startNgorderSandbox } from '../infra/local/sandbox/ngorder-sandbox.ts';
import type { Sandbox } from '../infra/local/sandbox/sandbox.ts';
import { startFakeProvider } from './providers/fake-provider.ts';
import { askRoute, EVERYTHING, keepingLog } from './support/api-event.ts';
import { startDynamoDB, type TestDynamoDB } from './support/dynamodb.ts';
import { sandboxConnections } from './support/sandbox-connections.ts';

interface Page {
  data: Record<string, unknown>[];
  meta: { pagination: Record<string, unknown> & { links: { next?: string; previous?: string } | [] } };
}

/** The page that ngorder's documentation shows. */
const documented = JSON.parse(
  readFileSync(new URL('providers/ngorder/fixtures/cancelled-orders.json', import.meta.url), 'utf8'),
) as Page;

describe('list-ngorder-cancelled-orders', () => {
  let database: TestDynamoDB;
  let sandbox: Sandbox;
  let handler: ReturnType<typeof newHandler>;
  const handlerFor = (account: Pick<Sandbox, 'baseUrl' | 'credential'>, connection = 'toko-jaya') => {
    const fields = { provider: 'ngorder', timeoutSeconds: 2 };
    const { connections, operations } = sandboxConnections(database, { [connection]: { sandbox: account, fields } });
    return newHandler({ connections, reading: operations, log: keepingLog() });
  };
  beforeAll(async () => {
    [database, sandbox] = await Promise.all([startDynamoDB(), startNgorderSandbox()]);
    handler = handlerFor(sandbox);
  });
  afterAll(async () => {
    await sandbox.close();
    await database.stop();
  });

  const ask = (query: Record<string, string> = {}, authorizer: Record<string, string> | null = EVERYTHING) =>
    askRoute('list-ngorder-cancelled-orders', handler, { query, authorizer, headers: { host: 'api.example' } });
  const list = async (query: Record<string, string> = {}) => (await ask(query)).json as unknown as Page;

  it('shows the documented rows as documented', async () => {
    const { data } = await list({ start_date: '2021-01-01', end_date: '2021-01-31', per_page: '50' });
    expect(data.filter(({ order_id: id }) => id === 566 || id === 558)).toEqual(documented.data);
  });

  it('shows a page of 10 where nothing is said, and of 50 at the most', async () => {
    const { data, meta } = await list();
    expect(data).toHaveLength(10);
    expect(Object.keys(meta.pagination).sort()).toEqual(Object.keys(documented.meta.pagination).sort());
    expect(meta.pagination).toMatchObject({ count: 10, per_page: 10, current_page: 1 });
    expect(meta.pagination['total_pages']).toBe(Math.ceil(Number(meta.pagination['total']) / 10));
    expect((await list({ per_page: '500' })).meta.pagination).toMatchObject({ per_page: 50, count: 50 });
  });

  it('links to the next and the previous page, here and with the filters', async () => {
    const query = { type: 'CANCEL', start_date: '2021-01-01', per_page: '2' };
    const link = (page: number) =>
      `https://api.example/api/open/order-cancel?type=CANCEL&start_date=2021-01-01&per_page=2&pagination_offset=${page}`;
    expect((await list(query)).meta.pagination.links).toEqual({ next: link(2) });
    expect((await list({ ...query, pagination_offset: '2' })).meta.pagination.links).toEqual({
      next: link(3),
      previous: link(1),
    });
    const { links } = (await list({ type: 'REJECTED', per_page: '50' })).meta.pagination;
    expect(links).toEqual([]);
    // On one machine nobody stands before it to say over which protocol it was asked.
    expect(baseUrlOf({ headers: { host: '127.0.0.1:3000' } })).toBe('http://127.0.0.1:3000');
  });

  it('goes through all pages, each row once', async () => {
    const ids: unknown[] = [];
    for (let page = 1; ; page += 1) {
      const { data, meta } = await list({ per_page: '50', pagination_offset: String(page) });
      ids.push(...data.map(({ order_id: id }) => id));
      if (!('next' in meta.pagination.links)) {
        expect(ids).toHaveLength(Number(meta.pagination['total']));
        break;
      }
    }
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('shows nothing personal to a token without that scope, and leaves the shape as it is', async () => {
    const query = { start_date: '2021-01-01', end_date: '2021-01-31', per_page: '50' };
    const reply = await ask(query, { ...EVERYTHING, scopes: 'read' });
    const [row = {}] = (reply.json as unknown as Page).data.filter(({ order_id: id }) => id === 566);
    const [shown = {}] = documented.data;
    expect(Object.keys(row).sort()).toEqual(Object.keys(shown).sort());
    expect(row).toMatchObject({
      sender_name: null,
      receiver_address: null,
      receiver_phone: null,
      origin_address: null,
    });
    expect(row['products']).toEqual(shown['products']);
    expect(reply.body).not.toMatch(/Tusfendi|Banyuwangi|0812345678|Bondowoso/i);
  });

  it.each([
    [{ type: 'CANCELLED' }, 'type'],
    [{ start_date: '18-01-2021' }, 'start_date'],
    [{ end_date: '2021-02-30' }, 'end_date'],
    [{ per_page: 'ten' }, 'per_page'],
    [{ pagination_offset: '0' }, 'pagination_offset'],
  ] as [Record<string, string>, string][])('answers 400 for %j, naming the field', async (query, field) => {
    expect(await ask(query)).toMatchObject({
      statusCode: 400,
      json: { response: 'Failed', message: { [field]: [expect.any(String)] }, data: null },
    });
  });

  it('fails in ngorder’s envelope where ngorder cannot be read', async () => {
    const stopped = await startNgorderSandbox();
    await stopped.close();
    const reply = await askRoute('list-ngorder-cancelled-orders', handlerFor(stopped));
    expect(reply).toMatchObject({ statusCode: 503, json: { response: 'Failed', data: null } });
  });

  it('leaves ngorder alone once it rejected the credential, until another one is stored', async () => {
    const fake = await startFakeProvider(({ headers }) =>
      headers['authorization'] === 'Bearer another'
        ? { status: 200, body: JSON.stringify({ data: [] }) }
        : { status: 401, body: '{"response":"Failed"}' },
    );
    let credential = 'expired';
    const account = { baseUrl: fake.baseUrl.href, credential: () => credential };
    const listing = () => askRoute('list-ngorder-cancelled-orders', handlerFor(account, 'toko-baru'));
    const statuses = [(await listing()).statusCode, (await listing()).statusCode];
    const calls = fake.seen.length;
    credential = 'another';
    statuses.push((await listing()).statusCode);
    await fake.close();
    expect({ statuses, calls }).toEqual({ statuses: [502, 502, 200], calls: 1 });
  });

  it('answers callers who may not in ngorder’s envelope', async () => {
    expect(await ask({}, null)).toMatchObject({ statusCode: 401, json: { data: null } });
    expect(await ask({}, { ...EVERYTHING, scopes: 'cancel' })).toMatchObject({ statusCode: 403, json: { data: null } });
  });
});
