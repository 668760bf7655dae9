import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { ngorder } from '../../../functions/providers/ngorder/ngorder.ts';
import type { CancelReply, LookUpReply } from '../../../functions/providers/provider.ts';
import { openClient, providerConformance } from '../conformance.ts';
import { startFakeProvider, type Delivery, type SeenRequest } from '../fake-provider.ts';

const cancelReply = readFileSync(new URL('fixtures/cancel-reply.json', import.meta.url), 'utf8');
const cancelledOrders = readFileSync(new URL('fixtures/cancelled-orders.json', import.meta.url), 'utf8');
const account = { provider: ngorder, settings: { timeZone: 'Asia/Jakarta' } };

const ok = (body: unknown): Delivery => ({ status: 200, body: JSON.stringify(body) });
const failed = (message: unknown, status = 200): Delivery => ({
  status,
  body: JSON.stringify({ response: 'Failed', message, data: null }),
});

interface Row {
  order_id: number | string;
  order_status?: string;
}
type Lists = Partial<Record<'ORDER' | 'CANCEL' | 'REJECTED' | 'EXPIRED', Row[]>>;

/** Answers the list calls as ngorder pages them, with the quirks of its samples. */
function listPage({ path, query }: SeenRequest, lists: Lists): Delivery {
  const type = query.get('type');
  const rows =
    lists[path.endsWith('/order') ? 'ORDER' : type === 'REJECTED' || type === 'EXPIRED' ? type : 'CANCEL'] ?? [];
  return page(rows, query);
}

function page(rows: Row[], query: URLSearchParams, changes: object = {}): Delivery {
  const perPage = Number(query.get('per_page'));
  const offset = Number(query.get('pagination_offset'));
  const data = rows.slice((offset - 1) * perPage, offset * perPage);
  const totalPages = Math.max(1, Math.ceil(rows.length / perPage));
  const pagination = {
    total: rows.length,
    count: data.length,
    per_page: perPage,
    current_page: String(offset),
    total_pages: totalPages,
    links: totalPages === 1 ? [] : { next: 'https://elsewhere.example/api/order?pagination_offset=2' },
    ...changes,
  };
  return ok({ data, meta: { pagination } });
}

const rows = (from: number, length: number): Row[] =>
  Array.from({ length }, (_, index) => ({ order_id: from + index }));

providerConformance({
  ...account,
  orderId: '1338',
  cancelled: { status: 200, body: cancelReply },
  alreadyCancelled: failed({ id: ['The order is already canceled.'] }, 422),
  refused: { delivery: failed('Already shipped', 400), words: 'Already shipped' },
  notFound: { delivery: failed('Order not found', 404), words: 'Order not found' },
  unauthorized: failed('Wrong API key', 401),
  failureBody: {
    delivery: failed({ 'maximum amount': [0], id: ['already paid'] }),
    words: 'maximum amount: 0; id: already paid',
  },
  otherOrder: { status: 200, body: cancelReply.replace('1338', '1339') },
  cancelledStatus: 'success',
  restore: {
    done: ok({ response: 'Success', message: 'x', data: { order_id: '1338' } }),
    doneStatus: 'Success',
    otherOrder: ok({ response: 'Success', message: 'x', data: { order_id: 1339 } }),
    unproven: ok({ response: 'Sukses', message: 'x', data: null }),
  },
  delete: {
    done: ok({ response: 'sukses', message: 'x', data: { order_id: 1338 } }),
    doneStatus: 'sukses',
    otherOrder: ok({ response: 'sukses', message: 'x', data: { order_id: 1339 } }),
    unproven: { status: 204, body: '' },
  },
  readBack: (request, order) =>
    listPage(request, {
      ORDER: order === 'active' ? [{ order_id: 1338, order_status: 'ACCEPTED' }] : [],
      CANCEL: order === 'cancelled' ? [{ order_id: 566 }, { order_id: '1338' }] : [{ order_id: 566 }],
    }),
  missing: 'nowhere',
  noTimeLeft: { kind: 'lost', problem: 'timed_out' },
});

