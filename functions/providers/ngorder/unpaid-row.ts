import type { UnpaidOrder } from '../provider.ts';
import { isActive, totalOf, warningsOf } from './look-up.ts';
import { latestOf } from './times.ts';
import { amount, type NgorderAccount, type NgorderRow } from './wire.ts';

/**
 * A row of `GET /order`, as an order that may be unpaid. What the documentation has in such a row (status and date of payment,
 * amount, progress, category, dates) must be there and say so. What it has only in the rows of cancelled orders (what remains to be
 * paid, cash on delivery) must say so where it is there.
 */
export function unpaidOrderOf({ timeZone }: NgorderAccount, row: NgorderRow): UnpaidOrder {
  const [ordered, created] = [latestOf(row.order_date, timeZone), latestOf(row.created_at, timeZone)];
  return {
    orderId: row.order_id,
    isActive: isActive(row),
    payment: paymentOf(row),
    isWaiting: word(row.order_progress_status) === 'UNPAID',
    cashOnDelivery: cashOnDeliveryOf(row),
    origin: word(row.order_category) || null,
    madeBy: ordered === null || created === null ? null : Math.max(ordered, created),
    warnings: warningsOf(row, word(row.order_status)),
    total: totalOf(row),
  };
}

type Payment = UnpaidOrder['payment'];

/** One sign of a payment is enough, and so is one thing that cannot be read. */
function paymentOf(row: NgorderRow): Payment {
  const told = [statusSays(row), dateSays(row), amountsSay(row), ...recordsOf(row)];
  return told.find((says) => says === 'shown') ?? told.find((says) => says === 'unclear') ?? 'none';
}

function statusSays(row: NgorderRow): Payment {
  const words = shown(row, 'payment_status').map(word);
  if (words.some((status) => status === 'PAID' || status === 'INSTALLMENT')) return 'shown';
  return words.length > 0 && words.every((status) => status === 'UNPAID') ? 'none' : 'unclear';
}

/** `null` in the documentation's unpaid order. Whatever else there is was written because of a payment. */
function dateSays(row: NgorderRow): Payment {
  const dates = shown(row, 'payment_date');
  if (dates.some((date) => date !== null && date !== '')) return 'shown';
  return dates.length > 0 ? 'none' : 'unclear';
}

/** All of the amount remains to be paid. An order that costs nothing waits for no payment. */
function amountsSay(row: NgorderRow): Payment {
  const totals = shown(row, 'total_amount').map((value) => amount.parse(value));
  const remaining = shown(row, 'remaining_amount').map((value) => amount.parse(value));
  const [total = null] = totals;
  if (total === null || total <= 0 || totals.some((other) => other !== total)) return 'unclear';
  if (remaining.some((left) => left !== null && left < total)) return 'shown';
  return remaining.every((left) => left === total) ? 'none' : 'unclear';
}

/** A history of payments (`payment_histoy` in a sample), or anything that is called paid. */
const RECORD = /^payment_hist|(^|_)paid(_|$)/;

function recordsOf(row: NgorderRow): Payment[] {
  const entries = [row, ...shown(row, 'payment')].flatMap((part) => Object.entries(part ?? {}));
  return entries.filter(([key, value]) => RECORD.test(nameOf(key)) && !isNothing(value)).map((): Payment => 'shown');
}

function isNothing(value: unknown): boolean {
  if (typeof value === 'object') return value === null || Object.keys(value).length === 0;
  return value === undefined || value === false || ['', '0'].includes(word(value));
}

function cashOnDeliveryOf(row: NgorderRow): boolean | null {
  const answers = shown(row, 'cod_status').map((value) => {
    const text = word(value);
    if (['TRUE', '1', 'Y', 'YES'].includes(text)) return true;
    return ['FALSE', '0', 'N', 'NO'].includes(text) ? false : null;
  });
  if (answers.includes(true)) return true;
  return answers.length > 0 && answers.every((answer) => answer === false) ? false : null;
}

/** All that is there under a name: some of ngorder's keys are padded, and then there may be two of one name. */
function shown(row: NgorderRow, name: string): unknown[] {
  return Object.entries(row)
    .filter(([key, value]) => nameOf(key) === name && value !== undefined)
    .map(([, value]) => (typeof value === 'string' ? value.trim() : value));
}

function nameOf(key: string): string {
  return key.trim().toLowerCase();
}

function word(value: unknown): string {
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value).trim().toUpperCase() : '';
}
