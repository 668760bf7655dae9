import * as z from 'zod';
import type { HttpClient } from '../http-client.ts';
import { endpoint } from '../http-client.ts';
import { noteUnclearStatus, noteUnknownStatus } from '../parse-reply.ts';
import { saysCancelled } from '../status-words.ts';
import { idSchema, listIn, shownAs, textIn, Unread, valueOf } from '../shown.ts';
import { saysItFailed } from '../words.ts';
import { numberIn, type Writing } from '../written-number.ts';

/** What every call for one account needs. */
export interface EstokaAccount {
  readonly connection: string;
  readonly baseUrl: URL;
  readonly organizationId: number;
  readonly credential: string;
  readonly http: HttpClient;
}

const ORDER_PATH = '/api/v1/organizations/{organizationId}/orders/{orderId}';

/** Returns the request to an order's address, or to an action on the order. */
export function orderRequest(account: Omit<EstokaAccount, 'http'>, orderId: string, action: '' | '/cancel') {
  const path = `/organizations/${account.organizationId}/orders/${encodeURIComponent(orderId)}${action}`;
  return {
    url: endpoint(account.baseUrl, '/api/v1', path),
    pathTemplate: `${ORDER_PATH}${action}`,
    // Rails' token scheme, not `Bearer`.
    headers: {
      authorization: `Token token=${account.credential}`,
      'content-type': 'application/json',
      accept: 'application/json',
    },
    body: null,
  };
}

/**
 * The id, the status, the history and the organization decide what is known. Without the history, "not cancelled" is not proven;
 * the organization is checked if it is shown. If another field has a different type than in the vendor's samples, only what is
 * certain is read. A status may be any string: the full list is not documented.
 */
const text = shownAs(textIn);
const historySchema = z.object({
  id: idSchema,
  status: z.string(),
  message: text.transform(valueOf),
  reported_at: text,
  created_at: text,
});

/** Unsorted. Null if the history is missing, or if it or one of its rows is unreadable: an entry that is absent then proves nothing. */
const historiesSchema = shownAs((value) => valueOf(listIn(value, historySchema)));

/**
 * In an amount that says that it is in reais, a dot before three digits separates thousands. Without that, the digits may be a
 * fraction.
 */
const BRL: Writing = { currency: /R\$|BRL/, dotPartsThousands: (written) => /R\$|BRL/i.test(written) };
const number = shownAs((value) => numberIn(value, BRL));

const paymentSchema = z.object({ value: number, method: text });
const itemSchema = z.object({ product_sku_id: text, quantity: number, unit_price: number });

/** `customer` and the addresses are read in `customer.ts`. */
const dataSchema = z.looseObject({
  code: text,
  placed_at: text,
  total_value: number,
  items: shownAs((value) => listIn(value, itemSchema)),
  emission_status: text,
  payments: shownAs((value) => listIn(value, paymentSchema)),
});

/** Null only if no organization is shown: an unreadable one may be another's. */
const organization = shownAs((value) =>
  value === undefined || value === null ? null : (idSchema.safeParse(value).data ?? new Unread(value)),
);

/** Loose, because every other field of an order counts for its version. */
const orderSchema = z.looseObject({
  id: idSchema,
  created_at: text,
  updated_at: text,
  organization_id: organization,
  status: z.string(),
  data: shownAs((value) =>
    value === undefined || value === null ? null : (dataSchema.safeParse(value).data ?? new Unread(value)),
  ),
  order_histories: historiesSchema,
  order_returns: shownAs((value) => listIn(value, z.unknown())),
});

/** The reply of both calls: the order as it is now. */
export const orderReplySchema = z.object({ order: orderSchema });
/** The reply to a read. A reply that reports a failure does not prove the order's state. */
export const orderReadSchema = z.custom<unknown>((json) => !saysItFailed(json)).pipe(orderReplySchema);

export type EstokaOrder = z.infer<typeof orderSchema>;
export type EstokaHistory = z.infer<typeof historySchema>;
export type EstokaItem = z.infer<typeof itemSchema>;
type EstokaData = z.infer<typeof dataSchema>;

/** Returns a field of an order's data. If the data is unreadable, so are all its fields. */
export function fieldOf<Name extends keyof EstokaData>(
  { data }: EstokaOrder,
  name: Name,
): EstokaData[Name] | null | Unread {
  return data instanceof Unread ? data : (data?.[name] ?? null);
}

export const CANCELLED = 'cancelled';

/** Statuses in Estoka's samples, and the steps between them that its events are named after. The full list is not documented. */
export const KNOWN_STATUSES: readonly string[] = [
  ...['waiting_picking', 'picking', 'picked', 'packed', 'billing', 'delivered'],
  CANCELLED,
];

/** Logs an unknown status once, and one that could be taken for {@link CANCELLED} each time. */
export function noteStatus({ http, connection }: EstokaAccount, { id, status }: EstokaOrder): void {
  if (isCancelLike(status)) noteUnclearStatus(http, id, status);
  else if (!KNOWN_STATUSES.includes(status)) noteUnknownStatus(http, connection, status);
}

/**
 * Whether a status speaks of cancelling without being the documented word. It does not prove that the order is cancelled, and even
 * less that it is not.
 */
export function isCancelLike(status: string): boolean {
  return status !== CANCELLED && saysCancelled(status);
}

/** Whether the reply shows the requested order. The organization is compared if it is shown; an unreadable one does not match. */
export function isOrderAsked(order: EstokaOrder, orderId: string, organizationId: number): boolean {
  const { organization_id: organization } = order;
  return order.id === orderId && (organization === null || organization === String(organizationId));
}
