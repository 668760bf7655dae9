import { createHash } from 'node:crypto';
import * as z from 'zod';
import {
  CANCELLED_ORDER_TYPES,
  cancelledOrderItemSchema,
  moneySchema,
  unread,
  type CancelledOrder,
} from '../providers/cancelled-order.ts';
import { canonicalJson } from '../runtime/canonical-json.ts';

const text = z.nullable(z.string());

const contents = z.object({
  number: text,
  type: z.enum(CANCELLED_ORDER_TYPES),
  orderedAt: text,
  cancelledAt: text,
  createdAt: text,
  updatedAt: text,
  total: z.nullable(moneySchema),
  paymentStatus: text,
  items: z.nullable(z.array(cancelledOrderItemSchema)),
  /** Items beyond those that are kept. */
  itemsLeftOut: z.int().nonnegative(),
  unread,
});

/**
 * What the provider showed of an order, small and without personal data, kept with the operation that changed it: for a cancel,
 * so that it can be listed where the provider has no list; for a delete, as the order's tombstone.
 */
export const snapshotSchema = contents.extend({
  /** SHA-256, in hex, of the other members as JSON with sorted keys and without white space. */
  sha256: z.string(),
});
export type Snapshot = z.infer<typeof snapshotSchema>;

const MOST_ITEMS = 50;
const LONGEST_TEXT = 100;

/** `redact` strikes personal data out of free text, which only the items' names are. */
export function snapshotOf(order: CancelledOrder, redact: (text: string) => string): Snapshot {
  const kept: z.infer<typeof contents> = {
    number: short(order.number),
    type: order.type,
    orderedAt: order.orderedAt,
    cancelledAt: order.cancelledAt,
    createdAt: order.createdAt,
    updatedAt: order.updatedAt,
    total: order.total,
    paymentStatus: short(order.paymentStatus),
    items:
      order.items?.slice(0, MOST_ITEMS).map(({ sku, name, quantity, unitPrice }) => ({
        sku: short(sku),
        name: short(name === null ? null : redact(name)),
        quantity,
        unitPrice,
      })) ?? null,
    itemsLeftOut: Math.max(0, (order.items?.length ?? 0) - MOST_ITEMS),
    ...(order.unread && { unread: order.unread }),
  };
  return { ...kept, sha256: createHash('sha256').update(canonicalJson(kept)).digest('hex') };
}

function short(value: string | null): string | null {
  return value === null ? null : value.slice(0, LONGEST_TEXT).toWellFormed();
}
