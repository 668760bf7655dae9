import { describe, expect, it } from '@jest/globals';
import { unpaidOrderOf } from '../../../functions/providers/ngorder/unpaid-row.ts';
import { pageSchema } from '../../../functions/providers/ngorder/wire.ts';
import { AS_READ, DOCUMENTED } from './documented-unpaid.ts';

/** `undefined` takes a field out, as JSON does. */
function read(fields: object = {}) {
  const body: unknown = JSON.parse(JSON.stringify({ data: [{ ...DOCUMENTED, ...fields }] }));
  const [row] = pageSchema.parse(body).data;
  if (row === undefined) throw new Error('The page has no row.');
  return unpaidOrderOf({ timeZone: 'Asia/Jakarta' }, row);
}

describe('an unpaid order at ngorder', () => {
  it('is what the documentation shows as one', () => {
    expect(read()).toEqual(AS_READ);
  });

  it.each([
    ['2020-10-06 10:00:00', '2020-10-06 11:00:00', '2020-10-06T04:00:00Z'],
    ['2020-10-06 11:00:00', '2020-10-06 10:00:00', '2020-10-06T04:00:00Z'],
    [null, '2020-10-06 10:00:00', null],
    ['2020-10-06 10:00:00', null, null],
    ['soon', '2020-10-06 10:00:00', null],
    ['2020-10-06 10:00:00', 'soon', null],
    [undefined, undefined, null],
  ])('ordered at %s and made at %s was made by %s', (orderDate, createdAt, by) => {
    expect(read({ order_date: orderDate, created_at: createdAt }).madeBy).toBe(by === null ? null : Date.parse(by));
  });

  it.each<[object, Partial<ReturnType<typeof read>>]>([
    [{ order_status: 'accept' }, { isActive: true }],
    [{ order_status: 'REJECTED' }, { isActive: false }],
    [{ order_status: null }, { isActive: false }],
    [{ order_progress_status: ' unpaid ' }, { isWaiting: true }],
    [{ order_progress_status: 'NO AWB' }, { isWaiting: false }],
    [{ order_progress_status: undefined }, { isWaiting: false }],
    [{ order_category: ' store_front ' }, { origin: 'STORE_FRONT' }],
    [{ order_category: ' ' }, { origin: null }],
    [{ order_category: 5 }, { origin: '5' }],
    [{ order_category: {} }, { origin: null }],
    [{ total_amount: 'many' }, { total: null, payment: 'unclear' }],
    [{ total_amount: '100,000' }, { total: null, payment: 'unclear' }],
    [{ payment_status: { code: 'UNPAID' } }, { payment: 'unclear' }],
    [{ order_date: '2020-02-30 10:00:00' }, { madeBy: null }],
  ])('with %j is %j', (fields, expected) => {
    expect(read(fields)).toMatchObject(expected);
  });

  it('has the warnings of any order', () => {
    const codes = read({ order_status: 'Canceled', awb_number: 'JX1' }).warnings.map(({ code }) => code);
    expect(codes).toEqual(['already_cancelled', 'shipped']);
  });
});

describe('an unpaid order whose local time clocks show twice, or not at all', () => {
  it.each([
    ['2026-11-01 01:30:00', '2026-11-01T06:30:00Z'],
    ['2026-03-08 02:30:00', '2026-03-08T07:30:00Z'],
    ['2026-11-01', '2026-11-02T04:59:59.999Z'],
  ])('counts as made at the last moment that %s can mean', (date, by) => {
    const body: unknown = { data: [{ ...DOCUMENTED, order_date: date, created_at: date }] };
    const [row] = pageSchema.parse(body).data;
    if (row === undefined) throw new Error('The page has no row.');
    expect(unpaidOrderOf({ timeZone: 'America/New_York' }, row).madeBy).toBe(Date.parse(by));
  });
});

describe('what a row says of cash on delivery', () => {
  it.each([
    [true, true],
    ['true', true],
    [1, true],
    ['1', true],
    [' y ', true],
    ['Yes', true],
    [false, false],
    ['FALSE', false],
    [0, false],
    ['0', false],
    ['n', false],
    ['No', false],
    [null, null],
    ['maybe', null],
    ['', null],
    [2, null],
    [{}, null],
    [undefined, null],
  ])('by %j is %j', (status, expected) => {
    expect(read({ cod_status: status }).cashOnDelivery).toBe(expected);
  });

  it.each([
    [{ cod_status: false, 'cod_status ': true }, true],
    [{ cod_status: 'maybe', codStatus: '1' }, true],
    [{ cod_status: false, COD_STATUS: 'no' }, false],
    [{ cod_status: false, 'Cod-Status': 'maybe' }, null],
  ])('by %j, all of it together, is %j', (fields, expected) => {
    expect(read(fields).cashOnDelivery).toBe(expected);
  });
});

