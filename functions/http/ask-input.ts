import * as z from 'zod';

/** What the routes that ask for a change of one order have in common. */
export const orderPath = z.object({ connection: z.string(), orderId: z.string() });
/** Reads the order and says what would be done, and does nothing. */
export const dryRunField = z.boolean().default(false);
