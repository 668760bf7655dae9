import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { LongNumber } from '../../functions/runtime/exact-json.ts';
import * as estoka from '../../functions/drop-in/estoka-dialect.ts';
import * as ngorder from '../../functions/drop-in/ngorder-dialect.ts';

type Json = Record<string, unknown>;

const fixture = (path: string) =>
  JSON.parse(readFileSync(new URL(`../providers/${path}`, import.meta.url), 'utf8')) as Json;
const { order: estokaOrder } = fixture('estoka/fixtures/cancelled-order.json') as { order: Json };
const { data: ngorderRows } = fixture('ngorder/fixtures/cancelled-orders.json') as { data: Json[] };
const [ngorderRow = {}] = ngorderRows;

/** A copy in which whatever is at a path is another value, for each path that there is. */
function replacements(value: unknown, other: unknown, path: string[] = []): { path: string; copy: unknown }[] {
  const here = { path: path.join('.'), copy: other };
  if (typeof value !== 'object' || value === null) return [here];
  const within = Object.entries(value).flatMap(([key, member]) =>
    replacements(member, other, [...path, key]).map((one) => ({
      ...one,
      copy: Array.isArray(value)
        ? value.map((item: unknown, at) => (String(at) === key ? one.copy : item))
        : { ...value, [key]: one.copy },
    })),
  );
  return path.length === 0 ? within : [here, ...within];
}

/** A copy that has a member more in every object. */
function extended(value: unknown, members: Json): unknown {
  if (Array.isArray(value)) return value.map((item) => extended(item, members));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, member]) => [key, extended(member, members)] as const);
  return { ...Object.fromEntries(entries), ...members };
}

const CANARIES = [
  'para João Canário, apto 7',
  'canario@example.com',
  { canario: 'João Canário' },
  ['João Canário', { nome: 'Canário' }],
  '11 98765-4321 canário',
];

const ADDRESS = ['city', 'state', 'detail', 'number', 'street', 'country', 'zipcode', 'city_code', 'neighborhood'];
const ESTOKA_PERSONAL = [
  ...['name', 'email', 'phones', 'document'].map((name) => `data.customer.${name}`),
  ...ADDRESS.map((name) => `data.billing_address.${name}`),
  // The sample has no code of the city here.
  ...ADDRESS.filter((name) => name !== 'city_code').map((name) => `data.shipping_address.${name}`),
  ...[0, 1, 2].map((row) => `order_histories.${row}.message`),
  'order_returns.0.returned_products.0.comments',
];
const NGORDER_PERSONAL = [
  ...['username', 'sender_name', 'sender_address', 'receiver_name', 'receiver_address', 'receiver_phone', 'note'],
  ...['origin_name', 'origin_address', 'created_by_name', 'updated_by_name', 'bank_name'],
];

describe.each([
  ['Estoka', estokaOrder, (order: unknown) => estoka.withoutPersonalData(order as Json), ESTOKA_PERSONAL],
  ['ngorder', ngorderRow, (row: unknown) => ngorder.withoutPersonalData(row as Json), NGORDER_PERSONAL],
] as [string, Json, (order: unknown) => Json, string[]][])(
  'an order of %s, to whom may see nothing personal,',
  (_, sample, shown, personal) => {
    it('shows no text that somebody wrote, whatever member it stands in, and keeps the member', () => {
      for (const canary of CANARIES) {
        for (const { path, copy } of replacements(sample, canary)) {
          const left = shown(copy);
          // What goods are called is no person's, and shown without numbers and addresses of people.
          const isOfGoods = /^products\.0\.(name|color|size)$/.test(path) && typeof canary === 'string';
          if (!isOfGoods) expect(`${path} ${JSON.stringify(left)}`).not.toMatch(/can[aá]rio/i);
          expect(JSON.stringify(left)).not.toMatch(/98765|example\.com/);
          expect(Object.keys(left)).toEqual(Object.keys(sample));
        }
      }
    }, 60_000);

    it('has no member that the documentation does not have, however deep', () => {
      const more = {
        Canário: 1,
        cpf: '52998224725',
        'canario@example.com': 'x',
        constructor: 'canário',
        __proto__x: 'canário',
      };
      expect(shown(extended(sample, more))).toEqual(shown(sample));
    });

    it('shows all else that the documentation has of it', () => {
      const nulls = (value: unknown, path: string[] = []): string[] => {
        if (typeof value !== 'object' || value === null) return value === null ? [path.join('.')] : [];
        return Object.entries(value).flatMap(([key, member]) => nulls(member, [...path, key]));
      };
      const before = new Set(nulls(sample));
      expect(nulls(shown(sample)).filter((path) => !before.has(path))).toEqual(personal);
      expect(Object.keys(shown(sample))).toEqual(Object.keys(sample));
    });
  },
);

