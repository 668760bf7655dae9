import { Unread, type Shown } from '../shown.ts';
import { isNoTime, momentOf, NO_MOMENT, utcOf, writtenTime } from '../written-time.ts';

/** Returns a time as RFC 3339 UTC. Estoka writes ISO 8601 with an offset that changes with the season. */
export function timeOf(text: Shown<string>): Shown<string> {
  if (text === null || text instanceof Unread) return text;
  if (isNoTime(text)) return null;
  const { date = '', time = null, offset = null } = writtenTime(text) ?? {};
  if (time === null || offset === null) return new Unread(text);
  const moment = momentOf({ date, time, offset });
  return moment === NO_MOMENT ? null : (utcOf(moment) ?? new Unread(text));
}