async function cancelWith(delivery: Delivery): Promise<{ reply: CancelReply; seen: readonly SeenRequest[] }> {
  const fake = await startFakeProvider(() => delivery);
  try {
    return { reply: await openClient(account, fake.baseUrl).cancel('1338', { timeoutMs: 10_000 }), seen: fake.seen };
  } finally {
    await fake.close();
  }
}

async function lookUpWith(
  script: (request: SeenRequest, nth: number) => Delivery,
  orderId = '1338',
): Promise<{ reply: LookUpReply; seen: readonly SeenRequest[] }> {
  const fake = await startFakeProvider(script);
  try {
    const client = openClient(account, fake.baseUrl);
    const reply = await client.lookUp({ orderId, askedAt: Date.now(), historyMark: null }, { timeoutMs: 10_000 });
    return { reply, seen: fake.seen };
  } finally {
    await fake.close();
  }
}

describe("ngorder's cancel request", () => {
  it('names its order with every digit, and takes no other for it', async () => {
    const id = '576461413038785752';
    const fake = await startFakeProvider(() => ({
      status: 200,
      body: `{"response":"success","data":{"order_id":576461413038785751}}`,
    }));
    try {
      const reply = await openClient(account, fake.baseUrl).cancel(id, { timeoutMs: 10_000 });
      expect(fake.seen[0]?.body).toBe(`{"id":${id}}`);
      expect(reply).toEqual({ kind: 'lost', problem: 'wrong_order' });
    } finally {
      await fake.close();
    }
  });

  it('is a POST with the order id as a number, and a bearer token', async () => {
    const { seen } = await cancelWith({ status: 200, body: cancelReply });
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ method: 'POST', path: '/api/open/order/cancel', body: '{"id":1338}' });
    expect(seen[0]?.headers).toMatchObject({
      authorization: 'Bearer test-credential',
      'content-type': 'application/json',
      'content-length': '11',
    });
  });

  it('does not say the prefix twice where the base URL has it', async () => {
    const fake = await startFakeProvider(() => ({ status: 200, body: cancelReply }));
    try {
      await openClient(account, new URL('/api/open', fake.baseUrl)).cancel('1338', { timeoutMs: 10_000 });
      expect(fake.seen[0]?.path).toBe('/api/open/order/cancel');
    } finally {
      await fake.close();
    }
  });
});

describe("ngorder's other asks", () => {
  it('are a POST, and a DELETE with the id in the path and in the body', async () => {
    const fake = await startFakeProvider(() => ({ status: 204, body: '' }));
    try {
      const client = openClient(account, fake.baseUrl);
      if (!client.restore.offered || !client.delete.offered) throw new Error('ngorder offers both.');
      await client.restore.call('1338', { timeoutMs: 10_000 });
      await client.delete.call('1338', { timeoutMs: 10_000 });
      expect(fake.seen).toMatchObject([
        { method: 'POST', path: '/api/open/order-cancel/return', body: '{"id":1338}' },
        { method: 'DELETE', path: '/api/open/order-cancel/1338', body: '{"id":1338}' },
      ]);
    } finally {
      await fake.close();
    }
  });
});

describe("ngorder's reply to an ask", () => {
  it('proves nothing where it is empty, also where it has white space', async () => {
    const fake = await startFakeProvider(() => ({ status: 200, body: ' \n' }));
    try {
      const { restore } = openClient(account, fake.baseUrl);
      if (!restore.offered) throw new Error('ngorder offers it.');
      expect(await restore.call('1338', { timeoutMs: 10_000 })).toEqual({ kind: 'unproven' });
    } finally {
      await fake.close();
    }
  });
});

