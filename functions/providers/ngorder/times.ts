import { Unread, type Shown } from '../shown.ts';
import { endOf, spanOfLocal, startOf } from '../time-zone.ts';
import { isNoTime, momentOf, NO_MOMENT, utcOf, writtenTime } from '../written-time.ts';

/**
 * Returns a time as RFC 3339 UTC. A time without an offset is in the shop's zone (the provider documents none); a bare date means
 * its first moment. A local time that clocks show twice or not at all could be two moments, so it is unreadable.
 */
export function timeOf(text: Shown<string>, timeZone: string): Shown<string> {
  if (text === null || text instanceof Unread) return text;
  const span = spanIn(text, timeZone);
  if (span === 'no time') return null;
  if (span === null) return new Unread(text);
  return (span.isDate || span.earliest === span.latest ? utcOf(span.earliest) : null) ?? new Unread(text);
}

/** Returns the first and last moment that such a time can mean, in epoch milliseconds; null if it is missing or unreadable. */
export function spanOf(text: Shown<string>, timeZone: string): Span | null {
  const span = typeof text === 'string' ? spanIn(text, timeZone) : null;
  return span === 'no time' ? null : span;
}

interface Span {
  readonly earliest: number;
  readonly latest: number;
  readonly isDate: boolean;
}

function spanIn(text: string, timeZone: string): Span | 'no time' | null {
  if (isNoTime(text)) return 'no time';
  const span = spanWritten(text, timeZone);
  return span?.earliest === NO_MOMENT ? 'no time' : span;
}

function spanWritten(text: string, timeZone: string): Span | null {
  const written = writtenTime(text);
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
