import * as z from 'zod';
import { cancelFields } from '../operations/ask-fields.ts';

/**
 * An ask to cancel one order, as queues, events and direct invocations bring it: the body of the HTTP route, plus the values that the
 * route has in its path and its header. An unknown field is an error, so that a misspelt one is not silently ignored.
 */
export const cancelCommandSchema = z.strictObject({
  connection: z.string().max(100),
  orderId: z.string().max(200),
  ...cancelFields,
  /** Unlike the header, not limited to ASCII: a state machine's execution may be named in any language. Only its hash is kept. */
  idempotencyKey: z.optional(
    z.string().regex(/^(?=.*\S)[^\p{Cc}\p{Cs}]{1,255}$/su, {
      error: 'must be 1 to 255 characters, none of them a control character, and not only white space',
    }),
  ),
});
export type CancelCommand = z.infer<typeof cancelCommandSchema>;
