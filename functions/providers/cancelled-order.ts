import * as z from 'zod';

export const CANCELLED_ORDER_TYPES = ['cancelled', 'rejected', 'expired'] as const;
export type CancelledOrderType = (typeof CANCELLED_ORDER_TYPES)[number];

const text = z.nullable(z.string());
const time = z.nullable(z.iso.datetime());
/** Tells unreadable fields from those that the provider does not show: both are null. */
export const unread = z.optional(z.readonly(z.array(z.string()))).meta({
  description: 'Fields that are null, in whole or in part, because the value shown cannot be read with certainty.',
});

export const moneySchema = z
  .object({
    amount: z.number().meta({ description: 'Major units: 62.5 BRL, 10000 IDR.' }),
    currency: z.string().meta({ description: 'ISO 4217.' }),
  })
  .meta({ id: 'Money' });
export type Money = Readonly<z.infer<typeof moneySchema>>;

export const cancelledOrderItemSchema = z.object({
  sku: text,
  name: text,
  quantity: z.nullable(z.number()),
  unitPrice: z.nullable(z.number()).meta({ description: "In the currency of the order's total." }),
});
export type CancelledOrderItem = Readonly<z.infer<typeof cancelledOrderItemSchema>>;

/** Personal data: never logged, never in the ledger. */
export const customerSchema = z
  .object({
    name: text,
    document: text,
    email: text,
    phones: z.nullable(z.readonly(z.array(z.string()))),
    address: text,
    unread,
  })
  .meta({ id: 'Customer' });
export type Customer = Readonly<z.infer<typeof customerSchema>>;

/**
 * A cancelled order, in one shape for every provider. A field that the provider does not show is null. A field that cannot be read
 * with certainty is null too, and `unread` names it; nothing is guessed. Times are RFC 3339 UTC.
 */
export const cancelledOrderSchema = z
  .object({
    connection: z.string(),
    provider: z.string(),
    orderId: z.string().meta({ description: "The provider's own id (ngorder `order_id`)." }),
    number: text.meta({
      description: "The merchant's number for the order (Estoka `data.code`, ngorder `po_number`).",
    }),
    type: z.enum(CANCELLED_ORDER_TYPES),
    orderedAt: time,
    cancelledAt: time.meta({
      description: "ngorder does not show it. For ngorder's orders it is the ledger's, if the ledger has one.",
    }),
    createdAt: time,
    updatedAt: time,
    total: z.nullable(moneySchema),
    paymentStatus: text.meta({ description: "The provider's own word." }),
    items: z.nullable(z.readonly(z.array(cancelledOrderItemSchema))).meta({
      description: 'null if not shown or not readable. Only an empty list means that there are no items.',
    }),
    unread,
    customer: z
      .optional(z.nullable(customerSchema))
      .meta({ description: 'Only for a caller who may see personal data and asked for it.' }),
    source: z.enum(['provider', 'ledger']).meta({
      description: 'Where the order was read: at the provider, or in the ledger if the provider has no list.',
    }),
  })
  .meta({ id: 'CancelledOrder' });
export type CancelledOrder = Readonly<z.infer<typeof cancelledOrderSchema>>;
