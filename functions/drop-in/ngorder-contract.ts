import * as z from 'zod';
import type { ReplyContract } from '../http/contract.ts';
import { dropInReplyHeaders } from './drop-in-contract.ts';

const changed = (word: 'success' | 'pending') =>
  z.object({
    response: z.literal(word),
    message: z.string(),
    data: z.object({
      order_id: z.int(),
      po_number: z.nullable(z.int()).meta({ description: 'null if it could not be read.' }),
    }),
  });
const failed = z
  .object({
    response: z.literal('Failed'),
    message: z.union([z.string(), z.record(z.string(), z.array(z.string()))]),
    data: z.null(),
  })
  .meta({ id: 'NgorderFailure' });

/** Returns the failure replies of ngorder's drop-in routes. */
export function ngorderFailures(): Readonly<Record<number, ReplyContract>> {
  const failure = (description: string, headers: z.ZodObject = dropInReplyHeaders): ReplyContract => ({
    description,
    headers,
    body: failed,
  });
  return {
    400: failure('Invalid.'),
    401: failure('The access token is missing or not known.', z.object({ 'www-authenticate': z.string() })),
    403: failure('The access token does not allow this.'),
    404: failure('The order or the connection does not exist.'),
    409: failure('Another change of this order is in progress, or the connection is not used because of its account.'),
    413: failure('The body is too large.'),
    415: failure('The `Content-Type` is not JSON.', z.object({ 'accept-post': z.string() })),
    422: failure('Refused.'),
    500: failure('Countermand failed.'),
    501: failure("This connection's provider cannot do this."),
    502: failure('ngorder could not be read.'),
    503: failure('Not possible at the moment.'),
  };
}

/** Returns the replies of a changing drop-in route of ngorder. */
export function ngorderReplies(done: string): Readonly<Record<number, ReplyContract>> {
  return {
    200: { description: done, headers: dropInReplyHeaders, body: changed('success') },
    202: {
      description: 'Not final yet. Ask again, or read the operation.',
      headers: dropInReplyHeaders,
      body: changed('pending'),
    },
    ...ngorderFailures(),
  };
}

const text = z.nullable(z.string());
const number = z.union([z.number(), z.string()]);
const product = z.looseObject({
  product_meta_id: z.optional(number),
  sku: z.optional(text),
  name: z.optional(text),
  price: z.optional(number),
  quantity: z.optional(number),
  thumbnail_url: z.optional(text),
  color: z.optional(text),
  size: z.optional(text),
});
/** As in the documentation's sample. ngorder's types drift, and a row may have more members. */
const row = z
  .looseObject({
    order_id: number,
    po_number: z.optional(z.nullable(number)),
    invoice: z.optional(text),
    order_date: z.optional(text),
    sender_name: z.optional(text),
    sender_address: z.optional(text),
    receiver_name: z.optional(text),
    receiver_address: z.optional(text),
    receiver_phone: z.optional(text),
    total_amount: z.optional(z.nullable(number)),
    order_status: z.optional(text),
    order_progress_status: z.optional(text),
    order_category: z.optional(text),
    payment_status: z.optional(text),
    payment_date: z.optional(text),
    products: z.optional(z.nullable(z.array(product))),
    created_at: z.optional(z.unknown()),
    updated_at: z.optional(z.unknown()),
  })
  .meta({ id: 'NgorderCancelledOrder', description: 'A row of the list, as ngorder shows it now.' });

const links = z.union([
  z.object({ next: z.optional(z.url()), previous: z.optional(z.url()) }),
  z.array(z.never()).meta({ description: 'There is only one page.' }),
]);
const page = z.object({
  data: z.array(row),
  meta: z.object({
    pagination: z.object({
      total: z.int(),
      count: z.int(),
      per_page: z.int(),
      current_page: z.int(),
      total_pages: z.int(),
      links: links.meta({ description: 'The links lead to this API and keep the filters.' }),
    }),
  }),
});

/** Returns the replies of ngorder's drop-in list. */
export function ngorderPageReplies(): Readonly<Record<number, ReplyContract>> {
  return { 200: { description: 'A page.', body: page }, ...ngorderFailures() };
}
