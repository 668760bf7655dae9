import { exactNumber } from '../runtime/exact-json.ts';
import { Unread, type Shown } from './shown.ts';

/** How numbers are written in a provider's country. */
export interface Writing {
  /** What may be written before or after an amount. */
  readonly currency: RegExp;
  /** Whether a dot before exactly three digits separates thousands (`Rp100.000`). If that is not known, such a number is unreadable. */
  readonly dotPartsThousands: (text: string) => boolean;
}

/** Numbers without a currency, in an unknown notation. */
export const PLAIN: Writing = { currency: /(?!)/, dotPartsThousands: () => false };

/**
 * Reads a number from JSON or from text: `62.5`, `62,50`, `1.234,56`, `1,234.56`, `1.234.567`. A number that could mean two
 * (`100,000`), or that would lose a digit, is unreadable.
 */
export function numberIn(value: unknown, writing: Writing): Shown<number> {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' && value.trim() === '') return null;
  const read = typeof value === 'number' ? plain(value) : typeof value === 'string' ? written(value, writing) : null;
  return read ?? new Unread(value);
}

/** Accepts digits and a dot, no exponent: a ledger that counts in decimals cannot hold every double. */
function plain(value: number): number | null {
  return /^-?\d+(\.\d+)?$/.test(String(value)) && Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : null;
}

function written(text: string, { currency, dotPartsThousands }: Writing): number | null {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  const parts = new RegExp(
    `^(?<before>-?) ?(?:${currency.source})? ?(?<behind>-?)(?<digits>\\d[\\d.,]*?)(?:,-)? ?(?:${currency.source})?$`,
    'i',
  ).exec(line)?.groups;
  const { before = '', behind = '', digits = '' } = parts ?? {};
  if (before + behind === '--') return null;
  const decimal = decimalOf(digits, dotPartsThousands(line));
  const value = decimal === null ? null : exactNumber(before + behind + decimal);
  return value === null ? null : plain(value);
}

const DIGITS = /^\d+$/;
/** `1.234,56` and `1,234.56`: the last mark separates the fraction. */
const BOTH = /^([1-9]\d{0,2}(?:([.,])\d{3})(?:\2\d{3})*)(?!\2)[.,](\d+)$/;
/** `1.234.567`: a fraction is separated only once, so these are thousands. */
const THOUSANDS = /^[1-9]\d{0,2}([.,])\d{3}(?:\1\d{3})+$/;
/** `100.000`: thousands, or a fraction of three digits. */
const EITHER = /^[1-9]\d{0,2}[.,]\d{3}$/;
const FRACTION = /^(\d+)[.,](\d+)$/;
/** `1000.000`, `1,000.000`: an amount of money whose writer left out or mixed up a mark, or one with three decimals. */
const CARELESS = /^[1-9][\d.,]*[.,]\d{3}$/;

function decimalOf(digits: string, dotPartsThousands: boolean): string | null {
  if (DIGITS.test(digits)) return digits;
  if (THOUSANDS.test(digits)) return withoutMarks(digits);
  if (EITHER.test(digits)) return dotPartsThousands && digits.includes('.') ? withoutMarks(digits) : null;
  if (dotPartsThousands && CARELESS.test(digits)) return null;
  const [, whole, , fraction = ''] = BOTH.exec(digits) ?? [];
  if (whole !== undefined) return `${withoutMarks(whole)}.${fraction}`;
  return FRACTION.test(digits) ? digits.replace(',', '.') : null;
}

function withoutMarks(digits: string): string {
  return digits.replaceAll(/[.,]/g, '');
}
