import * as z from 'zod';

/** Headers of some replies, beside those that every reply has (`chain.ts`). */
export const replyHeaders = {
  idempotentReplayed: z.literal('true').meta({
    description: 'The same ask was answered before. This reply shows the current state of its operation.',
  }),
  location: z.string().meta({ description: 'Where to read the operation.' }),
  retryAfter: z
    .string()
    .regex(/^\d+$/)
    .meta({ description: 'Seconds after which it is worth asking or looking again.' }),
};
