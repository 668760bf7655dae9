import { createHash } from 'node:crypto';
import * as z from 'zod';
import {
  CANCELLED_ORDER_TYPES,
  cancelledOrderItemSchema,
  moneySchema,
  unread,
  type CancelledOrder,
  type CancelledOrderItem,
  type Customer,
  type Money,
} from '../../providers/cancelled-order.ts';
import { canonicalJson } from '../../runtime/canonical-json.ts';
import type { ListedOrder } from '../../providers/provider.ts';
import { cut } from '../../runtime/cut.ts';
import { withoutValues } from '../../runtime/personal-values.ts';

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
/** The same as the ledger holds it, with members that this version of the code may not know. */
export const storedSnapshotSchema = snapshotSchema
  .extend({ items: z.nullable(z.array(cancelledOrderItemSchema.loose())) })
  .loose();
export type Snapshot = z.infer<typeof snapshotSchema>;

const MOST_ITEMS = 50;
/** As JSON. With all else that an operation holds, its item stays below a tenth of what DynamoDB takes. */
const MOST_BYTES_OF_ITEMS = 16_000;
const LONGEST_TEXT = 100;
const LONGEST_CURRENCY = 10;

/** Digits alone are a shop's own number, unless they are as many as those of a CPF (11) or CNPJ (14). */
const BARE_CODE = /^(?!\d{11}$|\d{14}$)\d{1,20}$/;

/** The snapshot of an order as its provider shows it: what its customer's values are is struck out of its texts. */
export function listedSnapshot(
  { order, customer }: Pick<ListedOrder, 'order' | 'customer'>,
  redact: (text: string) => string,
): Snapshot {
  const withoutCustomer = customerStrikerOf(customer);
  return snapshotOf(order, (text) => {
    const struck = withoutCustomer(text);
    return BARE_CODE.test(struck) ? struck : redact(struck);
  });
}

/** `redact` strikes personal data out of every text that the provider chose. */
export function snapshotOf(order: CancelledOrder, redact: (text: string) => string): Snapshot {
  const told = (value: string | null) => short(value === null ? null : redact(value));
  const items = order.items === null ? null : keptItems(order.items, told);
  const kept: z.infer<typeof contents> = {
    number: told(order.number),
    type: order.type,
    orderedAt: short(order.orderedAt),
    cancelledAt: short(order.cancelledAt),
    createdAt: short(order.createdAt),
    updatedAt: short(order.updatedAt),
    total: order.total === null ? null : keptMoney(order.total),
    paymentStatus: told(order.paymentStatus),
    items,
    itemsLeftOut: (order.items?.length ?? 0) - (items?.length ?? 0),
    ...(order.unread && { unread: order.unread }),
  };
  return { ...kept, sha256: createHash('sha256').update(canonicalJson(kept)).digest('hex') };
}

/** The first of the items, as many as may be kept. */
function keptItems(
  items: readonly CancelledOrderItem[],
  told: (value: string | null) => string | null,
): z.infer<typeof cancelledOrderItemSchema>[] {
  const kept = [];
  let bytes = 0;
  for (const { sku, name, quantity, unitPrice } of items.slice(0, MOST_ITEMS)) {
    const item = {
      sku: told(sku),
      name: told(name),
      quantity: keptNumber(quantity),
      unitPrice: keptNumber(unitPrice),
    };
    bytes += Buffer.byteLength(JSON.stringify(item));
    if (bytes > MOST_BYTES_OF_ITEMS) break;
    kept.push(item);
  }
  return kept;
}

/** The number of an order or an article as shops make them: the digits in it are no house's. */
const PLAIN_CODE = /^\p{L}{0,4}[\d-]+$/u;

function customerStrikerOf(customer: Customer | null): (text: string) => string {
  if (customer === null) return (text) => text;
  const { name, document, email, phones, address } = customer;
  const own = [name, document, email, ...(phones ?? [])].filter((value) => value !== null);
  // The parts of an address on their own too, but for house numbers, which every text may hold.
  const places = address === null ? [] : [address, ...address.split(', ').filter((part) => /\p{L}/u.test(part))];
  const [fromCodes, fromTexts] = [withoutValues(own), withoutValues([...own, ...places])];
  return (text) => (PLAIN_CODE.test(text) ? fromCodes(text) : fromTexts(text));
}

function short(value: string | null): string | null {
  return value === null ? null : cut(value, LONGEST_TEXT);
}

/** DynamoDB's smallest number beside 0 (Developer Guide, "Naming rules and data types"). */
const SMALLEST = 1e-130;

/** A number as the ledger takes it; null for one beyond 2^53, whose digits are not sure, and for one below DynamoDB's smallest. */
function keptNumber(value: number | null): number | null {
  const size = Math.abs(value ?? 0);
  return size <= Number.MAX_SAFE_INTEGER && (size === 0 || size >= SMALLEST) ? value : null;
}

/** Null where the amount is none that the ledger takes. */
export function keptMoney({ amount, currency }: Money): Money | null {
  return keptNumber(amount) === null ? null : { amount, currency: cut(currency, LONGEST_CURRENCY) };
}
