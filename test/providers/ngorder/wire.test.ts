import { describe, expect, it } from '@jest/globals';
import { Unread, valueOf, type Shown } from '../../../functions/providers/shown.ts';
import { amount, envelopeSchema, isNothing, pageSchema, requestTo } from '../../../functions/providers/ngorder/wire.ts';

const NOT_THERE = Symbol('the field is missing');
const withField = (name: string, value: unknown) => (value === NOT_THERE ? {} : { [name]: value });

function readRow(fields: object) {
  const [row] = pageSchema.parse({ data: [{ order_id: 1338, ...fields }] }).data;
  if (row === undefined) throw new Error('The page has no row.');
  return row;
}
/** What is there and cannot be read, as a word. */
const seen = <Value>(shown: Shown<Value> | undefined) => (shown instanceof Unread ? 'unread' : shown);
const canBeRead = (page: unknown) => pageSchema.safeParse(page).success;

describe('a request to ngorder', () => {
  const account = {
    connection: 'toko-jakarta',
    baseUrl: new URL('https://api.example/'),
    timeZone: 'Asia/Jakarta',
    credential: 'token-of-the-shop',
  };

  it('has its address, its template for the log, and the headers', () => {
    const { url, ...rest } = requestTo(account, '/order', { query: { type: 'ORDER_ID', keyword: 'a b&c' } });
    expect(url.href).toBe('https://api.example/api/open/order?type=ORDER_ID&keyword=a+b%26c');
    expect(rest).toEqual({
      pathTemplate: '/api/open/order',
      headers: {
        authorization: 'Bearer token-of-the-shop',
        'content-type': 'application/json',
        accept: 'application/json',
      },
    });
    expect(requestTo(account, '/order/cancel', {}).url.href).toBe('https://api.example/api/open/order/cancel');
  });

  it('names its order in the address, and not in the log', () => {
    const { url, pathTemplate } = requestTo(account, '/order-cancel/{orderId}', { orderId: '13/38' });
    expect(url.href).toBe('https://api.example/api/open/order-cancel/13%2F38');
    expect(pathTemplate).toBe('/api/open/order-cancel/{orderId}');
  });
});

describe("ngorder's envelope", () => {
  it.each([
    ['success', 'success'],
    ['Success', 'success'],
    [' SUKSES ', 'success'],
    ['Failed', 'failure'],
    ['gagal', 'failure'],
    ['', 'unclear'],
    ['Successful', 'unclear'],
    ['not failed', 'unclear'],
  ])('with "%s" means %s', (word, meaning) => {
    expect(envelopeSchema.parse({ response: word, data: null }).response).toEqual({ word, meaning });
  });

  it.each([undefined, null, true, 200, {}])('cannot be read where the word is %j', (response) => {
    expect(envelopeSchema.safeParse({ response, data: { order_id: 1 } }).success).toBe(false);
  });

  it.each([
    [{ order_id: 1338 }, '1338'],
    [{ order_id: '1338', po_number: 1 }, '1338'],
    [{ order_id: -1338 }, undefined],
    [{ order_id: 13.38 }, undefined],
    [{ order_id: 'x1338' }, undefined],
    [{ order_id: '1338x' }, undefined],
    [{ order_id: '' }, undefined],
    [{ order_id: null }, undefined],
    [{}, undefined],
    [[], undefined],
    ['1338', undefined],
    [null, undefined],
    [NOT_THERE, undefined],
  ])('with the data %p is of the order %p', (data, orderId) => {
    const envelope = envelopeSchema.parse({ response: 'success', ...withField('data', data) });
    expect(envelope.data?.order_id).toBe(orderId);
  });
});

