import { describe, expect, it } from '@jest/globals';
import {
  isCancelLike,
  isOrderAsked,
  orderReplySchema,
  orderRequest,
  type EstokaOrder,
} from '../../../functions/providers/estoka/wire.ts';
import { listedOf } from '../../../functions/providers/estoka/cancelled-row.ts';
import { Unread, valueOf, type Shown } from '../../../functions/providers/shown.ts';

const NOT_THERE = Symbol('the field is missing');

const orderWith = (fields: object) => ({ id: 340, status: 'released', ...fields });
const withField = (name: string, value: unknown) => (value === NOT_THERE ? {} : { [name]: value });

function read(order: object) {
  return orderReplySchema.parse({ order }).order;
}
const readData = (name: string, value: unknown) => valueOf(read(orderWith({ data: withField(name, value) })).data);
/** What is there and cannot be read, as a word. */
const seen = <Value>(shown: Shown<Value> | undefined) => (shown instanceof Unread ? 'unread' : shown);
const listed = (order: EstokaOrder) => listedOf({ connection: 'c', credential: 'x' }, order);

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
    const startedAt = performance.now();
    const order = read(orderWith({ created_at: 'T'.repeat(200_000), updated_at: 'T'.repeat(200_000) }));
    expect(listed(order)).toMatchObject({ order: { createdAt: null } });
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
    ['x', 'unread'],
    ['2a', 'unread'],
    [{}, 'unread'],
    [true, 'unread'],
    [null, null],
    [NOT_THERE, null],
  ])('with %p for its organization is of %p', (organization, expected) => {
    expect(seen(read(orderWith(withField('organization_id', organization))).organization_id)).toBe(expected);
  });

  it.each(['created_at', 'updated_at'] as const)('shows %s where it is a text', (name) => {
    expect(read(orderWith({ [name]: '2026-11-20' }))[name]).toBe('2026-11-20');
    expect(read(orderWith({ [name]: 20261120 }))[name]).toBe('20261120');
    expect(seen(read(orderWith({ [name]: {} }))[name])).toBe('unread');
    expect(read(orderWith({}))[name]).toBeNull();
  });

  it('has the returns that are listed, and none where there is no list', () => {
    const returns = (value: unknown) => seen(read(orderWith(withField('order_returns', value))).order_returns);
    expect(returns([{ id: 1 }, 'x'])).toEqual([{ id: 1 }, 'x']);
    expect(returns({ 3: 'x', 1: { id: 1 } })).toEqual([{ id: 1 }, 'x']);
    expect(returns('x')).toBe('unread');
    expect(returns(NOT_THERE)).toBeNull();
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
      { id: '592', status: 'rejected_cancel', message: 'Não', reported_at: 'a', created_at: 'b' },
      { id: '591', status: 'pending_cancel', message: null, reported_at: '1', created_at: new Unread({}) },
      { id: '590', status: 'released', message: null, reported_at: null, created_at: null },
    ]);
    expect(rowsOf({ 4: { id: 2, status: 'b' }, 2: { id: 1, status: 'a' } })?.map(({ id }) => id)).toEqual(['1', '2']);
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
    [NOT_THERE, null],
    [5, 'unread'],
    ['x', 'unread'],
    [[{}], 'unread'],
  ])('are, where they are %p, %p', (data, expected) => {
    expect(seen(read(orderWith(withField('data', data))).data)).toBe(expected);
  });

  it('that cannot be read leave nothing of the order that seems not to be there', () => {
    const { order } = listed(read(orderWith({ data: 5 })));
    expect(order).toMatchObject({ number: null, orderedAt: null, total: null, items: null });
    expect(order.unread).toEqual(['total', 'items', 'number', 'orderedAt']);
  });

  it.each([
    [62, 62],
    [62.5, 62.5],
    ['62', 62],
    ['62.5', 62.5],
    [' -62.50 ', -62.5],
    ['0.125', 0.125],
    ['R$ 62', 62],
    ['R$\u00a062,50', 62.5],
    ['-R$ 62,50', -62.5],
    ['62,50', 62.5],
    ['62,5', 62.5],
    ['62 BRL', 62],
    ['1.234,56', 1234.56],
    ['1,234.56', 1234.56],
    ['R$ 1.234.567,89', 1234567.89],
    ['1.234.567', 1234567],
    ['1,234,567', 1234567],
    ['R$ 1.000', 1000],
    ['1234.567', 1234.567],
    ['100,000', 'unread'],
    ['100.000', 'unread'],
    ['R$ 1,000', 'unread'],
    ['R$ 1000.000', 'unread'],
    ['R$ 1.000,000', 'unread'],
    ['1000.000', 1000],
    ['R$ 0.500', 0.5],
    ['1.23.456', 'unread'],
    ['1,23,456', 'unread'],
    ['1.234,56,7', 'unread'],
    ['01.234,56', 'unread'],
    ['--5', 'unread'],
    ['6 2', 'unread'],
    ['.5', 'unread'],
    ['62.', 'unread'],
    ['USD 62', 'unread'],
    ['1e3', 'unread'],
    ['9007199254740993', 'unread'],
    ['123456789012345678.5', 'unread'],
    [1e-7, 'unread'],
    [1e300, 'unread'],
    [true, 'unread'],
    [{}, 'unread'],
    ['', null],
    [' ', null],
    [null, null],
    [NOT_THERE, null],
  ])('with %p for the total hold the number %p', (total, expected) => {
    expect(seen(readData('total_value', total)?.total_value)).toBe(expected);
  });

  it.each([
    ['2815308660008', '2815308660008'],
    [' 28 ', '28'],
    [28, '28'],
    [0, '0'],
    ['', null],
    [' ', null],
    [null, null],
    [NOT_THERE, null],
    [{}, 'unread'],
    [false, 'unread'],
  ])('with %p for the code hold the text %p', (code, expected) => {
    expect(seen(readData('code', code)?.code)).toBe(expected);
  });

  const ITEMS = [{ product_sku_id: 112, quantity: '2', unit_price: 3.5 }, { product_sku_id: {} }];
  it.each([
    ['a list', ITEMS],
    ['an object with numbers for keys, as PHP writes a filtered list', { 3: ITEMS[1], 1: ITEMS[0] }],
  ])('hold items in %s, each with what can be read of it', (_name, items) => {
    const { order } = listed(read(orderWith({ data: { items } })));
    expect(order.items).toEqual([
      { sku: '112', name: null, quantity: 2, unitPrice: 3.5 },
      { sku: null, name: null, quantity: null, unitPrice: null },
    ]);
    expect(order.unread).toEqual(['items.sku']);
  });

  it.each([
    [[], [], undefined],
    [{}, null, ['items']],
    [null, null, undefined],
    [NOT_THERE, null, undefined],
    ['x', null, ['items']],
    [[5], null, ['items']],
    [{ a: {} }, null, ['items']],
    [ITEMS[0], null, ['items']],
  ] as const)('hold, where the items are %p, %j, and the unread %j', (items, shown, unread) => {
    const { order } = listed(read(orderWith({ data: withField('items', items) })));
    expect(order.items).toEqual(shown);
    expect(order.unread).toEqual(unread);
  });

  it('hold payments, each with what can be read of it', () => {
    const payments = [{ value: '62.00', method: 3 }, { value: null, method: ' 90 ' }, {}];
    expect(readData('payments', payments)?.payments).toEqual([
      { value: 62, method: '3' },
      { value: null, method: '90' },
      { value: null, method: null },
    ]);
    for (const none of ['x', [5], {}]) expect(seen(readData('payments', none)?.payments)).toBe('unread');
    for (const none of [null, NOT_THERE]) expect(readData('payments', none)?.payments).toBeNull();
  });

  it.each([
    { name: 'Ana', email: 5, document: 52998224725, phones: ['21', 22, null, '23'] },
    { name: 'Ana', email: '5', document: '52998224725', phones: { 2: 22, 1: '21', 5: '23' } },
  ])('hold the customer, whatever type his values have: %j', (customer) => {
    const data = { customer, shipping_address: { street: 'Rua A', city: 'Rio', zipcode: 20550012 } };
    expect(listed(read(orderWith({ data }))).customer).toEqual({
      name: 'Ana',
      email: '5',
      document: '52998224725',
      phones: ['21', '22', '23'],
      address: 'Rua A, Rio, 20550012',
    });
  });

  it('hold one phone as well as a list of them, and say so where they cannot be read', () => {
    const customer = (fields: unknown) => listed(read(orderWith({ data: { customer: fields } }))).customer;
    expect(customer({ phones: 21987654321 })).toMatchObject({ phones: ['21987654321'] });
    expect(customer({})).toEqual({ name: null, document: null, email: null, phones: null, address: null });
    expect(customer({ name: { first: 'Ana' }, phones: [{ ddd: 21 }] })).toMatchObject({
      name: null,
      phones: null,
      unread: ['name', 'phones'],
    });
    expect(customer('Ana')).toMatchObject({ name: null, unread: ['name', 'document', 'email', 'phones'] });
    expect(customer(null)).toBeNull();
  });

  it.each([
    ['2026-11-20T10:00:00.000-03:00', '2026-11-20T13:00:00.000Z'],
    ['2026-11-20T10:00:00Z', '2026-11-20T10:00:00.000Z'],
    ['2020-02-29T10:00:00-0300', '2020-02-29T13:00:00.000Z'],
    [null, null],
    ['', null],
    ['2021-02-30T10:00:00.000-03:00', 'unread'],
    ['2021-02-29T10:00:00Z', 'unread'],
    ['2021-04-31T10:00:00Z', 'unread'],
    ['2021-01-01T24:00:00Z', 'unread'],
    ['2021-01-01T23:59:60Z', 'unread'],
    ['2021-01-01T10:00:00+25:00', 'unread'],
    ['2021-01-01T10:00:00+03:60', 'unread'],
    ['9999-12-31T23:00:00-03:00', 'unread'],
    ['2021-01-01T10:00:00', 'unread'],
    ['2021-01-01', 'unread'],
    [1606835262, 'unread'],
    [{ at: 1 }, 'unread'],
  ])('with %p for its time were placed at %p', (placed, expected) => {
    const { order } = listed(read(orderWith({ data: { placed_at: placed } })));
    expect(order.orderedAt).toBe(expected === 'unread' ? null : expected);
    expect(order.unread).toEqual(expected === 'unread' ? ['orderedAt'] : undefined);
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
    ['an order whose organization is null', { id: 340, organization_id: null }, true],
    ['an order whose organization cannot be read', { id: 340, organization_id: { id: 1 } }, false],
    ['an order whose organization is no number', { id: 340, organization_id: '1a' }, false],
    ['an order whose organization is true', { id: 340, organization_id: true }, false],
    ['another order', { id: 341, organization_id: 1 }, false],
    ['the order of another organization', { id: 340, organization_id: 2 }, false],
    ['an id that is only written in another way', { id: '0340', organization_id: 1 }, false],
  ])('%s, %j: %j', (_name, shown, expected) => {
    expect(isOrderAsked(read(orderWith(shown)), '340', 1)).toBe(expected);
  });
});
