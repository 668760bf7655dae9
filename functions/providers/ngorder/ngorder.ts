import * as z from 'zod';
import { hostOf } from '../account.ts';
import type { Provider } from '../provider.ts';
import { isTimeZone } from '../time-zone.ts';
import { cancel } from './cancel.ts';
import { readWindow } from './cancelled-list.ts';
import { deleteOrder } from './delete.ts';
import { lookUp } from './look-up.ts';
import { original, originalPage } from './original.ts';
import { restore } from './restore.ts';
import { listUnpaid, readUnpaid } from './unpaid-orders.ts';
import type { NgorderAccount } from './wire.ts';

const settings = z.strictObject({
  /** The shop's time zone: ngorder's dates have none. */
  timeZone: z
    .string()
    .refine(isTimeZone, { error: 'must be an IANA time zone, such as Asia/Jakarta' })
    .default('Asia/Jakarta'),
});

/** ngorder.id: order management, Indonesia. */
export const ngorder: Provider<z.infer<typeof settings>> = {
  name: 'ngorder',
  settings,
  orderId: {
    pattern: /^[1-9]\d{0,17}$/,
    description:
      'An ngorder order id is its order_id (not po_number, not invoice): digits only, without leading zeros, 18 at most.',
  },
  capabilities: {
    cancel: {
      evidence: 'documented',
      effects: ['order_status', 'stock', 'balance', 'courier_pickup'],
      reversible: true,
      note:
        "Takes effect at once or not at all. Samples suggest that a paid order's amount is credited to the customer's OrderPay balance. The " +
        'effect on stock and on a requested pickup is not documented. A cancelled order can be made active again ' +
        '(order-cancel/return) until it is deleted.',
    },
    lookUp: {
      evidence: 'emulated',
      effects: [],
      reversible: null,
      note:
        'Read from the list of orders and the lists of cancelled, rejected and expired orders, over every date. An order that is in none of them ' +
        'may have been deleted; its absence proves nothing. Among more than 500 cancelled orders, finding an old order may take too much reading.',
    },
    list: {
      evidence: 'documented',
      effects: [],
      reversible: null,
      note:
        'Live: cancelled, rejected and expired orders by date of order, in the time zone of the connection. ngorder does not show when an ' +
        'order was cancelled, and shows an amount of 0 for many cancelled orders.',
    },
    restore: {
      evidence: 'documented',
      effects: ['order_status', 'stock', 'balance'],
      reversible: true,
      note:
        "order-cancel/return makes a cancelled order active again. Not documented: whether stock is reserved again, what happens to a paid order's " +
        'amount that was credited to the OrderPay balance (it may already be spent), and whether rejected and expired orders can be restored.',
    },
    delete: {
      evidence: 'documented',
      effects: ['order_status'],
      reversible: false,
      note: 'Deletes a cancelled, rejected or expired order for good. It cannot be undone; the ledger keeps a tombstone.',
    },
    unpaidOrders: {
      evidence: 'documented',
      effects: [],
      reversible: null,
      note:
        'Orders by payment status. Whether an order is paid on delivery, and how much remains to be paid, is documented for cancelled ' +
        'orders only, so an account may not show it for these orders.',
    },
  },
  // Not SHOPEE, which might not be told of a cancellation.
  origins: ['APP', 'PRIVOR', 'STORE_FRONT', 'SF_MEMBER', 'SF_GUEST', 'QUICK_ORDER', 'UNCATEGORIZED'],
  timeZone: ({ timeZone }) => timeZone,
  // Only the token says whose orders a request concerns.
  account: ({ baseUrl }) => ({ place: hostOf(baseUrl), isWhole: false }),
  open({ connection, baseUrl, settings: { timeZone }, credential, http }) {
    const account: NgorderAccount = { connection, baseUrl, timeZone, credential, http };
    return {
      cancel: (orderId, call) => cancel(account, orderId, call),
      lookUp: (query, call) => lookUp(account, query, call),
      original: (orderId, call) => original(account, orderId, call),
      originalPage: { offered: true, call: (query, call) => originalPage(account, query, call) },
      listCancelled: { offered: true, call: (query, call) => readWindow(account, query, call) },
      restore: { offered: true, call: (orderId, call) => restore(account, orderId, call) },
      delete: { offered: true, call: (orderId, call) => deleteOrder(account, orderId, call) },
      unpaidOrders: {
        offered: true,
        call: {
          list: (query, call) => listUnpaid(account, query, call),
          read: (orderId, call) => readUnpaid(account, orderId, call),
        },
      },
    };
  },
};
