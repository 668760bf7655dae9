import * as z from 'zod';
import { cancelFields } from '../operations/ask-fields.ts';

/** The headers of a message, by lower-case name. */
export const standardHeaders = z.object({
  'webhook-id': z.string().regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 visible ASCII characters'),
  'webhook-timestamp': z.string().regex(/^[1-9]\d{0,11}$/, 'must be whole seconds since 1970'),
  'webhook-signature': z.string().min(1, 'is missing'),
});

/** The body: an ask to cancel one order. */
export const cancelMessage = z.strictObject({ connection: z.string(), orderId: z.string(), ...cancelFields });
