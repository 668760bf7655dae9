import * as z from 'zod';
import type { CancelledOrder } from '../providers/cancelled-order.ts';

/** A place in the list of cancelled orders. The list is sorted by it: newest first, then by connection and order id, both descending. */
export const placeSchema = z.object({
  /** When the order was ordered, RFC 3339 UTC with milliseconds; if that is not known, the best known time. */
  at: z.iso.datetime({ precision: 3 }),
  connection: z.string(),
  orderId: z.string(),
});
export type Place = Readonly<z.infer<typeof placeSchema>>;

export interface Entry {
  readonly place: Place;
  readonly order: CancelledOrder;
}

/** Returns a negative number if `one` comes first. */
export function comparePlaces(one: Place, other: Place): number {
  return (
    compareTexts(other.at, one.at) ||
    compareTexts(other.connection, one.connection) ||
    compareTexts(other.orderId, one.orderId)
  );
}

function compareTexts(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
