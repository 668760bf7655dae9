import { endOf, startOf } from '../providers/time-zone.ts';

/**
 * A period of order dates as a caller means it. An end is a moment (RFC 3339) or a bare date. A bare date is the whole day in each
 * connection's time zone, and therefore a different span of time for each.
 */
export interface Period {
  readonly from: string;
  readonly to: string;
}

/** Returns the period in one time zone: both ends inclusive, in epoch milliseconds. */
export function spanOf({ from, to }: Period, timeZone: string): { from: number; to: number } {
  return {
    from: isDate(from) ? startOf(from, timeZone) : Date.parse(from),
    to: isDate(to) ? endOf(to, timeZone) : Date.parse(to),
  };
}

function isDate(text: string): boolean {
  return text.length === '2026-08-01'.length;
}
