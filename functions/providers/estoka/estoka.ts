import * as z from 'zod';
import { hostOf } from '../account.ts';
import { NOT_OFFERED, type Provider } from '../provider.ts';
import { isTimeZone } from '../time-zone.ts';
import { cancel } from './cancel.ts';
import { lookUp } from './look-up.ts';
import { original } from './original.ts';
import type { EstokaAccount } from './wire.ts';

const settings = z.strictObject({
  /** The organization whose orders the connection cancels. It is part of every order's path. */
  organizationId: z.int().positive(),
  /** The time zone of the merchant's dates: Brazil has four. Estoka's own times have an offset. */
  timeZone: z.optional(z.string().refine(isTimeZone, { error: 'must be an IANA time zone, such as America/Manaus' })),
});

/** Nexaas Estoka: stock and orders, Brazil. */
export const estoka: Provider<z.infer<typeof settings>> = {
  name: 'estoka',
  settings,
  orderId: {
    pattern: /^[1-9]\d{0,17}$/,
    description:
      "An Estoka order id is the order's own number (order.id, not data.code): digits only, without leading zeros.",
  },
  capabilities: {
    cancel: {
      evidence: 'documented',
      effects: ['order_status', 'stock', 'invoice'],
      reversible: false,
      note:
        'A request for cancellation: Estoka may decide at once, decide later, or refuse. The order status is documented. We infer that ' +
        'reserved stock is released, and that an issued invoice prevents cancelling. No known call makes a cancelled order active again. ' +
        'Payments are not refunded.',
    },
    lookUp: {
      evidence: 'documented',
      effects: [],
      reversible: null,
      note: 'The order as it is now, with its unsorted history.',
    },
    list: {
      evidence: 'emulated',
      effects: [],
      reversible: null,
      note: 'Estoka has no list of orders. The list has the orders whose cancel the ledger holds as confirmed, as they were at that time.',
    },
    restore: {
      evidence: 'absent',
      effects: [],
      reversible: null,
      note: "No known call makes a cancelled order active again. Estoka's /return is for goods that come back, and is never called.",
    },
    delete: { evidence: 'absent', effects: [], reversible: null, note: 'No known call deletes an order.' },
    unpaidOrders: {
      evidence: 'absent',
      effects: [],
      reversible: null,
      note: 'Estoka has no list of orders, and an order does not show whether it was paid.',
    },
  },
  origins: [],
  timeZone: ({ timeZone }) => timeZone ?? 'America/Sao_Paulo',
  // Any token that the provider accepts cancels orders of the organization in the path.
  account: ({ baseUrl, settings: { organizationId } }) => ({
    place: `${hostOf(baseUrl)}/${organizationId}`,
    isWhole: true,
  }),
  open({ connection, baseUrl, settings: { organizationId }, credential, http }) {
    const account: EstokaAccount = { connection, baseUrl, organizationId, credential, http };
    return {
      cancel: (orderId, call) => cancel(account, orderId, call),
      lookUp: (query, call) => lookUp(account, query, call),
      original: (orderId, call) => original(account, orderId, call),
      originalPage: NOT_OFFERED,
      listCancelled: NOT_OFFERED,
      restore: NOT_OFFERED,
      delete: NOT_OFFERED,
      unpaidOrders: NOT_OFFERED,
    };
  },
};
