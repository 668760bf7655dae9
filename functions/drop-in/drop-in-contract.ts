import * as z from 'zod';
import { idempotencyKeySchema } from '../idempotency/idempotency-key.ts';
import { replyHeaders } from '../http/reply-headers.ts';

/** Reply headers for what the provider's dialect cannot express. */
export const dropInReplyHeaders = z.object({
  'countermand-outcome': z.optional(z.string().meta({ description: 'The outcome of the operation.' })),
  'countermand-operation': z.optional(
    z.string().meta({ description: "The operation's id, for `GET /v1/operations/{operationId}`." }),
  ),
  'idempotent-replayed': z.optional(replyHeaders.idempotentReplayed),
  'retry-after': z.optional(replyHeaders.retryAfter),
});

export const dropInHeaderFields = {
  'Idempotency-Key': z.optional(idempotencyKeySchema),
  'Countermand-Connection': z
    .optional(z.string())
    .meta({ description: 'The connection to use, if the token may use several that fit.' }),
};
