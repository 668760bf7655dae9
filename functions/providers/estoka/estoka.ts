import * as z from 'zod';
import type { Provider } from '../provider.ts';
import { cancel } from './cancel.ts';
import { lookUp } from './look-up.ts';
import { original } from './original.ts';
import type { EstokaAccount } from './wire.ts';

const settings = z.strictObject({
  /** The organization whose orders the connection cancels: it is in every order's path. */
  organizationId: z.int().positive(),
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
        'A request for cancellation: Estoka may decide at once, later, or refuse. The order status is documented; that reserved stock is released ' +
        'and that an issued invoice stands in the way are conclusions of ours. No call is known that makes a cancelled order active again. ' +
        'Payments are not paid back.',
    },
    lookUp: {
      evidence: 'documented',
      effects: [],
      reversible: null,
      note: 'The order as it stands, with its unsorted history.',
    },
  },
  open({ baseUrl, settings: { organizationId }, credential, http }) {
    const account: EstokaAccount = { baseUrl, organizationId, credential, http };
    return {
      cancel: (orderId, call) => cancel(account, orderId, call),
      lookUp: (query, call) => lookUp(account, query, call),
      original: (orderId, call) => original(account, orderId, call),
    };
  },
};
