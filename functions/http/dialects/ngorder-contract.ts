import * as z from 'zod';
import type { ReplyContract } from '../contract.ts';
import { dropInReplyHeaders } from './drop-in-contract.ts';

const changed = (word: 'success' | 'pending') =>
  z.object({
    response: z.literal(word),
    message: z.string(),
    data: z.object({
      order_id: z.int(),
      po_number: z.nullable(z.int()).meta({ description: 'null where it could not be read.' }),
    }),
  });
const failed = z
  .object({
    response: z.literal('Failed'),
    message: z.union([z.string(), z.record(z.string(), z.array(z.string()))]),
    data: z.null(),
  })
  .meta({ id: 'NgorderFailure' });

/** What a drop-in route of ngorder answers with where it fails. */
export function ngorderFailures(): Readonly<Record<number, ReplyContract>> {
  const failure = (description: string, headers: z.ZodObject = dropInReplyHeaders): ReplyContract => ({
    description,
    headers,
    body: failed,
  });
  return {
    400: failure('Not valid.'),
    401: failure('No access token, or none that is known.', z.object({ 'www-authenticate': z.string() })),
    403: failure('The access token does not allow this.'),
    404: failure('No such order, or no such connection.'),
    413: failure('The body is too large.'),
    415: failure('The body is not said to be JSON.', z.object({ 'accept-post': z.string() })),
    422: failure('Refused.'),
    500: failure('Something went wrong here.'),
    501: failure('Not possible at this connection.'),
    503: failure('Not possible at the moment.'),
  };
}

/** What a changing drop-in route of ngorder answers with. */
export function ngorderReplies(done: string): Readonly<Record<number, ReplyContract>> {
  return {
    200: { description: done, headers: dropInReplyHeaders, body: changed('success') },
    202: {
      description: 'Not final yet: ask again, or read the operation.',
      headers: dropInReplyHeaders,
      body: changed('pending'),
    },
    ...ngorderFailures(),
  };
}
