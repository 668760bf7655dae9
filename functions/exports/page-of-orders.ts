import * as z from 'zod';
import { CANCELLED_ORDER_TYPES, type CancelledOrder } from '../providers/cancelled-order.ts';

const text = z.nullable(z.string());
const number = z.nullable(z.number());
const customer = z.object({ name: text, document: text, email: text, phones: z.array(z.string()), address: text });

/** Orders as they lie in the bucket between being read and being written. */
export const pageOfOrdersSchema: z.ZodType<CancelledOrder[]> = z.array(
  z.object({
    connection: z.string(),
    provider: z.string(),
    orderId: z.string(),
    number: text,
    type: z.enum(CANCELLED_ORDER_TYPES),
    orderedAt: text,
    cancelledAt: text,
    createdAt: text,
    updatedAt: text,
    total: z.nullable(z.object({ amount: z.number(), currency: z.string() })),
    paymentStatus: text,
    items: z.array(z.object({ sku: text, name: text, quantity: number, unitPrice: number })),
    customer: z.nullable(customer).exactOptional(),
    source: z.enum(['provider', 'ledger']),
  }),
);
