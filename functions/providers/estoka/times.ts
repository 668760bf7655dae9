import { Unread, type Shown } from '../shown.ts';
import { momentOf, utcOf, writtenTime } from '../written-time.ts';

/** A time as Estoka writes it, ISO 8601 with an offset that changes with the season, as RFC 3339 UTC. */
export function timeOf(text: Shown<string>): Shown<string> {
  if (text === null || text instanceof Unread) return text;
  const { date = '', time = null, offset = null } = writtenTime(text) ?? {};
  if (time === null || offset === null) return new Unread(text);
  return utcOf(momentOf({ date, time, offset })) ?? new Unread(text);
}