describe("a page of ngorder's lists", () => {
  it.each([
    ['no word', {}],
    ['null for a word', { response: null }],
    ['a word of success', { response: 'Sukses' }],
    ['no paging', { meta: {} }],
    ['null for the paging', { meta: { pagination: null } }],
    ['null for what is about it', { meta: null }],
    ['an empty list for what is about it', { meta: [] }],
  ])('is read with %s', (_name, fields) => {
    const page = pageSchema.parse({ data: [{ order_id: 1 }], ...fields });
    expect(page.data.map(({ order_id: id }) => id)).toEqual(['1']);
    expect(page.meta?.pagination ?? null).toBeNull();
  });

  it.each([
    ['a word of failure', { response: 'Failed', data: [] }],
    ['a word that nobody knows', { response: '', data: [] }],
    ['a number for a word', { response: 1, data: [] }],
    ['no list', { response: 'success' }],
    ['null for a list', { data: null }],
    ['rows in an object with other keys', { data: { a: { order_id: 1 } } }],
    ['an object in place of a list, with nothing in it', { data: {} }],
    ['a row without an id', { data: [{ order_id: 1 }, { po_number: 2 }] }],
    ['a row with a broken id', { data: [{ order_id: '1x' }] }],
    ['a row that is none', { data: [null] }],
    ['a list of things about it', { data: [], meta: [1] }],
    ['a text about it', { data: [], meta: 'x' }],
    [
      'a total that is no number',
      { data: [], meta: { pagination: { total: 'many', current_page: 1, total_pages: 1 } } },
    ],
    ['no number of the page', { data: [], meta: { pagination: { total: 1, total_pages: 1 } } }],
    ['no number of pages', { data: [], meta: { pagination: { total: 1, current_page: 1 } } }],
    ['an error', { data: [], error: 'The database is not available.' }],
    [
      'errors, and a paging',
      { data: [], errors: ['x'], meta: { pagination: { total: 0, current_page: 1, total_pages: 1 } } },
    ],
    ['a row and errors', { data: [{ order_id: 1 }], errors: { list: ['could not be read to its end'] } }],
    ['no success', { data: [], success: false }],
    ['no success, as a text', { data: [], success: 'false' }],
    ['a status of failure', { data: [], status: 'error', message: 'Unauthenticated.' }],
    ['a status that is false', { data: [], status: false }],
    ['an HTTP status within', { data: [], code: 500 }],
    ['an HTTP status within, as a text', { data: [], statusCode: '401' }],
    ['nothing but a message', { data: [], message: 'Token expired' }],
  ])('is unreadable with %s: what it does not show would prove nothing', (_name, page) => {
    expect(canBeRead(page)).toBe(false);
  });

  it.each([
    ['a word of success beside a message', { response: 'success', message: 'Data tidak ditemukan', data: [] }],
    ['rows beside a message', { message: 'OK, one order', data: [{ order_id: 1 }] }],
    ['codes of success', { success: true, status: 'OK', code: 200, error: 0, errors: [], data: [] }],
    ['a status of one', { status: 1, code: '00', data: [] }],
  ])('can be read with %s', (_name, page) => {
    expect(canBeRead(page)).toBe(true);
  });

  it('has its rows in the order of their keys where they came as an object, as PHP writes a filtered list', () => {
    const page = pageSchema.parse({ data: { 10: { order_id: 3 }, 2: { order_id: 2 }, 0: { order_id: 1 } } });
    expect(page.data.map(({ order_id: id }) => id)).toEqual(['1', '2', '3']);
  });

  it('tells its place as numbers, however they are written', () => {
    const pagination = { total: '120', current_page: '2', total_pages: 3, links: [] };
    expect(pageSchema.parse({ data: [], meta: { pagination } }).meta?.pagination).toEqual({
      total: 120,
      current_page: 2,
      total_pages: 3,
    });
  });
});

