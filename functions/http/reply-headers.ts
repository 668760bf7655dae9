import * as z from 'zod';

/** What replies say in headers, beside those that every reply has (`chain.ts`). */
export const replyHeaders = {
  idempotentReplayed: z.literal('true').meta({
    description: 'The same ask was answered before; this is how its operation stands now.',
  }),
  location: z.string().meta({ description: 'Where to read the operation.' }),
  retryAfter: z
    .string()
    .regex(/^\d+$/)
    .meta({ description: 'After how many seconds it is worth asking or looking again.' }),
};
