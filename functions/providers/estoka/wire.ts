import * as z from 'zod';
import type { HttpClient } from '../http-client.ts';
import { endpoint } from '../http-client.ts';
import { noteUnclearStatus, noteUnknownStatus } from '../parse-reply.ts';

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
 * where it is shown. Whatever else is missing, or of another type than in the vendor's samples, counts as not shown. Statuses are any
 * string: the full list is not documented.
 */
const id = z.union([z.int(), z.string().regex(/^\d+$/)]).transform(String);
const text = z.string().nullable().catch(null);
const texts = z
  .array(z.unknown())
  .catch([])
  .transform((items) => items.filter((item) => typeof item === 'string'));

const historySchema = z.object({
  id: id.transform(Number),
  status: z.string(),
  message: text,
  reported_at: text,
  created_at: text,
});

/** Unsorted. Null where it is missing, or it or one of its rows cannot be read: what it does not show proves nothing then. */
const historiesSchema = z.array(historySchema).nullable().catch(null);

const addressSchema = z
  .object({ street: text, detail: text, neighborhood: text, zipcode: text, city: text })
  .nullable()
  .catch(null);

/** Null where it is no number. */
const number = z
  .union([z.number(), z.string().regex(/^\s*-?\d+(\.\d+)?\s*$/)])
  .transform(Number)
  .nullable()
  .catch(null);
const word = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((value) => String(value ?? '').trim() || null)
  .catch(null);

const paymentSchema = z.object({ value: number, method: word });
const itemSchema = z.object({ product_sku_id: word, quantity: number, unit_price: number });

const dataSchema = z
  .looseObject({
    code: word,
    placed_at: text,
    total_value: number,
    items: z.array(itemSchema).catch([]),
    customer: z.object({ name: text, email: text, document: text, phones: texts }).nullable().catch(null),
    billing_address: addressSchema,
    shipping_address: addressSchema,
    emission_status: text,
    payments: z.array(paymentSchema).catch([]),
  })
  .nullable()
  .catch(null);

/** Loose, since whatever else an order holds counts for its version. */
const orderSchema = z.looseObject({
  id,
  created_at: text,
  updated_at: text,
  organization_id: id.nullable().catch(null),
  status: z.string(),
  data: dataSchema,
  order_histories: historiesSchema,
  order_returns: z.array(z.unknown()).catch([]),
});

/** The reply of both calls: the order as it stands. */
export const orderReplySchema = z.object({ order: orderSchema });

export type EstokaOrder = z.infer<typeof orderSchema>;
export type EstokaHistory = z.infer<typeof historySchema>;

export const CANCELLED = 'cancelled';

/** Statuses that Estoka's samples show; the full list is not documented. */
const KNOWN_STATUSES: readonly string[] = ['waiting_picking', 'billing', 'delivered', CANCELLED];

/** Tells in the log of a status that is not known, each time where it could be taken for {@link CANCELLED}. */
export function noteStatus({ http, connection }: EstokaAccount, { id, status }: EstokaOrder): void {
  if (isCancelLike(status)) noteUnclearStatus(http, id, status);
  else if (!KNOWN_STATUSES.includes(status)) noteUnknownStatus(http, connection, status);
}

/** A status that speaks of cancelling, but is not the documented word: not proof of it, and even less that nothing was done. */
export function isCancelLike(status: string): boolean {
  return status !== CANCELLED && /cancel/i.test(status);
}

/** Whether the reply is of the order that was asked for. The organization is compared where it is shown. */
export function isOrderAsked(order: EstokaOrder, orderId: string, organizationId: number): boolean {
  const { organization_id: organization } = order;
  return order.id === orderId && (organization === null || organization === String(organizationId));
}
