import * as z from 'zod';
import { endpoint, type HttpClient } from '../http-client.ts';
import { idSchema, listIn, membersOf, shownAs, textIn, Unread, type Shown } from '../shown.ts';
import { numberIn, PLAIN, type Writing } from '../written-number.ts';
import { isObject, saysItFailed, saysSomething } from '../words.ts';
import { utcOf } from '../written-time.ts';

/** What every call for one account needs. */
export interface NgorderAccount {
  readonly connection: string;
  readonly baseUrl: URL;
  readonly timeZone: string;
  readonly credential: string;
  readonly http: HttpClient;
}

const PREFIX = '/api/open';

/** Returns a request to a path, which may contain `{orderId}`. */
export function requestTo(
  account: Omit<NgorderAccount, 'http'>,
  path: string,
  { orderId = '', query = {} }: { orderId?: string; query?: Readonly<Record<string, string>> },
) {
  const url = endpoint(account.baseUrl, PREFIX, path.replace('{orderId}', encodeURIComponent(orderId)));
  url.search = new URLSearchParams(query).toString();
  return {
    url,
    pathTemplate: `${PREFIX}${path}`,
    headers: {
      authorization: `Bearer ${account.credential}`,
      'content-type': 'application/json',
      accept: 'application/json',
    },
  };
}

const count = idSchema.transform(Number).pipe(z.int());
const text = shownAs(textIn);

/**
 * The envelope of a changing call. `response` varies in casing and language; `message` may be a string, several strings, or strings
 * and numbers by field.
 */
export const envelopeSchema = z.object({
  response: z.string().transform((word) => ({ word, meaning: meaningOf(word) })),
  data: z
    .object({ order_id: idSchema.optional().catch(undefined) })
    .nullable()
    .catch(null),
});

export function meaningOf(word: string): 'success' | 'failure' | 'unclear' {
  const lower = word.trim().toLowerCase();
  if (lower === 'success' || lower === 'sukses') return 'success';
  return lower === 'failed' || lower === 'gagal' ? 'failure' : 'unclear';
}

/** IDR has no fractions: those of `10000.00` and `Rp100.000,00` are zero. Dots separate thousands. */
const IDR: Writing = { currency: /Rp\.?|IDR/, dotPartsThousands: () => true };

export const amount = shownAs((value): Shown<number> => {
  const read = numberIn(value, IDR);
  return read === null || Number.isSafeInteger(read) ? read : new Unread(value);
});

const quantity = shownAs((value): Shown<number> => {
  const read = numberIn(value, PLAIN);
  return typeof read === 'number' && read < 0 ? new Unread(value) : read;
});

const productSchema = z.object({ sku: text, name: text, price: amount, quantity });
export type NgorderProduct = z.infer<typeof productSchema>;

const mongoTime = z.object({
  $date: z.union([
    z.string(),
    z.object({ $numberLong: idSchema }).transform(({ $numberLong: ms }) => utcOf(Number(ms))),
  ]),
});

/** A time as the endpoints write it, or as MongoDB does. A number is not read: it could be seconds or milliseconds. */
const time = shownAs((value): Shown<string> => {
  if (typeof value === 'string' || value === undefined || value === null) return value?.trim() || null;
  return mongoTime.safeParse(value).data?.$date ?? new Unread(value);
});

/** A status in an unknown form counts as an unknown word. */
const status = shownAs((value) => {
  const word = textIn(value);
  return word instanceof Unread ? 'not readable' : word;
});

/**
 * Only the id decides anything, and in `GET /order` the status; the other fields are shown if they are there. Loose, because every
 * other field of a row counts for its version.
 */
const rowSchema = z.looseObject({
  order_id: idSchema,
  po_number: text,
  order_date: time,
  created_at: time,
  updated_at: time,
  total_amount: amount,
  products: shownAs((value) => listIn(value, productSchema)),
  order_status: status,
  order_progress_status: text,
  order_category: text,
  awb_number: z.unknown().optional(),
  shopee: z.unknown().optional(),
  sender_name: z.unknown().optional(),
  sender_address: z.unknown().optional(),
  sender_phone: z.unknown().optional(),
  receiver_name: z.unknown().optional(),
  receiver_address: z.unknown().optional(),
  receiver_phone: z.unknown().optional(),
});

/** Whether a value is one of ngorder's ways to show that there is none: `null`, `[]`, `{}`, false, an empty text, zero. */
export function isNothing(value: unknown): boolean {
  if (typeof value === 'string') return ['', '0'].includes(value.trim());
  return typeof value === 'object' && value !== null ? Object.keys(value).length === 0 : !value;
}

export type NgorderRow = z.infer<typeof rowSchema>;

const metaSchema = z.object({
  // `links` is not read: it drops filters, points at other prefixes, and is `[]` if there is only one page.
  pagination: z.object({ total: count, current_page: count, total_pages: count }).nullish(),
});

/** The rows of a page, which may be an object with numeric keys. An empty object is not proven to be a list. */
export function rowsOf<Row>(row: z.ZodType<Row>) {
  return shownAs(membersOf)
    .refine((rows) => rows !== null)
    .pipe(z.array(row));
}

/**
 * A page. It is unreadable if a row has no readable id, if its paging makes no sense, or if it reports a failure: "not among them"
 * would then prove nothing. `meta` may be missing, or `[]` for an empty object.
 */
export const pageSchema = z
  .custom<unknown>((json) => !saysItFailed(json) && !isOnlyMessage(json))
  .pipe(
    z.object({
      /** A list has no `response`; a failure may have one beside an empty list. */
      response: z
        .string()
        .nullish()
        .refine((word) => typeof word !== 'string' || meaningOf(word) === 'success'),
      data: rowsOf(rowSchema),
      meta: z.union([metaSchema, z.tuple([]).transform(() => null)]).nullish(),
    }),
  );

/** Whether a page has a `message`, no rows, and no word of success. No list has a `message`, so this one may say why there are no rows. */
function isOnlyMessage(json: unknown): boolean {
  if (!isObject(json)) return false;
  const { response, data, message } = json;
  return typeof response !== 'string' && Array.isArray(data) && data.length === 0 && saysSomething(message);
}

/** The rows of a page as ngorder wrote them. */
export const originalPageSchema = z.object({ data: rowsOf(z.record(z.string(), z.unknown())) });
