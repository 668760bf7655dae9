import { describe, expect, it } from '@jest/globals';
import { listedOf } from '../../../functions/providers/estoka/cancelled-row.ts';
import {
  isCancelLike,
  isOrderAsked,
  orderReplySchema,
  orderRequest,
} from '../../../functions/providers/estoka/wire.ts';

const NOT_THERE = Symbol('the field is missing');

const orderWith = (fields: object) => ({ id: 340, status: 'released', ...fields });
const withField = (name: string, value: unknown) => (value === NOT_THERE ? {} : { [name]: value });

function read(order: object) {
  return orderReplySchema.parse({ order }).order;
}
const readData = (name: string, value: unknown) => read(orderWith({ data: withField(name, value) })).data;

describe('the request for an order', () => {
  const account = {
    connection: 'loja-rio',
    baseUrl: new URL('https://api.example/shop'),
    organizationId: 7,
    credential: 'token-of-the-shop',
  };

  it.each(['', '/cancel'] as const)('has its address, its template for the log, and the headers: "%s"', (action) => {
    const { url, ...rest } = orderRequest(account, '34/0', action);
    expect(url.href).toBe(`https://api.example/shop/api/v1/organizations/7/orders/34%2F0${action}`);
    expect(rest).toEqual({
      pathTemplate: `/api/v1/organizations/{organizationId}/orders/{orderId}${action}`,
      headers: {
        authorization: 'Token token=token-of-the-shop',
        'content-type': 'application/json',
        accept: 'application/json',
      },
      body: null,
    });
  });
});

