import { Unread, type Shown } from '../shown.ts';
import { endOf, spanOfLocal, startOf } from '../time-zone.ts';
import { momentOf, utcOf, writtenTime } from '../written-time.ts';

/**
 * A time as ngorder writes it, as RFC 3339 UTC: without an offset it is the shop's (provider documentation: none), a bare date its
 * first moment. A local time that clocks show twice, or not at all, could be two moments: it cannot be read.
 */
export function timeOf(text: Shown<string>, timeZone: string): Shown<string> {
  if (text === null || text instanceof Unread) return text;
  const span = spanOf(text, timeZone);
  if (span === null) return new Unread(text);
  return (span.isDate || span.earliest === span.latest ? utcOf(span.earliest) : null) ?? new Unread(text);
}

/** The first and the last moment that such a time can mean, in epoch milliseconds; null where it is not shown or cannot be read at all. */
export function spanOf(
  text: Shown<string>,
  timeZone: string,
): { earliest: number; latest: number; isDate: boolean } | null {
  const written = typeof text === 'string' ? writtenTime(text) : null;
  if (written === null) return null;
  const { date, time, offset } = written;
  if (time === null) return { earliest: startOf(date, timeZone), latest: endOf(date, timeZone), isDate: true };
  if (offset === null) {
    const span = spanOfLocal(`${date} ${time}`, timeZone);
    return span === null ? null : { ...span, isDate: false };
  }
  const moment = momentOf({ date, time, offset });
  return { earliest: moment, latest: moment, isDate: false };
}
