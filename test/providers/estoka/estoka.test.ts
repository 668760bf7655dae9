import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { estoka } from '../../../functions/providers/estoka/estoka.ts';
import type { CancelReply, LookUpReply } from '../../../functions/providers/provider.ts';
import { openClient, OWN_MARKS, providerConformance } from '../conformance.ts';
import { startFakeProvider, type Delivery, type SeenRequest } from '../fake-provider.ts';

const sample = readFileSync(new URL('fixtures/cancelled-order.json', import.meta.url), 'utf8');
const account = { provider: estoka, settings: { organizationId: 1 } };
const ASKED_AT = Date.parse('2026-11-20T12:00:00Z');

/** The vendor's sample, in our words. */
const SAMPLE_ORDER = {
  connection: 'test',
  provider: 'estoka',
  orderId: '340',
  number: '2815308660008',
  type: 'cancelled',
  orderedAt: '2018-08-22T18:11:06.000Z',
  cancelledAt: '2018-11-13T19:45:12.417Z',
  createdAt: '2018-08-22T14:34:55.466Z',
  updatedAt: '2018-11-13T19:45:12.432Z',
  total: { amount: 62, currency: 'BRL' },
  paymentStatus: null,
  items: [
    { sku: '112', name: null, quantity: 10, unitPrice: 3 },
    { sku: '113', name: null, quantity: 8, unitPrice: 4 },
  ],
  source: 'provider',
};

const SENT = '2026-11-20T09:00:01.000-03:00';
const LONG_AGO = '2026-01-01T09:00:00.000-03:00';

const row = (id: number, status: string, reportedAt = SENT, message = 'Recusado: <strong>em transporte</strong>') => ({
  id,
  order_id: 340,
  reported_at: reportedAt,
  status,
  message,
});
const reply = (order: object, status = 200): Delivery => ({ status, body: JSON.stringify({ order }) });
const order = (fields: object = {}) => ({
  id: 340,
  organization_id: 1,
  status: 'waiting_picking',
  order_histories: [],
  ...fields,
});
const NOT_FOUND: Delivery = { status: 404, headers: OWN_MARKS, body: '' };
const errors = (status: number, body: unknown): Delivery => ({ status, body: JSON.stringify(body) });

providerConformance({
  ...account,
  orderId: '340',
  cancelled: { status: 200, body: sample },
  alreadyCancelled: errors(422, { errors: 'O pedido já está cancelado' }),
  refused: { delivery: errors(422, { errors: 'O pedido já foi enviado' }), words: 'O pedido já foi enviado' },
  notFound: { delivery: NOT_FOUND, words: 'HTTP 404' },
  unauthorized: { status: 401, headers: OWN_MARKS, body: '' },
  failureBody: {
    delivery: errors(200, { errors: [{ status: ['não permite'] }] }),
    words: 'status: não permite',
  },
  otherOrder: { status: 200, body: sample.replace('"id": 340', '"id": 341') },
  cancelledStatus: 'cancelled',
  readBack: (_request, state) => {
    if (state === 'missing') return NOT_FOUND;
    return state === 'cancelled' ? { status: 200, body: sample } : reply(order());
  },
  missing: 'order_not_found',
  noTimeLeft: { kind: 'not_sent', problem: 'provider_unreachable' },
});

async function cancelWith(delivery: Delivery): Promise<{ reply: CancelReply; seen: readonly SeenRequest[] }> {
  const fake = await startFakeProvider(() => delivery);
  try {
    return { reply: await openClient(account, fake.baseUrl).cancel('340', { timeoutMs: 10_000 }), seen: fake.seen };
  } finally {
    await fake.close();
  }
}

