import * as z from 'zod';

/** What the asks to change one order have in common. */
export const orderPath = z.object({ connection: z.string(), orderId: z.string() });

/** Unpaired surrogates are no text that a database could keep. */
const text = (longest: number) =>
  z
    .string()
    .max(longest)
    .transform((value) => value.toWellFormed());

export const askFields = {
  note: z.optional(text(500)),
  actor: z.optional(text(100)),
  dryRun: z.boolean().default(false),
};