describe("ngorder's reply to a cancel", () => {
  it.each(['success', 'Success', 'Sukses', ' sukses '])(
    'is proof with "%s" and the id of the order',
    async (response) => {
      const reply = (await cancelWith(ok({ response, data: { order_id: '1338' } }))).reply;
      expect(reply).toEqual({ kind: 'cancelled', status: response });
    },
  );

  it.each(['Failed', 'failed', 'Gagal'])('is a refusal with "%s", whatever the HTTP status', async (response) => {
    expect((await cancelWith(ok({ response, message: ['no', 'never'], data: null }))).reply).toEqual({
      kind: 'refused',
      words: 'no; never',
    });
  });

  it('is not known with any other word and without one, and unreadable without the id', async () => {
    const unknown = { kind: 'lost', problem: 'unknown_reply', status: 200 };
    const mailed = ok({ response: 'The file is e-mailed', data: { order_id: 1338 } });
    expect((await cancelWith(mailed)).reply).toEqual(unknown);
    expect((await cancelWith(ok({ data: { order_id: 1338 } }))).reply).toEqual(unknown);
    const lost = { kind: 'lost', problem: 'unreadable_reply' };
    expect((await cancelWith(ok({ response: 'success', data: null }))).reply).toEqual(lost);
    expect((await cancelWith(ok({ response: 'success', data: [] }))).reply).toEqual(lost);
    expect((await cancelWith(ok({ response: 'success', data: { po_number: 1338 } }))).reply).toEqual(lost);
  });

  it.each([400, 403, 409, 422])('refuses with HTTP %i and its own words', async (status) => {
    expect((await cancelWith(failed('paid', status))).reply).toEqual({ kind: 'refused', words: 'paid' });
  });

  it('refuses with a message and errors, also with 200', async () => {
    const body = JSON.stringify({ message: 'The given data was invalid.', errors: { id: ['already paid'] } });
    for (const status of [200, 422])
      expect((await cancelWith({ status, body })).reply).toEqual({ kind: 'refused', words: 'id: already paid' });
  });
});

describe('a success that contradicts itself', () => {
  it.each([
    { errors: { id: ['sudah dikirim'] } },
    { error: 'The refund failed.' },
    { success: false },
    { status: 'failed' },
    { code: 500 },
  ])('is not known: %j', async (members) => {
    const reply = ok({ response: 'success', data: { order_id: 1338 }, ...members });
    expect((await cancelWith(reply)).reply).toEqual({ kind: 'lost', problem: 'unknown_reply', status: 200 });
  });

  it.each([{ errors: [] }, { error: 0 }, { success: true, code: 200, status: 'ok' }])(
    'does not with %j',
    async (members) => {
      const reply = ok({ response: 'success', data: { order_id: 1338 }, ...members });
      expect((await cancelWith(reply)).reply).toEqual({ kind: 'cancelled', status: 'success' });
    },
  );
});