describe('what a row says of a payment', () => {
  it.each<[string, object]>([
    ['the amount that is to be paid', { remaining_amount: 'Rp304.000' }],
    ['it twice, and the same', { total_amount: 304000, 'total_amount ': '304000.00', remaining_amount: 304000 }],
    ['a blank date', { payment_date: ' ' }],
    ['empty records', { payment_histoy: [], payments: {}, payment_proof: '', paid_at: null, is_paid: false, paid: 0 }],
    ['a payment that is not made', { payment: { status: 'UNPAID', date: null, amount: '0', payment_histoy: [] } }],
    ['the same amount in a payment', { payment: { total_amount: '304000.00' } }],
    ['a list of them', { payment: [{ status: ' unpaid ' }, { date: '' }] }],
    ['no payment in it', { payment: null }],
    ['fields in another spelling', { payment_date: undefined, PaymentDate: null, paymentStatus: 'UNPAID' }],
    ['words that have nothing to do with it', { note: 'PAID', display: 'x', status: 'PAID' }],
  ])('is that there is none, by %s', (_name, fields) => {
    expect(read(fields).payment).toBe('none');
  });

  it.each<[string, object]>([
    ['its status', { payment_status: 'Paid' }],
    ['its status, in part', { payment_status: 'INSTALLMENT' }],
    ['one of two statuses', { 'payment-status': 'PAID' }],
    ['one of two statuses, with more space', { 'payment - status': 'PAID' }],
    ['its date', { payment_date: '2020-10-07' }],
    ['a date that is no text', { payment_date: 0 }],
    ['one of two dates', { 'payment date': '2020-10-07' }],
    ['what is left to be paid', { remaining_amount: 303999 }],
    ['one of two amounts that are left', { remaining_amount: 304000, remainingAmount: 1 }],
    ['a history', { payment_histoy: [{ nominal: 1 }] }],
    ['an older history', { old_payment_history: ['x'] }],
    ['a history in another spelling', { PaymentHistory: ['x'] }],
    ['a paid something', { amount_paid: 1 }],
    ['something paid', { paid_by: 'Siti' }],
    ['something that was paid at some time', { was_paid_at: '2020' }],
    ['a payment within it', { payment: { status: 'PAID' } }],
    ['a payment in a list', { payment: [[{ date: '2020-10-07' }]] }],
    ['the amount of a payment within it', { payment: { remaining_amount: 1 } }],
    ['one sign beside what is not clear', { payment_status: 'WAITING', payment_date: '2020-10-07' }],
  ])('is that there is one, by %s', (_name, fields) => {
    expect(read(fields).payment).toBe('shown');
  });

  it.each<[string, object]>([
    ['no status', { payment_status: undefined }],
    ['null for a status', { payment_status: null }],
    ['another status', { payment_status: 'WAITING_CONFIRMATION' }],
    ['a status that is no text', { payment_status: 7 }],
    ['no date, nor null for one', { payment_date: undefined }],
    ['a date only in a payment', { payment_date: undefined, payment: { date: null } }],
    ['no amount', { total_amount: null }],
    ['an amount of nothing', { total_amount: 0 }],
    ['less than nothing', { total_amount: -1 }],
    ['two amounts', { 'total_amount ': 304001 }],
    ['more to be paid than the amount', { remaining_amount: 304001 }],
    ['nothing that can be read to be paid', { remaining_amount: 'all' }],
    ['null to be paid', { remaining_amount: null }],
    ['a payment that is a word', { payment: 'UNPAID' }],
    ['a payment that is true', { payment: true }],
    ['payments', { payments: [{ id: 1 }] }],
    ['a proof', { proofOfPayment: 'proof.jpg' }],
    ['a balance', { orderpay_amount: 1 }],
    ['an unpaid amount', { unpaidAmount: 1 }],
    ['an id of a payment', { payment: { id: 7 } }],
    ['true', { payment_pending: true }],
  ])('is not clear, by %s', (_name, fields) => {
    expect(read(fields).payment).toBe('unclear');
  });
});
