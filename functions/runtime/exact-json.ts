import { parseBoundedJson } from './bounded-json.ts';

declare global {
  interface JSON {
    /** ECMAScript's `JSON.rawJSON`, which TypeScript does not know yet: a value that `stringify` writes as exactly this text. */
    rawJSON(text: string): unknown;
  }
}

/**
 * A number in a JSON text that a JavaScript number cannot hold digit by digit: an integer beyond 2^53, or more digits than a double has.
 * Written as text or as JSON, it has the digits that were sent.
 */
export class LongNumber {
  readonly digits: string;

  constructor(digits: string) {
    this.digits = digits;
  }

  toString(): string {
    return this.digits;
  }

  toJSON(): unknown {
    return JSON.rawJSON(this.digits);
  }
}

/** Only texts with such a match can hold a long number. Others are read without each number's source, which is several times faster. */
const MAY_BE_LONG = /[\d.]{16}|\d[eE]/;

/**
 * Reads JSON like `parseBoundedJson`, but never changes a number: a number that would lose digits becomes what `long` makes of it, by
 * default a {@link LongNumber}. Throws what `parseBoundedJson` throws.
 */
export function parseJson(text: string, long: (number: LongNumber) => unknown = (number) => number): unknown {
  if (!MAY_BE_LONG.test(text)) return parseBoundedJson(text);
  return parseBoundedJson(text, (_key, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' && context?.source !== undefined && !isExact(value, context.source)
      ? long(new LongNumber(context.source))
      : value,
  );
}

/** Returns the number that decimal digits (`62.50`, `1e3`) stand for; null if no JavaScript number is exactly equal. */
export function exactNumber(source: string): number | null {
  const value = Number(source);
  return isExact(value, source) ? value : null;
}

/** Returns a whole number of any number of digits, exactly. */
export function wholeNumber(digits: string): number | LongNumber {
  return exactNumber(digits) ?? new LongNumber(digits);
}

function isExact(value: number, source: string): boolean {
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) return false;
  const decimal = decimalOf(source);
  return decimal !== null && decimal === decimalOf(String(value));
}

/** Returns equal texts for equal decimal numbers, however they are written; null if the text is not a decimal number. */
function decimalOf(text: string): string | null {
  const [, sign = '', whole, fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(text) ?? [];
  if (whole === undefined) return null;
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  // The look-behind lets a match begin only where a run of zeros begins. Without it a megabyte of zeros in the middle would take hours.
  const significant = digits.replace(/(?<!0)0+$/, '');
  if (significant === '') return '0';
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}
