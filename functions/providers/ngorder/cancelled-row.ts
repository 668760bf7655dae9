import type { CancelledOrderItem, CancelledOrderType } from '../cancelled-order.ts';
import type { ListedOrder, Warning } from '../provider.ts';
import { versionOf } from '../version.ts';
import { timeOf } from './times.ts';
import { isNothing, type NgorderAccount, type NgorderRow } from './wire.ts';

/** How ngorder's filter spells the types. */
export const TYPES = { cancelled: 'CANCEL', rejected: 'REJECTED', expired: 'EXPIRED' } as const satisfies Record<
  CancelledOrderType,
  string
>;

/** A row of the lists of cancelled, rejected and expired orders, in our words. */
export function listedOf(account: NgorderAccount, row: NgorderRow, type: CancelledOrderType): ListedOrder {
  const { connection, timeZone, credential } = account;
  return {
    order: {
      connection,
      provider: 'ngorder',
      orderId: row.order_id,
      number: row.po_number,
      type,
      orderedAt: timeOf(row.order_date, timeZone),
      // ngorder has none; `updated_at` is not it.
      cancelledAt: null,
      createdAt: timeOf(row.created_at, timeZone),
      updatedAt: timeOf(row.updated_at, timeZone),
      total: row.total_amount === null ? null : { amount: row.total_amount, currency: 'IDR' },
      paymentStatus: row.payment_status?.trim() || null,
      items: row.products.map(itemOf),
      source: 'provider',
    },
    customer: {
      name: row.receiver_name?.trim() || null,
      document: null,
      email: null,
      phones: [row.receiver_phone?.trim() ?? ''].filter((phone) => phone !== ''),
      address: row.receiver_address?.trim() || null,
    },
    version: versionOf(row, credential),
    restoreWarnings: restoreWarningsOf(row, type),
  };
}

function itemOf({ sku, name, quantity, price }: NgorderRow['products'][number]): CancelledOrderItem {
  return { sku, name, quantity, unitPrice: price };
}

export function isPaid(row: NgorderRow): boolean {
  return ['PAID', 'INSTALLMENT'].includes(row.payment_status?.toUpperCase() ?? '');
}

export function isOfMarketplace(row: NgorderRow): boolean {
  return !isNothing(row.shopee) || row.order_category?.toUpperCase() === 'SHOPEE';
}

function restoreWarningsOf(row: NgorderRow, type: CancelledOrderType): Warning[] {
  const warnings: [boolean, Warning][] = [
    [
      isPaid(row),
      {
        code: 'balance_may_be_spent',
        text: "The order was paid in full or in part. Cancelling it seems to have credited the customer's OrderPay balance, which may be spent by now: restored, the order may count as paid although the money is gone.",
      },
    ],
    [
      isOfMarketplace(row),
      { code: 'marketplace_order', text: 'The order came from Shopee, which is not told of the restoring for sure.' },
    ],
    [
      type !== 'cancelled',
      {
        code: 'type_not_documented',
        text: 'The order is not cancelled but rejected or expired. The documentation speaks of restoring cancelled orders only.',
      },
    ],
  ];
  return warnings.filter(([applies]) => applies).map(([, warning]) => warning);
}