async function lookUpWith(
  delivery: Delivery,
  historyMark: string | null = null,
): Promise<{ reply: LookUpReply; seen: readonly SeenRequest[] }> {
  const fake = await startFakeProvider(() => delivery);
  try {
    const client = openClient(account, fake.baseUrl);
    const found = await client.lookUp({ orderId: '340', askedAt: ASKED_AT, historyMark }, { timeoutMs: 10_000 });
    return { reply: found, seen: fake.seen };
  } finally {
    await fake.close();
  }
}

describe("Estoka's cancel request", () => {
  it('is a POST to the order, without a body, with the token scheme of the vendor', async () => {
    const { seen } = await cancelWith({ status: 200, body: sample });
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ method: 'POST', path: '/api/v1/organizations/1/orders/340/cancel', body: '' });
    expect(seen[0]?.headers).toMatchObject({
      authorization: 'Token token=test-credential',
      'content-type': 'application/json',
      'content-length': '0',
    });
  });

  it.each(['/shop', '/shop/api/v1', '/shop/api/v1/'])('keeps the path of a base URL that ends in %s', async (path) => {
    const fake = await startFakeProvider(() => ({ status: 200, body: sample }));
    try {
      await openClient(account, new URL(path, fake.baseUrl)).cancel('340', { timeoutMs: 10_000 });
      expect(fake.seen[0]?.path).toBe('/shop/api/v1/organizations/1/orders/340/cancel');
    } finally {
      await fake.close();
    }
  });
});

