import * as z from 'zod';
import type { ReplyContract } from '../http/contract.ts';
import { dropInReplyHeaders } from './drop-in-contract.ts';

const orderBody = z
  .object({
    order: z.looseObject({
      id: z.int(),
      organization_id: z.int(),
      status: z.optional(z.string()).meta({ description: 'Missing where the order could not be read.' }),
    }),
  })
  .meta({ id: 'EstokaOrder', description: 'The order as Estoka itself shows it now.' });
const errorsBody = z
  .object({ errors: z.union([z.string(), z.record(z.string(), z.array(z.string()))]) })
  .meta({ id: 'EstokaErrors' });

/** What the drop-in route of Estoka answers with. */
export function estokaReplies(): Readonly<Record<number, ReplyContract>> {
  const headers = dropInReplyHeaders;
  const errors = (description: string): ReplyContract => ({ description, headers, body: errorsBody });
  return {
    200: { description: 'Cancelled.', headers, body: orderBody },
    202: { description: 'Not final yet: ask again, or read the operation.', headers, body: orderBody },
    401: {
      description: 'No access token, or none that is known.',
      headers: z.object({ 'www-authenticate': z.string() }),
      body: null,
    },
    403: errors('The access token does not allow this.'),
    404: { description: 'No such order, or no such organization among those of the token.', headers, body: null },
    409: errors('Another change of this order is under way, or the connection is not used because of its account.'),
    413: errors('The body is too large.'),
    415: errors('The body is not said to be JSON.'),
    422: errors('Refused, or not valid.'),
    500: errors('Something went wrong here.'),
    501: errors('Not possible at this connection.'),
    503: errors('Not possible at the moment.'),
  };
}
