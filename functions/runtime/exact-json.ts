import { parseBoundedJson } from './bounded-json.ts';

declare global {
  interface JSON {
    /** ECMAScript's, which TypeScript does not know yet: what is written as this text, digit by digit. */
    rawJSON(text: string): unknown;
  }
}

/**
 * A number of a JSON text that a JavaScript number cannot hold digit by digit: an integer beyond 2^53, or more digits than a double has.
 * Written as text or as JSON it is what was sent.
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

/** Only these can be long, and reading each number's source takes several times as long. */
const MAY_BE_LONG = /[\d.]{16}|\d[eE]/;

/**
 * `parseBoundedJson`, but that no number changes: one that would is what `long` makes of it, a {@link LongNumber} where nothing is
 * said. Throws as that does.
 */
export function parseJson(text: string, long: (number: LongNumber) => unknown = (number) => number): unknown {
  if (!MAY_BE_LONG.test(text)) return parseBoundedJson(text);
  return parseBoundedJson(text, (_key, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' && context?.source !== undefined && !isExact(value, context.source)
      ? long(new LongNumber(context.source))
      : value,
  );
}

/** The number that decimal digits (`62.50`, `1e3`) are written for; null where a JavaScript number would not be the same one. */
export function exactNumber(source: string): number | null {
  const value = Number(source);
  return isExact(value, source) ? value : null;
}

/** The digits of a whole number as JSON has it, however many there are. */
export function wholeNumber(digits: string): number | LongNumber {
  return exactNumber(digits) ?? new LongNumber(digits);
}

function isExact(value: number, source: string): boolean {
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) return false;
  const decimal = decimalOf(source);
  return decimal !== null && decimal === decimalOf(String(value));
}

/** Equal for equal decimal numbers, however they are written; null for what is none. */
function decimalOf(text: string): string | null {
  const [, sign = '', whole, fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(text) ?? [];
  if (whole === undefined) return null;
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  // Begins only where a run of zeros does: a megabyte of them in the middle would take hours.
  const significant = digits.replace(/(?<!0)0+$/, '');
  if (significant === '') return '0';
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}
