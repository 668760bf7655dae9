import { createHash } from 'node:crypto';
import * as z from 'zod';
import {
  CANCELLED_ORDER_TYPES,
  cancelledOrderItemSchema,
  moneySchema,
  unread,
  type CancelledOrder,
  type CancelledOrderItem,
  type Money,
} from '../../providers/cancelled-order.ts';
import { canonicalJson } from '../../runtime/canonical-json.ts';
import type { ListedOrder } from '../../providers/provider.ts';
import { cut } from '../../runtime/cut.ts';
import { struckOrder } from './struck-order.ts';

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
  /** The number of items that are not kept. */
  itemsLeftOut: z.int().nonnegative(),
  unread,
});

/**
 * A small copy of the order as the provider showed it, without personal data. The operation that changed the order keeps it. A cancel
 * needs it for the list of cancelled orders if the provider has no list of its own. For a delete it is the order's tombstone.
 */
export const snapshotSchema = contents.extend({
  /** The SHA-256, in hex, of the other members as JSON with sorted keys and no white space. */
  sha256: z.string(),
});
/** A snapshot as the ledger holds it, perhaps with members that this version of the code does not know. */
export const storedSnapshotSchema = snapshotSchema
  .extend({ items: z.nullable(z.array(cancelledOrderItemSchema.loose())) })
  .loose();
export type Snapshot = z.infer<typeof snapshotSchema>;

const MOST_ITEMS = 50;
/** Measured as JSON. With everything else in an operation, its item then stays below a tenth of DynamoDB's limit. */
const MOST_BYTES_OF_ITEMS = 16_000;
const LONGEST_TEXT = 100;
const LONGEST_CURRENCY = 10;

/** Returns the snapshot of an order as its provider shows it, with personal data struck out of its texts. */
export function listedSnapshot(
  listed: Pick<ListedOrder, 'order' | 'customer' | 'others'>,
  redact: (text: string) => string,
): Snapshot {
  return snapshotOf(struckOrder(listed, redact));
}

/** Returns the snapshot of an order that is already without personal data. */
export function snapshotOf(order: CancelledOrder): Snapshot {
  const items = order.items === null ? null : keptItems(order.items);
  const kept: z.infer<typeof contents> = {
    number: short(order.number),
    type: order.type,
    orderedAt: short(order.orderedAt),
    cancelledAt: short(order.cancelledAt),
    createdAt: short(order.createdAt),
    updatedAt: short(order.updatedAt),
    total: order.total === null ? null : keptMoney(order.total),
    paymentStatus: short(order.paymentStatus),
    items,
    itemsLeftOut: (order.items?.length ?? 0) - (items?.length ?? 0),
    ...(order.unread && { unread: order.unread }),
  };
  return { ...kept, sha256: createHash('sha256').update(canonicalJson(kept)).digest('hex') };
}

/** Returns the first items, as many as may be kept. */
function keptItems(items: readonly CancelledOrderItem[]): z.infer<typeof cancelledOrderItemSchema>[] {
  const kept = [];
  let bytes = 0;
  for (const { sku, name, quantity, unitPrice } of items.slice(0, MOST_ITEMS)) {
    const item = {
      sku: short(sku),
      name: short(name),
      quantity: keptNumber(quantity),
      unitPrice: keptNumber(unitPrice),
    };
    bytes += Buffer.byteLength(JSON.stringify(item));
    if (bytes > MOST_BYTES_OF_ITEMS) break;
    kept.push(item);
  }
  return kept;
}

function short(value: string | null): string | null {
  return value === null ? null : cut(value, LONGEST_TEXT);
}

/** DynamoDB's smallest number above 0 (Developer Guide, "Naming rules and data types"). */
const SMALLEST = 1e-130;

/** Returns the number, or null if the ledger cannot hold it: beyond 2^53 its digits are not exact, and DynamoDB has a smallest number. */
function keptNumber(value: number | null): number | null {
  const size = Math.abs(value ?? 0);
  return size <= Number.MAX_SAFE_INTEGER && (size === 0 || size >= SMALLEST) ? value : null;
}

/** Returns null if the ledger cannot hold the amount. */
export function keptMoney({ amount, currency }: Money): Money | null {
  return keptNumber(amount) === null ? null : { amount, currency: cut(currency, LONGEST_CURRENCY) };
}
