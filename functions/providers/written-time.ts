/** A date or time in ISO 8601 form whose parts all exist. */
export interface WrittenTime {
  /** `2026-08-01` */
  readonly date: string;
  /** `23:30:00.123`; null if there is only a date. */
  readonly time: string | null;
  /** `Z` or `-03:00`; null if there is none. */
  readonly offset: string | null;
}

const FORM =
  /^(\d{4}-\d\d-\d\d)(?:[T ]((?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(\.\d+)?)?)\s*(Z|[+-](?:0\d|1[0-4]):?[0-5]\d)?)?$/i;

/**
 * Returns the parts of a date or time, without surrounding white space; null for one that does not exist (`2021-02-30`, `24:00`,
 * `+25:00`).
 */
export function writtenTime(text: string): WrittenTime | null {
  const [, date, time, fraction = '', offset] = FORM.exec(text.trim()) ?? [];
  if (date === undefined || !isDate(date)) return null;
  // A `Date` counts milliseconds.
  const kept = time?.replace(fraction, fraction.slice(0, '.123'.length));
  return { date, time: kept ?? null, offset: offset ?? null };
}

/** Returns the moment of a time with an offset, in epoch milliseconds. */
export function momentOf({ date, time, offset }: WrittenTime & { time: string; offset: string }): number {
  return Date.parse(`${date}T${time}${offset.toUpperCase()}`);
}

/**
 * Whether a date or time is one that software writes when there is none: the year 1 (.NET, Go), the year 0 (MySQL), or the start of
 * Unix time in any zone. For a moment, compare {@link NO_MOMENT}.
 */
export function isNoTime(text: string): boolean {
  return /^\s*(?:000[01]-|1970-01-01(?:[T ]00:00(?::00(?:\.0*)?)?)?\s*$)/.test(text);
}

/** The start of Unix time means that there is no time. */
export const NO_MOMENT = 0;

const FIRST = Date.parse('0000-01-01T00:00:00Z');
const LAST = Date.parse('9999-12-31T23:59:59.999Z');

/** Formats RFC 3339 UTC with milliseconds; null if the year does not have four digits. */
export function utcOf(ms: number): string | null {
  return ms >= FIRST && ms <= LAST ? new Date(ms).toISOString() : null;
}

/** `Date` turns a day that does not exist into another day. */
function isDate(date: string): boolean {
  const ms = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date);
}
