import * as z from 'zod';
import { LongNumber } from '../runtime/exact-json.ts';

/** What ngorder's routes take, as documented. Fields that are not documented are ignored, as ngorder itself seems to. */

/** A number, of which every digit counts. */
const long = z.instanceof(LongNumber).meta({ override: { type: 'integer', minimum: 2 ** 53 } });
const error = 'must be the number of an order';
const id = z
  .union([z.int().positive({ error }), long], { error })
  .transform(String)
  .meta({ description: 'ngorder’s `order_id`.' });

export const orderBody = z.object({ id });
/** The documentation of the delete has the id in the path and in the body. */
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
  /** More than the most is the most, as ngorder has it. */
  per_page: whole('must be a whole number')
    .transform((rows) => Math.min(rows, MOST_PER_PAGE))
    .default(10)
    .meta({ description: 'At the most 50.' }),
  pagination_offset: whole('must be the number of a page').default(1).meta({ description: 'The number of a page.' }),
});
export type ListQuery = z.infer<typeof listQuery>;
