import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ESTOKA_CREDENTIAL, startEstokaSandbox } from '../../infra/local/sandbox/estoka-sandbox.ts';
import { NGORDER_CREDENTIAL, startNgorderSandbox } from '../../infra/local/sandbox/ngorder-sandbox.ts';
import type { Sandbox } from '../../infra/local/sandbox/sandbox.ts';
import { readByHucre } from '../exports/readers.ts';
import { expectDocumented, routeTaking } from '../support/documented.ts';
import { newDataDir, startLocalStack, type LocalStackProcess } from '../support/local-stack.ts';

/**
 * Clients as the providers' documentation has them, and nothing else: once with a provider's base URL and credential, once with
 * those of the drop-in routes.
 */
interface Account {
  /** The drop-in routes, which the OpenAPI document describes; not the sandbox's own. */
  readonly isOurs?: true;
  baseUrl: string;
  token: string;
}
interface Reply {
  status: number;
  body: unknown;
}

/** What only the drop-in routes answered, beside what a provider does. */
let facts: Record<string, string> = {};

async function call(
  account: Account,
  authorization: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<Reply> {
  const reply = await fetch(`${account.baseUrl}${path}`, {
    method,
    headers: { authorization, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await reply.text();
  const replied = { status: reply.status, body: text === '' ? '' : (JSON.parse(text) as unknown) };
  facts = Object.fromEntries(reply.headers);
  if (account.isOurs === true) await expectDocumented({ route: routeTaking(method, path), headers: facts, ...replied });
  return replied;
}

const estoka = {
  cancel: (account: Account, organizationId: number, orderId: number) =>
    call(
      account,
      `Token token=${account.token}`,
      'POST',
      `/api/v1/organizations/${organizationId}/orders/${orderId}/cancel`,
    ),
};

const asNgorder = (account: Account, method: string, path: string, body?: unknown) =>
  call(account, `Bearer ${account.token}`, method, `/api/open/${path}`, body);
const ngorder = {
  cancel: (account: Account, id: number) => asNgorder(account, 'POST', 'order/cancel', { id }),
  list: (account: Account, query: Record<string, string>) =>
    asNgorder(account, 'GET', `order-cancel?${new URLSearchParams(query).toString()}`),
  giveBack: (account: Account, id: number) => asNgorder(account, 'POST', 'order-cancel/return', { id }),
  download: (account: Account, query: Record<string, string>) =>
    fetch(`${account.baseUrl}/api/open/order-cancel/download?${new URLSearchParams(query).toString()}`, {
      headers: { authorization: `Bearer ${account.token}` },
    }),
  remove: (account: Account, id: number) => asNgorder(account, 'DELETE', `order-cancel/${id}`, { id }),
};

describe('a client that was written from a provider’s documentation', () => {
  let dataDir: Awaited<ReturnType<typeof newDataDir>>;
  let stack: LocalStackProcess;
  let sandboxes: { estoka: Sandbox; ngorder: Sandbox };
  let direct: { estoka: Account; ngorder: Account };
  let dropIn: Account;

  beforeAll(async () => {
    dataDir = await newDataDir();
    stack = await startLocalStack(dataDir.path);
    sandboxes = { estoka: await startEstokaSandbox(), ngorder: await startNgorderSandbox() };
    direct = {
      estoka: { baseUrl: sandboxes.estoka.baseUrl, token: ESTOKA_CREDENTIAL },
      ngorder: { baseUrl: sandboxes.ngorder.baseUrl, token: NGORDER_CREDENTIAL },
    };
    dropIn = { baseUrl: stack.url, token: stack.token, isOurs: true };
  });
  afterAll(async () => {
    await Promise.all([sandboxes.estoka.close(), sandboxes.ngorder.close(), stack.stop()]);
    await dataDir.remove();
  });

  /** Two providers of the same orders differ in when things happened. */
  const timeless = ({ status, body }: Reply) => ({
    status,
    body: JSON.parse(
      JSON.stringify(body, (key, value: unknown) => (key.endsWith('_at') ? typeof value : value)),
    ) as unknown,
  });

  it.each([
    ['340, of the documentation', 1, 340, 200],
    ['404, which is being picked', 1, 404, 200],
    ['9010, which is refused later', 1, 9010, 202],
    ['9008, which is refused', 1, 9008, 422],
    ['777777, which is not there', 1, 777777, 404],
    ['340 of another organization', 7, 340, 404],
  ] as [string, number, number, number][])(
    'gets the same of Estoka for order %s',
    async (_, organizationId, orderId, status) => {
      const theirs = await estoka.cancel(direct.estoka, organizationId, orderId);
      const ours = await estoka.cancel(dropIn, organizationId, orderId);
      expect(ours.status).toBe(status);
      expect('countermand-operation' in facts).toBe(organizationId === 1);
      if (status === 200) expect(timeless(ours)).toEqual(timeless(theirs));
      if (status === 404) expect(ours).toEqual(theirs);
    },
  );

  it.each([
    ['1338, of the documentation', 1338, 200],
    ['1402, which is paid', 1402, 200],
    ['9008, which is refused', 9008, 422],
    ['777777, which is not there', 777777, 404],
  ] as [string, number, number][])('gets the same of ngorder for order %s', async (_, orderId, status) => {
    const theirs = await ngorder.cancel(direct.ngorder, orderId);
    const ours = await ngorder.cancel(dropIn, orderId);
    expect(ours.status).toBe(status);
    expect(ours).toEqual(theirs);
  });

  it.each([
    {},
    { type: 'CANCEL', start_date: '2021-01-01', end_date: '2021-01-31', per_page: '2' },
    { type: 'REJECTED', per_page: '50' },
    { type: 'EXPIRED', pagination_offset: '2', per_page: '3' },
  ])('gets the same list of ngorder for %j, but for where its links lead', async (query: Record<string, string>) => {
    const [theirs, ours] = [await ngorder.list(direct.ngorder, query), await ngorder.list(dropIn, query)];
    interface Page {
      data: unknown[];
      meta: { pagination: { links: Record<string, string> } };
    }
    const parted = ({ status, body }: Reply) => {
      const { data, meta } = body as Page;
      const { links, ...pagination } = meta.pagination;
      return { page: { status, data, pagination, links: Object.keys(links) }, links: Object.values(links) };
    };
    expect(parted(ours).page).toEqual(parted(theirs).page);
    for (const link of parted(ours).links) {
      const next = await ngorder.list(dropIn, Object.fromEntries(new URL(link).searchParams));
      expect(link.startsWith(`${stack.url}/api/open/order-cancel?`)).toBe(true);
      expect(next.status).toBe(200);
    }
  });

  it('downloads what it lists', async () => {
    // What ngorder itself answers is not documented, so only ours can be looked into.
    const query = { start_date: '2021-01-01', end_date: '2021-01-31', per_page: '50' };
    const reply = await ngorder.download(dropIn, query);
    expect(reply.headers.get('content-type')).toMatch(/spreadsheetml/);
    const [orders] = await readByHucre(Buffer.from(await reply.arrayBuffer()));
    const listed = (await ngorder.list(direct.ngorder, query)).body as { data: { order_id: number }[] };
    const ids = orders?.rows.slice(1).map(([id]) => id?.value);
    expect(ids).toEqual(listed.data.map(({ order_id: id }) => id));
  });

  it('gives a cancelled order back to ngorder, and removes one', async () => {
    for (const account of [direct.ngorder, dropIn]) {
      expect(await ngorder.giveBack(account, 566)).toMatchObject({
        status: 200,
        body: { response: 'success', data: { order_id: 566, po_number: 505 } },
      });
      const removed = await ngorder.remove(account, 558);
      expect(removed.status).toBe(200);
      expect((removed.body as { response: string }).response).toMatch(/^(success|sukses)$/i);
      const left = await ngorder.list(account, { start_date: '2021-01-01', end_date: '2021-01-31', per_page: '50' });
      const ids = (left.body as { data: { order_id: number }[] }).data.map(({ order_id: id }) => id);
      expect(ids.filter((id) => id === 566 || id === 558)).toEqual([]);
    }
  });
});
