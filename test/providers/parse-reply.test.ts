import { describe, expect, it } from '@jest/globals';
import { estoka } from '../../functions/providers/estoka/estoka.ts';
import { ngorder } from '../../functions/providers/ngorder/ngorder.ts';
import type { ProviderClient } from '../../functions/providers/provider.ts';
import { openClient } from './conformance.ts';
import { startFakeProvider, type Delivery, type SeenRequest } from './fake-provider.ts';

const LIMITS = { timeoutMs: 10_000 };
const order = { id: 340, organization_id: 1, status: 'billing', order_histories: [] };
const ofEstoka = (changes: object): Delivery => ({
  status: 200,
  body: JSON.stringify({ order: { ...order, ...changes } }),
});
const lookUp = (client: ProviderClient) => client.lookUp({ orderId: '340', askedAt: 0, historyMark: null }, LIMITS);

/** What is logged of a provider's replies, beside that there were some. */
async function logOf(
  provider: 'estoka' | 'ngorder',
  script: (request: SeenRequest) => Delivery,
  call: (client: ProviderClient) => Promise<unknown> = lookUp,
): Promise<[code: string, fields: unknown][]> {
  const logged: [code: string, fields: unknown][] = [];
  const fake = await startFakeProvider(script);
  const log = (code: string, fields: unknown) => {
    if (code !== 'PROVIDER_REPLIED') logged.push([code, fields]);
  };
  try {
    await call(
      provider === 'estoka'
        ? openClient({ provider: estoka, settings: { organizationId: 1 } }, fake.baseUrl, log)
        : openClient({ provider: ngorder, settings: { timeZone: 'Asia/Jakarta' } }, fake.baseUrl, log),
    );
  } finally {
    await fake.close();
  }
  return logged;
}
const unreadable = (provider: string, ...problems: string[]) => [
  ['PROVIDER_REPLY_UNREADABLE', { connection: 'test', provider, problems }],
];

describe('the log of a reply that cannot be read', () => {
  it.each<[string, object, string]>([
    ['no status', { status: undefined }, 'order.status: missing'],
    ['a status that is a number', { status: 5551234 }, 'order.status: number in place of string'],
    ['a status that is null', { status: null }, 'order.status: null in place of string'],
    ['an id that is none', { id: 'Felipe' }, 'order.id: invalid_format'],
    ['no history', { order_histories: undefined }, 'order.order_histories: missing, or not in the known shape'],
  ])('of Estoka says where it differs: %s', async (_name, changes, problem) => {
    expect(await logOf('estoka', () => ofEstoka(changes))).toEqual(unreadable('estoka', problem));
  });

  it('of Estoka says so for an ask and for the order word for word, and not of a refusal', async () => {
    const cancel = (client: ProviderClient) => client.cancel('340', LIMITS);
    const empty = () => ({ status: 200, body: '{}' });
    expect(await logOf('estoka', empty, cancel)).toEqual(unreadable('estoka', 'order: missing'));
    const original = (client: ProviderClient) => client.original('340', LIMITS);
    expect(await logOf('estoka', empty, original)).toEqual(unreadable('estoka', 'order: missing'));
    expect(await logOf('estoka', () => ({ status: 200, body: '{"errors":"Pedido já enviado"}' }), cancel)).toEqual([]);
    expect(await logOf('estoka', () => ({ status: 404, body: '<h1>No such app</h1>' }))).toEqual(
      unreadable('estoka', "not the provider's own: a page, nothing, or an edge's status"),
    );
  });

  it('of ngorder says where it differs, in a list and in the reply to an ask', async () => {
    const rows = [{ order_id: 1 }, { order_id: 'Felipe' }];
    expect(await logOf('ngorder', () => ({ status: 200, body: JSON.stringify({ data: rows }) }))).toEqual(
      unreadable('ngorder', 'data.1.order_id: invalid_format'),
    );
    const cancel = (client: ProviderClient) => client.cancel('340', LIMITS);
    const saying = (body: object) => () => ({ status: 200, body: JSON.stringify(body) });
    expect(await logOf('ngorder', saying({ data: {} }), cancel)).toEqual(unreadable('ngorder', 'response: missing'));
    expect(await logOf('ngorder', saying({ response: 'Felipe' }), cancel)).toEqual(
      unreadable('ngorder', 'response: a word that is not known'),
    );
    expect(await logOf('ngorder', saying({ response: 'success' }), cancel)).toEqual(
      unreadable('ngorder', 'data.order_id: missing, or no id'),
    );
  });

  it('tells of ten places at most', async () => {
    const rows = Array.from({ length: 30 }, () => ({}));
    const [[, fields] = []] = await logOf('ngorder', () => ({ status: 200, body: JSON.stringify({ data: rows }) }));
    expect(fields).toMatchObject({ problems: Array.from({ length: 10 }, (_, row) => `data.${row}.order_id: missing`) });
  });
});

describe('the log of a status', () => {
  const listed = (status: string) => (request: SeenRequest) => {
    const data = request.path.endsWith('/order') ? [{ order_id: 340, order_status: status }] : [];
    const pagination = { total: data.length, current_page: 1, total_pages: 1 };
    return { status: 200, body: JSON.stringify({ data, meta: { pagination } }) };
  };

  it.each(['canceled', 'cancelado', 'pending_cancel', 'CANCELLED', 'Cancelled'])(
    'that is nearly Estoka’s word for cancelled is a warning, each time: %s',
    async (status) => {
      const line = ['PROVIDER_STATUS_UNCLEAR', { connection: 'test', provider: 'estoka', orderId: '340', status }];
      expect(await logOf('estoka', () => ofEstoka({ status }))).toEqual([line]);
      expect(
        await logOf(
          'estoka',
          () => ofEstoka({ status }),
          (client) => client.cancel('340', LIMITS),
        ),
      ).toEqual([line]);
    },
  );

  it.each(['cancelled', 'CANCEL PENDING'])('that is nearly ngorder’s word is a warning: %s', async (status) => {
    const line = ['PROVIDER_STATUS_UNCLEAR', { connection: 'test', provider: 'ngorder', orderId: '340', status }];
    expect(await logOf('ngorder', listed(status))).toEqual([line]);
  });

  it('that is not known is told once', async () => {
    const line = (provider: string, status: string) => [
      ['PROVIDER_STATUS_UNKNOWN', { connection: 'test', provider, status }],
    ];
    expect(await logOf('estoka', () => ofEstoka({ status: 'separating' }))).toEqual(line('estoka', 'separating'));
    expect(await logOf('estoka', () => ofEstoka({ status: 'separating' }))).toEqual([]);
    expect(await logOf('ngorder', listed('HELD'))).toEqual(line('ngorder', 'HELD'));
    expect(await logOf('ngorder', listed('HELD'))).toEqual([]);
  });

  it('that is no word is not shown', async () => {
    const status = 'CPF 529.982.247-25';
    expect(await logOf('estoka', () => ofEstoka({ status }))).toEqual([
      ['PROVIDER_STATUS_UNKNOWN', { connection: 'test', provider: 'estoka', status: '[no word]' }],
    ]);
  });

  it.each(['waiting_picking', 'billing', 'delivered', 'cancelled'])('that is known is not told: %s', async (status) => {
    expect(await logOf('estoka', () => ofEstoka({ status }))).toEqual([]);
  });
});
