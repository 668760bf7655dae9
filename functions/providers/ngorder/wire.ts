import * as z from 'zod';
import { endpoint, type HttpClient } from '../http-client.ts';
import { idSchema, listIn, membersOf, shownAs, textIn, Unread, type Shown } from '../shown.ts';
import { numberIn, PLAIN, type Writing } from '../written-number.ts';
import { isObject, saysItFailed, saysSomething } from '../words.ts';
import { utcOf } from '../written-time.ts';

/** What every call of one account is made with. */
export interface NgorderAccount {
  readonly connection: string;
  readonly baseUrl: URL;
  readonly timeZone: string;
  readonly credential: string;
  readonly http: HttpClient;
}

const PREFIX = '/api/open';

/** A request to a path, in which `{orderId}` may stand. */
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
 * The envelope of a changing call. `response` varies in casing and language; `message` may be a string, strings, or
 * strings and numbers by field.
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

/** IDR has no fractions: `10000.00` and `Rp100.000,00` have none either. Dots part thousands. */
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

/** A time as one of the endpoints spells it; MongoDB's own spelling too. A number could be seconds as well as milliseconds. */
const time = shownAs((value): Shown<string> => {
  if (typeof value === 'string' || value === undefined || value === null) return value?.trim() || null;
  return mongoTime.safeParse(value).data?.$date ?? new Unread(value);
});

/** In a form that is not known it is a word that is not known. */
const status = shownAs((value) => {
  const word = textIn(value);
  return word instanceof Unread ? 'not readable' : word;
});

/**
 * Only the id decides anything, and in `GET /order` the status; the rest is shown if it is there. Loose, since whatever else a
 * row holds counts for its version.
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

/** Whether a value is one of the ways in which ngorder says that there is none: `null`, `[]`, `{}`, false, nothing, zero. */
export function isNothing(value: unknown): boolean {
  if (typeof value === 'string') return ['', '0'].includes(value.trim());
  return typeof value === 'object' && value !== null ? Object.keys(value).length === 0 : !value;
}

export type NgorderRow = z.infer<typeof rowSchema>;

const metaSchema = z.object({
  // `links` is not read: it drops filters, points at other prefixes, and is `[]` where there is one page.
  pagination: z.object({ total: count, current_page: count, total_pages: count }).nullish(),
});

/** The rows of a page, also as an object with numbers for keys. An empty object does not say that it is a list. */
export function rowsOf<Row>(row: z.ZodType<Row>) {
  return shownAs(membersOf)
    .refine((rows) => rows !== null)
    .pipe(z.array(row));
}

/**
 * A page whose rows cannot all be told by their ids, whose paging makes no sense, or that says that something failed is unreadable: "not
 * among them" would prove nothing. `meta` may be missing, or `[]` for an empty object.
 */
export const pageSchema = z
  .custom<unknown>((json) => !saysItFailed(json) && !isOnlyMessage(json))
  .pipe(
    z.object({
      /** A list has none; a failure may have one beside an empty list. */
      response: z
        .string()
        .nullish()
        .refine((word) => typeof word !== 'string' || meaningOf(word) === 'success'),
      data: rowsOf(rowSchema),
      meta: z.union([metaSchema, z.tuple([]).transform(() => null)]).nullish(),
    }),
  );

/** No list has a `message`: beside no rows, and without a word of success, it may tell why there are none. */
function isOnlyMessage(json: unknown): boolean {
  if (!isObject(json)) return false;
  const { response, data, message } = json;
  return typeof response !== 'string' && Array.isArray(data) && data.length === 0 && saysSomething(message);
}

/** The rows of a page, word for word. */
export const originalPageSchema = z.object({ data: rowsOf(z.record(z.string(), z.unknown())) });
