import * as z from 'zod';
import type { CancelReason } from '../operations/rules/operation.ts';

/** The headers of a delivery, by lower-case name. None of them is signed. */
export const shopifyHeaders = z.object({
  'x-shopify-hmac-sha256': z.string(),
  'x-shopify-topic': z.string(),
  'x-shopify-event-id': z.string().regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 visible ASCII characters'),
});

/** The part of Shopify's order that says that it is cancelled, and why. */
export const cancelledOrder = z.looseObject({
  cancelled_at: z.iso.datetime({ offset: true }),
  cancel_reason: z
    .string()
    .nullish()
    .transform((reason) => (reason ? reasonOf(reason.toLowerCase()) : null)),
});

const SAME: readonly CancelReason[] = ['customer', 'declined', 'fraud', 'inventory', 'staff'];

/** Shopify's reasons have the same names as ours; any reason that Shopify adds becomes `other`. */
function reasonOf(said: string): CancelReason {
  return SAME.find((reason) => reason === said) ?? 'other';
}
