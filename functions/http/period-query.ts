import * as z from 'zod';
import { InvalidInput } from './errors.ts';

const DAY_MS = 24 * 3600 * 1000;
const DEFAULT_DAYS = 30;
const MOST_DAYS = 366;
/** The last time whose text sorts in order: its year has four digits. */
const LAST = Date.parse('9999-12-31T23:59:59.999Z');

const moment = z.optional(
  z.union([z.iso.date(), z.iso.datetime({ offset: true })], {
    error: 'must be an RFC 3339 date (2026-08-01) or date-time (2026-08-01T12:00:00Z)',
  }),
);

/** The query fields of a period. */
export const periodQuery = { from: moment, to: moment };

interface Period {
  /** RFC 3339 UTC with milliseconds, both inclusive. */
  from: string;
  to: string;
}

/**
 * Returns the period that a query means: a bare date is the whole day in UTC, a missing end is now, a missing beginning is 30 days
 * before the end. Throws `InvalidInput` if the period runs backwards or is longer than 366 days.
 */
export function periodOf(query: { from?: string | undefined; to?: string | undefined }, now: number): Period {
  const to = query.to === undefined ? now : isDate(query.to) ? Date.parse(query.to) + DAY_MS - 1 : Date.parse(query.to);
  const from = query.from === undefined ? to - DEFAULT_DAYS * DAY_MS : Date.parse(query.from);
  if (to > LAST) throw new InvalidInput([{ field: 'to', message: 'is too late' }]);
  if (from < 0) throw invalid('is too early');
  if (from > to) throw invalid(query.to === undefined ? 'must not be in the future' : 'must not be after to');
  if (to - from > MOST_DAYS * DAY_MS) throw invalid(`must not be more than ${MOST_DAYS} days before to`);
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}

/** The largest offset of a time zone from UTC: where today's date is tomorrow's already. */
export const FURTHEST_ZONE_MS = 14 * 3600 * 1000;

/**
 * Returns the period, but leaves a bare date as it is: each connection reads it as the whole day in its own time zone.
 */
export function periodAsMeant(query: { from?: string | undefined; to?: string | undefined }, now: number): Period {
  const period = periodOf(query, now + FURTHEST_ZONE_MS);
  return { from: query.from ?? period.from, to: query.to ?? new Date(now).toISOString() };
}

function isDate(text: string): boolean {
  return text.length === '2026-08-01'.length;
}

function invalid(message: string): InvalidInput {
  return new InvalidInput([{ field: 'from', message }]);
}
