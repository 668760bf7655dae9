import * as z from 'zod';
import type { ReplyContract } from '../http/contract.ts';
import { dropInReplyHeaders } from './drop-in-contract.ts';

const orderBody = z
  .object({
    order: z.looseObject({
      id: z.int(),
      organization_id: z.int(),
      status: z.optional(z.string()).meta({ description: 'Missing if the order could not be read.' }),
    }),
  })
  .meta({ id: 'EstokaOrder', description: 'The order as Estoka shows it now.' });
const errorsBody = z
  .object({ errors: z.union([z.string(), z.record(z.string(), z.array(z.string()))]) })
  .meta({ id: 'EstokaErrors' });

/** Returns the replies of Estoka's drop-in route. */
export function estokaReplies(): Readonly<Record<number, ReplyContract>> {
  const headers = dropInReplyHeaders;
  const errors = (description: string): ReplyContract => ({ description, headers, body: errorsBody });
  return {
    200: { description: 'Cancelled.', headers, body: orderBody },
    202: { description: 'Not final yet. Ask again, or read the operation.', headers, body: orderBody },
    401: {
      description: 'The access token is missing or not known.',
      headers: z.object({ 'www-authenticate': z.string() }),
      body: null,
    },
    403: errors('The access token does not allow this.'),
    404: { description: 'The order does not exist, or the token may not use this organization.', headers, body: null },
    409: errors('Another change of this order is in progress, or the connection is not used because of its account.'),
    413: errors('The body is too large.'),
    415: errors('The `Content-Type` is not JSON.'),
    422: errors('Refused, or invalid.'),
    500: errors('Countermand failed.'),
    501: errors("This connection's provider cannot do this."),
    503: errors('Not possible at the moment.'),
  };
}
