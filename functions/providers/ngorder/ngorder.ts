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
  /** ngorder's dates have no zone; this is the shop's. */
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
        "Takes effect at once or not at all. That a paid order's amount is credited to the customer's OrderPay balance is seen in samples only; " +
        'what happens to stock and to a requested pickup is not documented. A cancelled order can be made active again ' +
        '(order-cancel/return) until it is deleted.',
    },
    lookUp: {
      evidence: 'emulated',
      effects: [],
      reversible: null,
      note:
        'Read from the list of orders and the lists of cancelled, rejected and expired orders, over every date. An order that is in none of them ' +
        'may have been deleted: that proves nothing. Among more than 500 cancelled orders it may be too much to read to tell how an old order stands.',
    },
    list: {
      evidence: 'documented',
      effects: [],
      reversible: null,
      note:
        'Live: cancelled, rejected and expired orders by date of order, in the time zone of the connection. ngorder tells no time of ' +
        'cancelling, and shows an amount of 0 for many cancelled orders.',
    },
    restore: {
      evidence: 'documented',
      effects: ['order_status', 'stock', 'balance'],
      reversible: true,
      note:
        "order-cancel/return makes a cancelled order active again. Not documented: whether stock is reserved again, what becomes of a paid order's " +
        'amount that was credited to the OrderPay balance (it may be spent by then), and whether rejected and expired orders are taken.',
    },
    delete: {
      evidence: 'documented',
      effects: ['order_status'],
      reversible: false,
      note: 'Deletes a cancelled, rejected or expired order for good. Nothing brings it back; the ledger keeps a tombstone.',
    },
    unpaidOrders: {
      evidence: 'documented',
      effects: [],
      reversible: null,
      note:
        'Orders by status of payment. Whether an order is to be paid on delivery, and how much of it remains to be paid, is documented for cancelled ' +
        'orders only, so an account may not show it here.',
    },
  },
  // Not SHOPEE, which is not told of a cancellation for sure.
  origins: ['APP', 'PRIVOR', 'STORE_FRONT', 'SF_MEMBER', 'SF_GUEST', 'QUICK_ORDER', 'UNCATEGORIZED'],
  timeZone: ({ timeZone }) => timeZone,
  // Nothing in a request but the token says whose orders it is about.
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
