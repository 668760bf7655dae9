import * as z from 'zod';
import type { ReplyContract } from './contract.ts';
import { replyHeaders } from './reply-headers.ts';
import { acknowledgementBody, ignoredBody } from './reply-bodies.ts';

/** Returns the replies of a route that takes webhooks. */
export function webhookReplies(): Record<number, ReplyContract> {
  const { location } = replyHeaders;
  return {
    200: {
      description: 'The operation is final (refused, too); or there was nothing to do.',
      headers: z.object({ location: z.optional(location) }),
      body: z.union([acknowledgementBody, ignoredBody]),
    },
    202: { description: 'The operation is not final yet.', headers: z.object({ location }), body: acknowledgementBody },
  };
}