describe("Estoka's reply to a cancel", () => {
  it('proves the cancellation by the order status', async () => {
    expect((await cancelWith({ status: 200, body: sample })).reply).toMatchObject({
      kind: 'cancelled',
      status: 'cancelled',
      listed: { order: SAMPLE_ORDER },
    });
  });

  it('means that it is being decided while the status is another, whatever the HTTP status says', async () => {
    const histories = [row(591, 'pending_cancel'), row(131, 'completed_return')];
    expect((await cancelWith(reply(order({ order_histories: histories }), 202))).reply).toEqual({
      kind: 'accepted',
      status: 'waiting_picking',
      historyMark: '591',
    });
    expect((await cancelWith(reply(order()))).reply).toEqual({
      kind: 'accepted',
      status: 'waiting_picking',
      historyMark: null,
    });
  });

  it("is a refusal where the history's newest cancel row refuses this ask", async () => {
    const later = new Date(Date.now() + 3_600_000).toISOString();
    const histories = [row(592, 'rejected_cancel', later), row(131, 'completed_return'), row(591, 'pending_cancel')];
    expect((await cancelWith(reply(order({ order_histories: histories })))).reply).toEqual({
      kind: 'refused',
      words: 'Recusado: em transporte',
    });
  });

  it("is no refusal for an earlier ask's, which must not hide a later one either", async () => {
    const histories = [row(592, 'rejected_cancel', LONG_AGO)];
    expect((await cancelWith(reply(order({ order_histories: histories })))).reply).toEqual({
      kind: 'accepted',
      status: 'waiting_picking',
      historyMark: null,
    });
  });

  it('is no refusal for one that was reported a moment before: it may be of somebody else’s ask', async () => {
    const histories = [row(592, 'rejected_cancel', new Date(Date.now() - 1_000).toISOString())];
    expect((await cancelWith(reply(order({ order_histories: histories })))).reply).toEqual({
      kind: 'accepted',
      status: 'waiting_picking',
      historyMark: null,
    });
  });

  it.each([0, '0', 200, 'ok', false, [], { code: 0 }, { code: 0, message: 'Sucesso' }])(
    'is taken, and not refused, where a code for no error stands beside the order: %j',
    async (none) => {
      const body = JSON.stringify({ order: order(), error: none, errors: none });
      expect((await cancelWith({ status: 200, body })).reply).toMatchObject({ kind: 'accepted' });
      const nothing = JSON.stringify({ error: none });
      expect((await cancelWith({ status: 200, body: nothing })).reply).toEqual({
        kind: 'lost',
        problem: 'unknown_reply',
        status: 200,
      });
    },
  );

  it('is of the order whose id has every digit, beyond what a JavaScript number holds', async () => {
    const [asked, other] = ['576461413038785752', '576461413038785751'];
    const fake = await startFakeProvider(({ path }) => ({
      status: 200,
      body: `{"order":{"id":${path.includes('/cancel') ? asked : other},"organization_id":1,"status":"cancelled","order_histories":[],"data":{"code":576461413038785752,"total_value":9007199254740993}}}`,
    }));
    try {
      const client = openClient(account, fake.baseUrl);
      const cancelled = await client.cancel(asked, { timeoutMs: 10_000 });
      expect(cancelled).toMatchObject({
        kind: 'cancelled',
        listed: { order: { orderId: asked, number: '576461413038785752', total: null, unread: ['total'] } },
      });
      const query = { orderId: asked, askedAt: ASKED_AT, historyMark: null };
      expect(await client.lookUp(query, { timeoutMs: 10_000 })).toEqual({ kind: 'lost', problem: 'wrong_order' });
      expect(JSON.stringify(await client.original(other, { timeoutMs: 10_000 }))).toContain(
        '"code":576461413038785752',
      );
    } finally {
      await fake.close();
    }
  });

  it('is of the wrong order where the organization is another', async () => {
    expect((await cancelWith(reply(order({ organization_id: 2, status: 'cancelled' })))).reply).toEqual({
      kind: 'lost',
      problem: 'wrong_order',
    });
  });

  it('is understood with ids as strings, odd histories and fields that nobody knows', async () => {
    const odd = {
      id: '340',
      organization_id: '1',
      status: 'cancelled',
      order_histories: [null, { id: {} }],
      data: 5,
      new_field: [],
    };
    expect((await cancelWith(reply(odd))).reply.kind).toBe('cancelled');
  });

  it.each(['waiting_picking', 'canceled', 'pending_cancel'])(
    'is a refusal where it has errors beside an order that is %s',
    async (status) => {
      const body = JSON.stringify({ errors: 'não permite', order: order({ status }) });
      expect((await cancelWith({ status: 200, body })).reply).toEqual({ kind: 'refused', words: 'não permite' });
    },
  );

  it.each(['0 errors', 'NO_ERROR', { code: 0, message: 'Pedido recebido' }])(
    'is no refusal where %j stands under "error" beside the order: that is not how Estoka refuses',
    async (error) => {
      const body = JSON.stringify({ error, order: order({ status: 'waiting_picking' }) });
      expect((await cancelWith({ status: 200, body })).reply.kind).not.toBe('refused');
    },
  );

  it('is proof where the order is cancelled, whatever stands beside it', async () => {
    const body = JSON.stringify({ errors: 'não permite', order: order({ status: 'cancelled' }) });
    expect((await cancelWith({ status: 200, body })).reply).toMatchObject({ kind: 'cancelled' });
  });

  it.each([400, 403, 409, 410, 422])('refuses with HTTP %i and its own words', async (status) => {
    expect((await cancelWith(errors(status, { errors: 'já saiu' }))).reply).toEqual({
      kind: 'refused',
      words: 'já saiu',
    });
  });

  it('cannot be read where it is an order in another form, and is not known where it is none', async () => {
    const lost = { kind: 'lost', problem: 'unreadable_reply' };
    expect((await cancelWith(errors(200, { order: { id: 340 } }))).reply).toEqual(lost);
    const unknown = { kind: 'lost', problem: 'unknown_reply', status: 200 };
    for (const body of [{}, { error: 'locked' }, { order: null }, { message: 'Forbidden' }])
      expect((await cancelWith(errors(200, body))).reply).toEqual(unknown);
  });

  it('is lost after a 408', async () => {
    expect((await cancelWith({ status: 408, body: '' })).reply).toEqual({ kind: 'lost', problem: 'timed_out' });
  });
});