describe('what may be shown', () => {
  it('is of the kinds that the provider writes it in', () => {
    const row = {
      ...{
        order_id: '1338',
        total_amount: 'Rp100.000',
        remaining_amount: '1.000,50',
        shop_id: new LongNumber('9007199254740993'),
      },
      ...{ created_at: { $date: { $numberLong: '1610939862000' } }, updated_at: { $date: '2021-01-18T03:37:42Z' } },
      ...{
        order_date: '2021-01-18 10:37:42',
        payment_date: '',
        order_status: 'CANCELED',
        order_progress_status: 'NO AWB',
      },
      ...{ shipping_logistic: 'J&T', shipping_rate: 'REG', cod_status: false, awb_number: 'JP1234567890' },
      products: { '1': { name: 'Kaos 11 98765-4321', sku: '7891234567895', quantity: '2' }, '3': { name: 'Topi' } },
    };
    expect(ngorder.withoutPersonalData(row)).toEqual({
      ...row,
      products: { '1': { name: 'Kaos [redacted]', sku: '7891234567895', quantity: '2' }, '3': { name: 'Topi' } },
    });
  });

  it('holds nothing of the order’s own people, wherever that stands', () => {
    const people = { receiver_name: 'Siti Rahayu', receiver_phone: '0812345678', sender_name: 'Budi' };
    const product = {
      ...{ name: 'Kaos untuk SITI', color: 'merah 0812345678', size: 'XL' },
      thumbnail_url: 'https://img.example/kaos.jpg?to=x#y',
    };
    const numbers = { weight: '0812345678', shipping_cost: 62812345678, shop_id: 7 };
    const row = { ...people, ...numbers, order_source: 'siti', sender_category: 'toko-budi', products: [product] };
    expect(ngorder.withoutPersonalData(row)).toEqual({
      ...{ receiver_name: null, receiver_phone: null, sender_name: null, order_source: null, sender_category: null },
      ...{ weight: null, shipping_cost: null, shop_id: 7 },
      products: [
        {
          ...{ name: 'Kaos untuk [redacted]', color: 'merah [redacted]', size: 'XL' },
          thumbnail_url: 'https://img.example/kaos.jpg',
        },
      ],
    });
  });

  it.each(['R$ 62,50', 'Rp 100.000,-', 'IDR 5.000', '62,50 BRL'])('is a number, as %s', (total_amount) => {
    expect(ngorder.withoutPersonalData({ total_amount })).toEqual({ total_amount });
  });

  it.each(['no awb', 'On Process'])('is a documented word in any case, as %s', (order_progress_status) => {
    expect(ngorder.withoutPersonalData({ order_progress_status })).toEqual({ order_progress_status });
  });

  it.each(['0', '1', 0, true])('is a yes or no, as %j', (cod_status) => {
    expect(ngorder.withoutPersonalData({ cod_status })).toEqual({ cod_status });
  });

  it.each(['waiting_picking', 'Em trânsito', 'Aguardando separação', 'EM TRANSPORTE'])(
    'is a status, as %s',
    (status) => {
      expect(estoka.withoutPersonalData({ status })).toEqual({ status });
    },
  );

  it('is a status that is a text all the same where it holds a person', () => {
    const order = { status: 'entregue a ana', data: { customer: { name: 'Ana' } } };
    expect(estoka.withoutPersonalData(order)).toEqual({ status: '[redacted]', data: { customer: { name: null } } });
  });

  it('is null where it is of another kind', () => {
    const odd = {
      id: { n: 1 },
      status: 'cancelado por João',
      created_at: 'ontem',
      order_histories: 'nenhum',
      data: ['x'],
    };
    expect(estoka.withoutPersonalData(odd)).toEqual({
      ...{ id: null, status: '[redacted]', created_at: null, order_histories: null, data: null },
    });
    expect(
      ngorder.withoutPersonalData({ cod_status: 'Siti', created_at: { $date: 'by Siti' }, products: { siti: 1 } }),
    ).toEqual({
      ...{ cod_status: null, created_at: null, products: null },
    });
  });
});
