import type { CancelledOrderItem, CancelledOrderType, Customer } from '../cancelled-order.ts';
import type { ListedOrder, Warning } from '../provider.ts';
import { newReading, type Reading, phonesIn, textIn, textsWithin, unreadWarnings, valueOf } from '../shown.ts';
import { versionOf } from '../version.ts';
import { utcOf } from '../written-time.ts';
import { spanOf, timeOf } from './times.ts';
import { isNothing, type NgorderAccount, type NgorderProduct, type NgorderRow } from './wire.ts';

/** The types as ngorder's filter spells them. */
export const TYPES = { cancelled: 'CANCEL', rejected: 'REJECTED', expired: 'EXPIRED' } as const satisfies Record<
  CancelledOrderType,
  string
>;

/** Returns a row of the lists of cancelled, rejected and expired orders, in our words. */
export function listedOf(account: NgorderAccount, row: NgorderRow, type: CancelledOrderType): ListedOrder {
  const { connection, timeZone, credential } = account;
  const { told, unread } = newReading();
  const amount = told('total', row.total_amount);
  return {
    order: {
      connection,
      provider: 'ngorder',
      orderId: row.order_id,
      number: told('number', row.po_number),
      type,
      orderedAt: told('orderedAt', timeOf(row.order_date, timeZone)),
      // ngorder does not show it; `updated_at` is another time.
      cancelledAt: null,
      createdAt: told('createdAt', timeOf(row.created_at, timeZone)),
      updatedAt: told('updatedAt', timeOf(row.updated_at, timeZone)),
      total: amount === null ? null : { amount, currency: 'IDR' },
      paymentStatus: told('paymentStatus', textIn(row['payment_status'])),
      items: told('items', row.products)?.map((product) => itemOf(product, told)) ?? null,
      source: 'provider',
      ...unread(),
    },
    orderedAbout: utcOf(spanOf(row.order_date, timeZone)?.earliest ?? NaN),
    customer: customerOf(row),
    others: textsWithin([row.sender_name, row.sender_address, row.sender_phone]),
    version: versionOf(row, credential),
    restoreWarnings: restoreWarningsOf(row, type),
  };
}

function itemOf({ sku, name, quantity, price }: NgorderProduct, told: Reading['told']): CancelledOrderItem {
  return {
    sku: told('items.sku', sku),
    name: told('items.name', name),
    quantity: told('items.quantity', quantity),
    unitPrice: told('items.unitPrice', price),
  };
}

function customerOf({ receiver_name, receiver_phone, receiver_address }: NgorderRow): Customer {
  const { told, unread } = newReading();
  return {
    name: told('name', textIn(receiver_name)),
    document: null,
    email: null,
    phones: told('phones', phonesIn(receiver_phone)),
    address: told('address', textIn(receiver_address)),
    ...unread(),
  };
}

function paymentWord(row: NgorderRow): string {
  return valueOf(textIn(row['payment_status']))?.toUpperCase() ?? '';
}

export function isPaid(row: NgorderRow): boolean {
  return ['PAID', 'INSTALLMENT'].includes(paymentWord(row));
}

export function isOfMarketplace(row: NgorderRow): boolean {
  return !isNothing(row.shopee) || valueOf(row.order_category)?.toUpperCase() === 'SHOPEE';
}

function restoreWarningsOf(row: NgorderRow, type: CancelledOrderType): Warning[] {
  const warnings: [boolean, Warning][] = [
    [
      isPaid(row),
      {
        code: 'balance_may_be_spent',
        text: "The order was paid in full or in part. Cancelling it seems to have credited the customer's OrderPay balance, which may be spent by now. A restored order may count as paid although the money is gone.",
      },
    ],
    [
      isOfMarketplace(row),
      { code: 'marketplace_order', text: 'The order came from Shopee, which might not be told that it is restored.' },
    ],
    [
      type !== 'cancelled',
      {
        code: 'type_not_documented',
        text: 'The order is not cancelled but rejected or expired. The documentation mentions restoring only for cancelled orders.',
      },
    ],
  ];
  return [...warnings.filter(([applies]) => applies).map(([, warning]) => warning), ...unreadOf(row)];
}

/** Warns of unreadable fields on which other warnings depend. */
export function unreadOf(row: NgorderRow): Warning[] {
  const { told, unread } = newReading();
  told('payment status', textIn(row['payment_status']));
  told('category', row.order_category);
  told('progress', row.order_progress_status);
  return unreadWarnings(unread());
}
