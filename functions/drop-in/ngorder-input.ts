import * as z from 'zod';
import { LongNumber } from '../runtime/exact-json.ts';

/** The input of ngorder's routes, as documented. Undocumented fields are ignored; ngorder seems to do the same. */

/** A number of which every digit counts. */
const long = z.instanceof(LongNumber).meta({ override: { type: 'integer', minimum: 2 ** 53 } });
const error = 'must be an order id';
const id = z
  .union([z.int().positive({ error }), long], { error })
  .transform(String)
  .meta({ description: 'ngorder’s `order_id`.' });

export const orderBody = z.object({ id });
/** The documentation of the delete puts the id in the path and in the body. */
export const sameOrderBody = z.object({ id: z.optional(id) });
export const orderPath = z.object({ order_id: z.string() });

export const MOST_PER_PAGE = 50;
const whole = (message: string) =>
  z.coerce.number<string>({ error: message }).int({ error: message }).min(1, { error: message });
const date = z.optional(z.iso.date({ error: 'must be a date such as 2021-01-18' }));

const listFilters = {
  type: z.enum(['CANCEL', 'REJECTED', 'EXPIRED'], { error: 'must be CANCEL, REJECTED or EXPIRED' }).default('CANCEL'),
  start_date: date,
  end_date: date,
};
export const downloadQuery = z.object(listFilters);
export const listQuery = z.object({
  ...listFilters,
  /** ngorder also reduces a larger number to the maximum. */
  per_page: whole('must be a whole number')
    .transform((rows) => Math.min(rows, MOST_PER_PAGE))
    .default(10)
    .meta({ description: 'At most 50.' }),
  pagination_offset: whole('must be a page number').default(1).meta({ description: 'The page number.' }),
});
export type ListQuery = z.infer<typeof listQuery>;
