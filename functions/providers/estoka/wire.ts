import * as z from 'zod';
import type { HttpClient } from '../http-client.ts';
import { endpoint } from '../http-client.ts';
import { noteUnclearStatus, noteUnknownStatus } from '../parse-reply.ts';
import { saysCancelled } from '../status-words.ts';
import { idSchema, listIn, shownAs, textIn, Unread, valueOf } from '../shown.ts';
import { saysItFailed } from '../words.ts';
import { numberIn, type Writing } from '../written-number.ts';

/** What every call of one account is made with. */
export interface EstokaAccount {
  readonly connection: string;
  readonly baseUrl: URL;
  readonly organizationId: number;
  readonly credential: string;
  readonly http: HttpClient;
}

const ORDER_PATH = '/api/v1/organizations/{organizationId}/orders/{orderId}';

/** The request that an order's address, and an action on it, makes. */
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
 * What decides anything: the id, the status, the history, without which "not cancelled" is not proven, and the organization
 * where it is shown. Of whatever else is of another type than in the vendor's samples, as much is read as is certain. Statuses are any
 * string: the full list is not documented.
 */
const text = shownAs(textIn);
const historySchema = z.object({
  id: idSchema,
  status: z.string(),
  message: text.transform(valueOf),
  reported_at: text,
  created_at: text,
});

/** Unsorted. Null where it is missing, or it or one of its rows cannot be read: what it does not show proves nothing then. */
const historiesSchema = shownAs((value) => valueOf(listIn(value, historySchema)));

/** Where an amount says that it is one in reais, a dot before three digits parts thousands. Without that it may be a fraction. */
const BRL: Writing = { currency: /R\$|BRL/, dotPartsThousands: (written) => /R\$|BRL/i.test(written) };
const number = shownAs((value) => numberIn(value, BRL));

const paymentSchema = z.object({ value: number, method: text });
const itemSchema = z.object({ product_sku_id: text, quantity: number, unit_price: number });

/** `customer` and the addresses are read where they are shown (`customer.ts`). */
const dataSchema = z.looseObject({
  code: text,
  placed_at: text,
  total_value: number,
  items: shownAs((value) => listIn(value, itemSchema)),
  emission_status: text,
  payments: shownAs((value) => listIn(value, paymentSchema)),
});

/** Null only where none is shown: one that cannot be read may be another's. */
const organization = shownAs((value) =>
  value === undefined || value === null ? null : (idSchema.safeParse(value).data ?? new Unread(value)),
);

/** Loose, since whatever else an order holds counts for its version. */
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

/** The reply of both calls: the order as it stands. */
export const orderReplySchema = z.object({ order: orderSchema });
/** The reply to a read: what says that something failed does not prove how the order stands. */
export const orderReadSchema = z.custom<unknown>((json) => !saysItFailed(json)).pipe(orderReplySchema);

export type EstokaOrder = z.infer<typeof orderSchema>;
export type EstokaHistory = z.infer<typeof historySchema>;
export type EstokaItem = z.infer<typeof itemSchema>;
type EstokaData = z.infer<typeof dataSchema>;

/** A field of an order's data. Where the data cannot be read, none of its fields can. */
export function fieldOf<Name extends keyof EstokaData>(
  { data }: EstokaOrder,
  name: Name,
): EstokaData[Name] | null | Unread {
  return data instanceof Unread ? data : (data?.[name] ?? null);
}

export const CANCELLED = 'cancelled';

/** Statuses that Estoka's samples show, and steps between them that its events are named after; the full list is not documented. */
export const KNOWN_STATUSES: readonly string[] = [
  ...['waiting_picking', 'picking', 'picked', 'packed', 'billing', 'delivered'],
  CANCELLED,
];

/** Tells in the log of a status that is not known, each time where it could be taken for {@link CANCELLED}. */
export function noteStatus({ http, connection }: EstokaAccount, { id, status }: EstokaOrder): void {
  if (isCancelLike(status)) noteUnclearStatus(http, id, status);
  else if (!KNOWN_STATUSES.includes(status)) noteUnknownStatus(http, connection, status);
}

/** A status that speaks of cancelling, but is not the documented word: not proof of it, and even less that nothing was done. */
export function isCancelLike(status: string): boolean {
  return status !== CANCELLED && saysCancelled(status);
}

/** Whether the reply is of the order that was asked for. The organization is compared where it is shown; one that cannot be read is none of ours. */
export function isOrderAsked(order: EstokaOrder, orderId: string, organizationId: number): boolean {
  const { organization_id: organization } = order;
  return order.id === orderId && (organization === null || organization === String(organizationId));
}