describe("an order in Estoka's replies", () => {
  it('has no time where its time is a text of any length, and does not keep us waiting', () => {
    const account = { connection: 'loja-rio', credential: 'token-of-the-shop' };
    const startedAt = performance.now();
    const order = read(orderWith({ created_at: 'T'.repeat(200_000), updated_at: 'T'.repeat(200_000) }));
    expect(listedOf(account, order)).toMatchObject({ order: { createdAt: null } });
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  it.each([
    [340, '340'],
    ['340', '340'],
    ['0340', '0340'],
  ])('has the id %j', (id, expected) => {
    expect(read(orderWith({ id })).id).toBe(expected);
  });

  it.each([3.4, '3.4', 'x340', '340x', '', null, [340], NOT_THERE])(
    'cannot be read where its id is %p, since it may be any order',
    (id) => {
      const order = { status: 'cancelled', ...withField('id', id) };
      expect(orderReplySchema.safeParse({ order }).success).toBe(false);
    },
  );

  it.each([undefined, null, 5, {}])('cannot be read where its status is %j', (status) => {
    expect(orderReplySchema.safeParse({ order: { id: 340, status } }).success).toBe(false);
  });

  it('keeps all that it shows, also what nobody knows', () => {
    expect(read(orderWith({ new_field: [1], data: { other: true } }))).toMatchObject({
      new_field: [1],
      data: { other: true },
    });
  });

  it.each([
    [1, '1'],
    ['1', '1'],
    ['x', null],
    [{}, null],
    [null, null],
    [NOT_THERE, null],
  ])('with %p for its organization is of %p', (organization, expected) => {
    expect(read(orderWith(withField('organization_id', organization))).organization_id).toBe(expected);
  });

  it.each(['created_at', 'updated_at'] as const)('shows %s where it is a text', (name) => {
    expect(read(orderWith({ [name]: '2026-11-20' }))[name]).toBe('2026-11-20');
    expect(read(orderWith({ [name]: 20261120 }))[name]).toBeNull();
    expect(read(orderWith({}))[name]).toBeNull();
  });

  it('has the returns that are listed, and none where there is no list', () => {
    expect(read(orderWith({ order_returns: [{ id: 1 }, 'x'] })).order_returns).toEqual([{ id: 1 }, 'x']);
    expect(read(orderWith({ order_returns: 'x' })).order_returns).toEqual([]);
    expect(read(orderWith({})).order_returns).toEqual([]);
  });
});

describe("an order's history", () => {
  const rowsOf = (rows: unknown) => read(orderWith(withField('order_histories', rows))).order_histories;

  it('is empty where it has no rows', () => {
    expect(rowsOf([])).toEqual([]);
  });

  it('has rows with a number, whatever else they show', () => {
    const rows = [
      { id: '592', status: 'rejected_cancel', message: 'Não', reported_at: 'a', created_at: 'b' },
      { id: 591, status: 'pending_cancel', message: ['Não'], reported_at: 1, created_at: {} },
      { id: 590, status: 'released' },
    ];
    expect(rowsOf(rows)).toEqual([
      { id: 592, status: 'rejected_cancel', message: 'Não', reported_at: 'a', created_at: 'b' },
      { id: 591, status: 'pending_cancel', message: null, reported_at: null, created_at: null },
      { id: 590, status: 'released', message: null, reported_at: null, created_at: null },
    ]);
  });

  it.each([
    NOT_THERE,
    null,
    'none',
    {},
    [null],
    [{ id: 'x', status: 'released' }],
    [{ id: 1 }],
    [{ id: 1, status: 5 }],
  ])('is unreadable as a whole where it is %p', (rows) => {
    expect(rowsOf(rows)).toBeNull();
  });
});

describe("an order's data", () => {
  it.each([
    [null, null],
    [5, null],
    ['x', null],
    [NOT_THERE, null],
  ])('are not shown where they are %p', (data, expected) => {
    expect(read(orderWith(withField('data', data))).data).toBe(expected);
  });

  it.each([
    [62, 62],
    ['62', 62],
    ['62.5', 62.5],
    [' -62.50 ', -62.5],
    ['0.125', 0.125],
    ['R$ 62', null],
    ['62,50', null],
    ['62 BRL', null],
    ['6 2', null],
    ['.5', null],
    ['62.', null],
    ['', null],
    [null, null],
    [{}, null],
    [NOT_THERE, null],
  ])('with %p for the total hold the number %p', (total, expected) => {
    expect(readData('total_value', total)?.total_value).toBe(expected);
  });

  it.each([
    ['2815308660008', '2815308660008'],
    [' 28 ', '28'],
    [28, '28'],
    [0, '0'],
    ['', null],
    [' ', null],
    [null, null],
    [{}, null],
    [NOT_THERE, null],
  ])('with %p for the code hold the text %p', (code, expected) => {
    expect(readData('code', code)?.code).toBe(expected);
  });

  it('hold items, each with what can be read of it', () => {
    const items = [{ product_sku_id: 112, quantity: '2', unit_price: 3.5 }, { product_sku_id: {} }];
    expect(readData('items', items)?.items).toEqual([
      { product_sku_id: '112', quantity: 2, unit_price: 3.5 },
      { product_sku_id: null, quantity: null, unit_price: null },
    ]);
    for (const none of ['x', null, [5], NOT_THERE]) expect(readData('items', none)?.items).toEqual([]);
  });

  it('hold payments, each with what can be read of it', () => {
    const payments = [{ value: '62.00', method: 3 }, { value: null, method: ' 90 ' }, {}];
    expect(readData('payments', payments)?.payments).toEqual([
      { value: 62, method: '3' },
      { value: null, method: '90' },
      { value: null, method: null },
    ]);
    for (const none of ['x', null, [5], NOT_THERE]) expect(readData('payments', none)?.payments).toEqual([]);
  });

  it('hold the customer, with the texts among the phones', () => {
    const customer = { name: 'Ana', email: 5, document: null, phones: ['21', 22, null, '23'] };
    expect(readData('customer', customer)?.customer).toEqual({
      name: 'Ana',
      email: null,
      document: null,
      phones: ['21', '23'],
    });
    expect(readData('customer', { phones: '21' })?.customer).toMatchObject({ name: null, phones: [] });
    expect(readData('customer', 'Ana')?.customer).toBeNull();
    expect(readData('customer', NOT_THERE)?.customer).toBeNull();
  });

  it.each(['billing_address', 'shipping_address'] as const)('hold the texts of the %s', (name) => {
    const address = { street: 'Rua A', detail: null, neighborhood: 'B', zipcode: 20550012, city: 'Rio', state: 'RJ' };
    const texts = { street: 'Rua A', detail: null, neighborhood: 'B', zipcode: null, city: 'Rio' };
    expect(readData(name, address)?.[name]).toEqual(texts);
    expect(readData(name, 'Rua A')?.[name]).toBeNull();
    expect(readData(name, NOT_THERE)?.[name]).toBeNull();
  });

  it.each(['placed_at', 'emission_status'] as const)('hold %s where it is a text', (name) => {
    expect(readData(name, 'x')?.[name]).toBe('x');
    expect(readData(name, 5)?.[name]).toBeNull();
  });
});

describe('a status', () => {
  it.each(['canceled', 'Cancelled', 'CANCELADO', 'pending_cancel', 'cancelling'])(
    'like %s speaks of cancelling without proving it',
    (status) => {
      expect(isCancelLike(status)).toBe(true);
    },
  );

  it.each(['cancelled', 'released', 'waiting_picking', ''])('like "%s" does not', (status) => {
    expect(isCancelLike(status)).toBe(false);
  });
});

describe('whether it is the order that was asked for', () => {
  it.each([
    ['the same order', { id: 340, organization_id: 1 }, true],
    ['an order that shows no organization', { id: 340 }, true],
    ['an order whose organization cannot be read', { id: 340, organization_id: {} }, true],
    ['another order', { id: 341, organization_id: 1 }, false],
    ['the order of another organization', { id: 340, organization_id: 2 }, false],
    ['an id that is only written in another way', { id: '0340', organization_id: 1 }, false],
  ])('%s, %j: %j', (_name, shown, expected) => {
    expect(isOrderAsked(read(orderWith(shown)), '340', 1)).toBe(expected);
  });
});