describe('a row of a list', () => {
  it('keeps all that it shows, also what nobody knows', () => {
    expect(readRow({ cost: { a: 1 } })).toMatchObject({ order_id: '1338', cost: { a: 1 } });
  });

  it.each([
    ['5001', '5001'],
    [5001, '5001'],
    [0, '0'],
    [' INV.1 ', 'INV.1'],
    ['', null],
    ['  ', null],
    [null, null],
    [NOT_THERE, null],
    [[], 'unread'],
    [true, 'unread'],
  ])('with %p for its number has %p', (number, expected) => {
    expect(seen(readRow(withField('po_number', number)).po_number)).toBe(expected);
  });

  it.each(['order_status', 'order_progress_status', 'order_category'] as const)(
    'shows %s where it is a text or a number',
    (name) => {
      expect(readRow({ [name]: 'PAID' })[name]).toBe('PAID');
      expect(readRow({ [name]: 5 })[name]).toBe('5');
      expect(readRow({})[name]).toBeNull();
    },
  );

  it('has a status in another form as a word that nobody knows, and not as none', () => {
    expect(readRow({ order_status: { code: 'ACCEPTED' } }).order_status).toBe('not readable');
    expect(seen(readRow({ order_category: {} }).order_category)).toBe('unread');
  });

  it('has a status of payment only where it is shown, as the rule for unpaid orders must know', () => {
    expect(Object.keys(readRow({ payment_status: null }))).toContain('payment_status');
    expect(Object.keys(readRow({}))).not.toContain('payment_status');
  });

  it.each(['order_date', 'created_at', 'updated_at'] as const)(
    'shows %s as each of the endpoints writes it',
    (name) => {
      const at = (value: unknown) => readRow(withField(name, value))[name];
      expect(at('2020-10-06 16:10:02')).toBe('2020-10-06 16:10:02');
      expect(at({ $date: '2020-10-06T09:10:02Z' })).toBe('2020-10-06T09:10:02Z');
      expect(at({ $date: { $numberLong: '1601975402000' } })).toBe('2020-10-06T09:10:02.000Z');
      expect(at({ $date: { $numberLong: 1601975402000 } })).toBe('2020-10-06T09:10:02.000Z');
      for (const none of [null, '', ' ', NOT_THERE]) expect(at(none)).toBeNull();
      for (const other of [1601975402, {}, { $date: 5 }, { $date: {} }, { $date: { $numberLong: '' } }]) {
        expect(seen(at(other))).toBe('unread');
      }
    },
  );

  it('cannot make the page unreadable by a time beyond all calendars', () => {
    for (const ms of ['9'.repeat(30), '900000000000000', 'soon', '0x10']) {
      expect(seen(readRow({ created_at: { $date: { $numberLong: ms } } }).created_at)).toBe('unread');
    }
  });

  it('has products, each with what can be read of it', () => {
    const products = [
      { sku: 'A-1', name: 'Kaos', price: 'Rp10.000', quantity: '2' },
      { sku: 7, name: ' ', price: 10000, quantity: 2.5 },
      { sku: null, quantity: ' 3.0 ' },
      {},
    ];
    expect(readRow({ products }).products).toEqual([
      { sku: 'A-1', name: 'Kaos', price: 10000, quantity: 2 },
      { sku: '7', name: null, price: 10000, quantity: 2.5 },
      { sku: null, name: null, price: null, quantity: 3 },
      { sku: null, name: null, price: null, quantity: null },
    ]);
    expect(readRow({ products: { 7: products[3], 5: products[2] } }).products).toEqual([
      { sku: null, name: null, price: null, quantity: 3 },
      { sku: null, name: null, price: null, quantity: null },
    ]);
    expect(readRow({ products: [] }).products).toEqual([]);
    expect(seen(readRow({ products: {} }).products)).toBe('unread');
    for (const none of [null, NOT_THERE]) expect(readRow(withField('products', none)).products).toBeNull();
    for (const other of ['x', [5], products[0], { a: products[0] }]) {
      expect(seen(readRow({ products: other }).products)).toBe('unread');
    }
  });

  const quantityIn = (quantity: unknown) =>
    seen(valueOf(readRow({ products: [{ quantity }] }).products)?.[0]?.quantity);
  it.each(['x', '2x', 'x2', '2.', '.5', '1 2', '-1', '1.000', '1,000', 'Rp 2', -1, {}])(
    'has a quantity that cannot be read where it is %j',
    (quantity) => {
      expect(quantityIn(quantity)).toBe('unread');
    },
  );

  it.each([
    ['12', 12],
    ['12.25', 12.25],
    ['  12  ', 12],
    ['1,5', 1.5],
    ['2.50', 2.5],
    [0, 0],
    ['', null],
    [null, null],
  ])('has, where it is %j, the quantity %j', (quantity, expected) => {
    expect(quantityIn(quantity)).toBe(expected);
  });
});

describe('an amount', () => {
  it.each([
    [100000, 100000],
    [0, 0],
    [-5, -5],
    ['100000', 100000],
    ['-100000', -100000],
    ['100000.00', 100000],
    ['100000,0', 100000],
    ['Rp100.000', 100000],
    ['Rp. 100.000', 100000],
    ['rp 1.234.567', 1234567],
    ['  Rp100.000,00  ', 100000],
    ['-10.000', -10000],
    ['10.000.000,0', 10000000],
    ['1.000.000', 1000000],
    ['1,000,000', 1000000],
    ['1,000.00', 1000],
    ['1.000,00', 1000],
    ['100,00', 100],
    ['100.00', 100],
    ['Rp 100.000,-', 100000],
    ['Rp\u00a0100.000', 100000],
    ['-Rp 5.000', -5000],
    ['Rp -5.000', -5000],
    ['IDR 5000', 5000],
    ['100.000Rp', 100000],
    ['0.000', 0],
  ])('of %j is %j rupiah', (written, rupiah) => {
    expect(amount.parse(written)).toBe(rupiah);
  });

  it.each([
    0.5,
    1e300 * 10,
    'Rp',
    'x',
    '1e3',
    '0x10',
    '100 000',
    'x100000',
    '100000x',
    '1.0.0',
    '1.5',
    '100,000',
    'Rp 1,000',
    '1000.000.000',
    '100.000,50',
    '1,000.50',
    '10.00.000',
    '10,00,000',
    '1.000.0000',
    '1.000,000.00',
    '100000.50',
    '100000.',
    '1000.000',
    'Rp1000.000',
    '12500,000',
    '10,000.000',
    'Rp 1.000,000',
    'USD 100',
    'x Rp100.000',
    '--5',
    '9007199254740993',
    true,
    {},
    [],
  ])('cannot be read in %j', (written) => {
    expect(seen(amount.parse(written))).toBe('unread');
  });

  it.each(['', ' ', null, undefined])('is not shown by %j', (written) => {
    expect(amount.parse(written)).toBeNull();
  });
});

describe("ngorder's ways of saying that there is none", () => {
  it.each([undefined, null, [], {}, '', ' ', '0', 0, false])('have %j among them', (value) => {
    expect(isNothing(value)).toBe(true);
  });

  it.each([true, 1, 'JX0001', '00', [0], { number: '' }])('do not have %j', (value) => {
    expect(isNothing(value)).toBe(false);
  });
});