describe('an order at ngorder, looked up', () => {
  it('asks by id over every date, then for the cancelled list, page by page', async () => {
    const { reply, seen } = await lookUpWith((request) =>
      listPage(request, { CANCEL: [...rows(2000, 60), { order_id: 1338 }] }),
    );
    expect(reply).toMatchObject({ kind: 'cancelled', order: { status: 'CANCELED' } });
    expect(seen.map(({ path, query }) => [path, query.get('type'), query.get('pagination_offset')])).toEqual([
      ['/api/open/order', 'ORDER_ID', '1'],
      ['/api/open/order-cancel', 'CANCEL', '1'],
      ['/api/open/order-cancel', 'CANCEL', '2'],
    ]);
    expect(seen[0]?.query.get('keyword')).toBe('1338');
    const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
    for (const { query } of seen) {
      expect(query.get('start_date')).toBe('2000-01-01');
      const end = query.get('end_date') ?? '';
      expect(end >= inDays(1) && end <= inDays(3)).toBe(true);
    }
    expect(seen.map(({ query }) => query.get('per_page'))).toEqual(['100', '50', '50']);
  });

  it("is found in the vendor's own sample of the cancelled list", async () => {
    const { reply } = await lookUpWith(
      ({ path }) => (path.endsWith('-cancel') ? { status: 200, body: cancelledOrders } : ok({ data: [] })),
      '566',
    );
    if (reply.kind !== 'cancelled') throw new Error(reply.kind);
    expect(reply.order.warnings.map(({ code }) => code)).toEqual(['already_cancelled', 'paid']);
    expect(reply.order.personalData).toEqual(expect.arrayContaining(['Tusfendi', 'Desa ABC', '0812345678']));
  });

  it('is not found by a po number, nor by an id that only contains the one looked for', async () => {
    const { reply } = await lookUpWith((request) =>
      listPage(request, { ORDER: [{ order_id: 21338 }, { order_id: 13380 }] }),
    );
    expect(reply).toEqual({ kind: 'nowhere' });
  });

  it('is cancelled when both lists show it', async () => {
    const { reply } = await lookUpWith((request) =>
      listPage(request, { ORDER: [{ order_id: 1338, order_status: 'ACCEPTED' }], CANCEL: [{ order_id: 1338 }] }),
    );
    expect(reply.kind).toBe('cancelled');
  });

  it('is not cancelled only after the whole cancelled list was read', async () => {
    const { reply, seen } = await lookUpWith((request) =>
      listPage(request, { ORDER: [{ order_id: 1338, order_status: 'ACCEPT' }], CANCEL: rows(2000, 120) }),
    );
    expect(reply).toMatchObject({ kind: 'not_cancelled', order: { status: 'ACCEPT' }, refusal: null });
    expect(seen).toHaveLength(4);
  });

  it.each(['REJECTED', 'EXPIRED'] as const)('is closed, not cancelled, in the %s list', async (type) => {
    const { reply } = await lookUpWith((request) => listPage(request, { [type]: [{ order_id: 1338 }] }));
    expect(reply).toMatchObject({
      kind: 'closed',
      order: { status: type, listed: { order: { type: type.toLowerCase() } } },
    });
  });

  it.each([
    ['REJECTED', 'closed', undefined],
    ['Expired', 'closed', undefined],
    ['ON HOLD', 'not_cancelled', true],
    [undefined, 'not_cancelled', undefined],
  ])('that the list of orders shows as %s is %s', async (word, kind, isUnclear) => {
    const { reply } = await lookUpWith((request) =>
      listPage(request, { ORDER: [{ order_id: 1338, ...(word !== undefined && { order_status: word }) }] }),
    );
    expect(reply).toMatchObject({ kind, ...(isUnclear === true && { isUnclear }) });
    expect('isUnclear' in reply).toBe(isUnclear === true);
  });

  it('is nowhere only if it did not become active while the lists were read', async () => {
    const { reply } = await lookUpWith((request, nth) =>
      listPage(request, { ORDER: nth === 5 ? [{ order_id: 1338, order_status: 'ACCEPTED' }] : [] }),
    );
    expect(reply).toEqual({ kind: 'lost', problem: 'unreadable_reply' });
  });

  it('begins a list anew that moved while it was read, and finds the order then', async () => {
    const { reply } = await lookUpWith((request, nth) => {
      const list = nth < 4 ? rows(2000, 60) : [...rows(2000, 60), { order_id: 1338 }];
      if (!request.path.endsWith('-cancel')) return listPage(request, {});
      // The order slipped from the second page to the first between the two requests.
      return nth === 3 ? page(list, request.query, { total: 61 }) : page(list, request.query);
    });
    expect(reply.kind).toBe('cancelled');
  });

  it.each([
    ['a failure with 200', { response: 'Failed', message: 'x', data: null }],
    ['rows without ids', { data: [{ po_number: 1 }] }],
    ['paging that makes no sense', { data: [], meta: { pagination: { total: 'many' } } }],
  ])('tells nothing after %s', async (_name, body) => {
    expect((await lookUpWith(() => ok(body))).reply).toEqual({ kind: 'lost', problem: 'unreadable_reply' });
  });

  it('takes lists without paging, and `[]` for no meta', async () => {
    expect((await lookUpWith(() => ok({ data: [] }))).reply).toEqual({ kind: 'nowhere' });
    expect((await lookUpWith(() => ok({ data: [], meta: [] }))).reply).toEqual({ kind: 'nowhere' });
  });
});

describe("ngorder's order ids", () => {
  it.each(['1338', '1', '999999999999999999'])('takes %s', (id) => {
    expect(ngorder.orderId.pattern.test(id)).toBe(true);
  });
  it.each(['', '0', '01338', '-1', '1e3', 'INV.2021', '1'.repeat(19)])('does not take "%s"', (id) => {
    expect(ngorder.orderId.pattern.test(id)).toBe(false);
  });
});