describe("Estoka's order, read back", () => {
  it('is read with a GET of the order', async () => {
    const { seen } = await lookUpWith(reply(order()));
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ method: 'GET', path: '/api/v1/organizations/1/orders/340' });
  });

  it('is cancelled by its status, and shows what it holds of persons', async () => {
    const { reply: found } = await lookUpWith({ status: 200, body: sample });
    if (found.kind !== 'cancelled') throw new Error(found.kind);
    expect(found.order.status).toBe('cancelled');
    expect(found.order.warnings.map(({ code }) => code)).toEqual(['already_cancelled', 'paid', 'partly_returned']);
    expect(found.order.personalData).toEqual(
      expect.arrayContaining([
        'Felipe Flores',
        '17653481612@email.com.br',
        '21 999999999',
        '01527675173',
        'Rua São Francisco Xavier',
      ]),
    );
  });

  it('is being decided while the newest cancel row is pending, wherever it stands in the array', async () => {
    const histories = [row(131, 'rejected_cancel', LONG_AGO), row(591, 'pending_cancel'), row(132, 'completed_return')];
    expect((await lookUpWith(reply(order({ order_histories: histories })), '591')).reply.kind).toBe('deciding');
  });

  it('tells the refusal of this ask by the mark', async () => {
    const histories = [row(592, 'rejected_cancel'), row(591, 'pending_cancel')];
    const delivery = reply(order({ order_histories: histories }));
    expect((await lookUpWith(delivery, '591')).reply).toMatchObject({
      kind: 'not_cancelled',
      refusal: 'Recusado: em transporte',
    });
    expect((await lookUpWith(delivery, '592')).reply).toMatchObject({ kind: 'not_cancelled', refusal: null });
  });

  it('tells the refusal of this ask by its time where there is no mark', async () => {
    const at = (iso: string) => reply(order({ order_histories: [row(592, 'rejected_cancel', iso)] }));
    expect((await lookUpWith(at(SENT))).reply).toMatchObject({ refusal: 'Recusado: em transporte' });
    expect((await lookUpWith(at('2026-11-20T11:59:31Z'))).reply).toMatchObject({ refusal: 'Recusado: em transporte' });
    expect((await lookUpWith(at('2026-11-20T11:59:29Z'))).reply).toMatchObject({ refusal: null });
    expect((await lookUpWith(at('no date'))).reply).toMatchObject({ refusal: null });
  });

  it('is of any status, also one that nobody has seen', async () => {
    expect((await lookUpWith(reply(order({ status: 'aguardando' })))).reply).toMatchObject({
      kind: 'not_cancelled',
      order: { status: 'aguardando', warnings: [{ code: 'status_unknown' }] },
    });
  });

  it.each(['Cancelled', 'canceled', 'pending_cancel'])(
    'is neither cancelled nor active while its status is %s',
    async (status) => {
      expect((await lookUpWith(reply(order({ status })))).reply.kind).toBe('deciding');
    },
  );

  it.each(['none', [{ id: 'x', status: 'pending_cancel' }], {}, null, undefined])(
    'proves nothing where its history is %j',
    async (rows) => {
      const { reply: seen } = await lookUpWith(reply(order({ order_histories: rows })));
      expect(seen).toEqual({ kind: 'lost', problem: 'unreadable_reply' });
    },
  );

  it('tells nothing when it is another order', async () => {
    expect((await lookUpWith(reply(order({ id: 341 })))).reply).toEqual({ kind: 'lost', problem: 'wrong_order' });
  });
});

describe("Estoka's order ids", () => {
  it.each(['340', '1', '999999999999999999'])('takes %s', (id) => {
    expect(estoka.orderId.pattern.test(id)).toBe(true);
  });
  it.each(['', '0', '0340', '-1', '3.4', '340 ', '340/../1', 'x', '1'.repeat(19)])('does not take "%s"', (id) => {
    expect(estoka.orderId.pattern.test(id)).toBe(false);
  });
});
