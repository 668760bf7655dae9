import * as z from 'zod';
import { endpoint, type HttpClient } from '../http-client.ts';

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

/** Ids and counts come as numbers or as strings, depending on the endpoint. */
const digits = z.union([z.int().nonnegative(), z.string().regex(/^\d+$/)]);
const id = digits.transform(String);
const count = digits.transform(Number);
const text = z.string().nullable().catch(null);

/**
 * The envelope of a changing call. `response` varies in casing and language; `message` may be a string, strings, or
 * strings and numbers by field.
 */
export const envelopeSchema = z.object({
  response: z.string().transform((word) => ({ word, meaning: meaningOf(word) })),
  data: z
    .object({ order_id: id.optional().catch(undefined) })
    .nullable()
    .catch(null),
});

export function meaningOf(word: string): 'success' | 'failure' | 'unclear' {
  const lower = word.trim().toLowerCase();
  if (lower === 'success' || lower === 'sukses') return 'success';
  return lower === 'failed' || lower === 'gagal' ? 'failure' : 'unclear';
}

/** A text that is not empty; numbers too, since either may come. */
const word = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((value) => String(value ?? '').trim() || null)
  .catch(null);

/** IDR has no fractions. Numbers, `10000`, `10000.00`, and written out as `Rp100.000`, where dots part thousands. */
export const amount = z
  .union([z.number(), z.string()])
  .nullish()
  .transform((value) => (typeof value === 'string' ? amountOf(value) : (value ?? null)))
  .transform((value) => (Number.isSafeInteger(value) ? value : null))
  .catch(null);

function amountOf(text: string): number | null {
  const digits = text.replace(/^\s*Rp\.?/i, '').trim();
  if (/^-?\d{1,3}(\.\d{3})+(,0+)?$/.test(digits)) return Number(digits.replace(/,.*/, '').replaceAll('.', ''));
  return /^-?\d+([.,]0+)?$/.test(digits) ? Number(digits.replace(',', '.')) : null;
}

const quantity = z
  .union([z.number(), z.string().regex(/^\s*\d+(\.\d+)?\s*$/)])
  .nullish()
  .transform((value) => (value === null || value === undefined ? null : Number(value)))
  .catch(null);

/** What is no list, such as `null`, holds no products. */
const products = z.array(z.object({ sku: word, name: word, price: amount, quantity })).catch([]);

/** A time as one of the endpoints spells it; MongoDB's own spelling too. */
const time = z
  .union([
    z.string(),
    z
      .object({ $date: z.union([z.string(), z.object({ $numberLong: z.union([z.string(), z.number()]) })]) })
      .transform(({ $date: date }) => (typeof date === 'string' ? date : isoOf(Number(date.$numberLong)))),
  ])
  .nullable()
  .catch(null);

function isoOf(ms: number): string | null {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

/**
 * Only the id decides anything, and in `GET /order` the status; the rest is shown if it is there. Loose, since whatever else a
 * row holds counts for its version.
 */
const rowSchema = z.looseObject({
  order_id: id,
  po_number: word,
  order_date: time,
  created_at: time,
  updated_at: time,
  total_amount: amount,
  products,
  order_status: text,
  order_progress_status: text,
  order_category: text,
  /** Absent where it is absent: the rule for unpaid orders must see that (`unpaid-row.ts`). */
  payment_status: text.optional(),
  awb_number: z.unknown().optional(),
  shopee: z.unknown().optional(),
  sender_name: text,
  sender_address: text,
  sender_phone: text,
  receiver_name: text,
  receiver_address: text,
  receiver_phone: text,
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

/**
 * A page whose rows cannot all be told by their ids, or whose paging makes no sense, is unreadable: "not among them"
 * would prove nothing. `meta` may be missing, or `[]` for an empty object.
 */
export const pageSchema = z.object({
  /** A list has none; a failure may have one beside an empty list. */
  response: z
    .string()
    .nullish()
    .refine((word) => typeof word !== 'string' || meaningOf(word) === 'success'),
  data: z.array(rowSchema),
  meta: z.union([metaSchema, z.tuple([]).transform(() => null)]).nullish(),
});
