import type { UnpaidOrder } from '../provider.ts';
import { isActive, totalOf, warningsOf } from './look-up.ts';
import { spanOf } from './times.ts';
import { valueOf } from '../shown.ts';
import { amount, isNothing, type NgorderAccount, type NgorderRow } from './wire.ts';

/**
 * Reads a row of `GET /order` as an order that may be unpaid. The fields that the documentation shows in such rows (payment status
 * and date, amount, progress, category, dates) must be present and must agree. The fields that it shows only in rows of cancelled
 * orders (remaining amount, cash on delivery) must agree if they are present.
 */
export function unpaidOrderOf({ timeZone }: Pick<NgorderAccount, 'timeZone'>, row: NgorderRow): UnpaidOrder {
  const [ordered, created] = [row.order_date, row.created_at].map((text) => spanOf(text, timeZone)?.latest);
  const fields = fieldsOf(row);
  return {
    orderId: row.order_id,
    isActive: isActive(row),
    payment: paymentOf(row, fields),
    isWaiting: word(row.order_progress_status) === 'UNPAID',
    cashOnDelivery: cashOnDeliveryOf(fields),
    origin: word(row.order_category) || null,
    madeBy: ordered === undefined || created === undefined ? null : Math.max(ordered, created),
    warnings: warningsOf(row, word(row.order_status)),
    total: totalOf(row),
  };
}

type Payment = UnpaidOrder['payment'];
type Field = readonly [name: string, value: unknown];

/** One sign of a payment, or one unreadable field, is enough. */
function paymentOf(row: NgorderRow, fields: Field[]): Payment {
  const told = [rowSays(row), statusSays(fields), dateSays(fields), amountsSay(fields), ...othersSay(fields)];
  return told.find((says) => says === 'shown') ?? told.find((says) => says === 'unclear') ?? 'none';
}

/** Fields that the documentation shows in every row. */
const STATED = ['payment_status', 'payment_date'];

/** The row itself must have these fields; those in a `payment` within it do not count. */
function rowSays(row: NgorderRow): Payment {
  const names = Object.keys(row).map(nameOf);
  return STATED.every((name) => names.includes(name)) ? 'none' : 'unclear';
}

function statusSays(fields: Field[]): Payment {
  const words = shown(fields, 'payment_status').map(word);
  if (words.some((status) => status === 'PAID' || status === 'INSTALLMENT')) return 'shown';
  return words.every((status) => status === 'UNPAID') ? 'none' : 'unclear';
}

/** `null` in the documentation's unpaid order. Any other value was written because of a payment. */
function dateSays(fields: Field[]): Payment {
  const dates = shown(fields, 'payment_date');
  return dates.some((date) => date !== null && date !== '') ? 'shown' : 'none';
}

/** The whole amount must remain to be paid. An order that costs nothing waits for no payment. */
function amountsSay(fields: Field[]): Payment {
  const totals = shown(fields, 'total_amount').map((value) => valueOf(amount.parse(value)));
  const remaining = shown(fields, 'remaining_amount').map((value) => valueOf(amount.parse(value)));
  const [total = null] = totals;
  if (total === null || total <= 0 || totals.some((other) => other !== total)) return 'unclear';
  if (remaining.some((left) => left !== null && left < total)) return 'shown';
  return remaining.every((left) => left === total) ? 'none' : 'unclear';
}

/** A history of payments (`payment_histoy` in a sample), or any field called paid. */
const RECORD = /payment_hist|(^|_)paid(_|$)/;
/** Fields about payments; `orderpay` is a customer's balance at ngorder. */
const OF_PAYMENT = /pay|paid/;
const AMOUNTS = ['total_amount', 'remaining_amount'];

/** Any other non-empty field about payments: its meaning is not documented. */
function othersSay(fields: Field[]): Payment[] {
  return fields
    .filter(([name, value]) => OF_PAYMENT.test(name) && !STATED.includes(name) && !isNothing(value))
    .map(([name]) => (RECORD.test(name) ? 'shown' : 'unclear'));
}

function cashOnDeliveryOf(fields: Field[]): boolean | null {
  const answers = shown(fields, 'cod_status').map((value) => {
    const text = word(value);
    if (['TRUE', '1', 'Y', 'YES'].includes(text)) return true;
    return ['FALSE', '0', 'N', 'NO'].includes(text) ? false : null;
  });
  if (answers.includes(true)) return true;
  return answers.length > 0 && answers.every((answer) => answer === false) ? false : null;
}

/** Returns all values of a field: ngorder pads some keys, so two keys may have the same name. */
function shown(fields: Field[], name: string): unknown[] {
  return fields.filter(([other]) => other === name).map(([, value]) => value);
}

function fieldsOf(part: object): Field[] {
  return Object.entries(part).flatMap(([key, value]: [string, unknown]): Field[] => {
    const name = nameOf(key);
    if (name === 'payment') return paymentFieldsOf(value);
    return [[name, typeof value === 'string' ? value.trim() : value]];
  });
}

/**
 * Returns the fields of a `payment`, or of a list of them, by the names that they would have outside. In the documentation, a sent
 * `payment` has `status`, `date` and `amount`; a shown one has `payment_histoy`.
 */
function paymentFieldsOf(value: unknown): Field[] {
  if (Array.isArray(value)) return value.flatMap(paymentFieldsOf);
  if (typeof value !== 'object' || value === null) return [['payment', value]];
  return fieldsOf(value).map(([name, inner]) => [
    OF_PAYMENT.test(name) || AMOUNTS.includes(name) ? name : `payment_${name}`,
    inner,
  ]);
}

/** Returns the documentation's spelling of a key: ngorder pads some keys, and spells others differently from one endpoint to another. */
function nameOf(key: string): string {
  const words = key.trim().replaceAll(/([a-z\d])([A-Z])/g, '$1_$2');
  return words.toLowerCase().replaceAll(/[\s-]+/g, '_');
}

function word(value: unknown): string {
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value).trim().toUpperCase() : '';
}
