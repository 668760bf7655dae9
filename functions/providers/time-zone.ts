/** Local dates and times of an IANA time zone. Text forms: `2026-08-01` for a date, `2026-08-01 23:30:00` for a local time. */

const DAY_MS = 24 * 3600 * 1000;

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Returns the date in the zone at that moment. */
export function dateAt(ms: number, timeZone: string): string {
  return localTimeAt(ms, timeZone).slice(0, 10);
}

/** Returns the local time in the zone at that moment. */
export function localTimeAt(ms: number, timeZone: string): string {
  return new Date(ms + offsetMs(ms, timeZone)).toISOString().slice(0, 19).replace('T', ' ');
}

/** Returns the first moment of a date in the zone; for a date that the zone skipped, the moment of the skip. */
export function startOf(date: string, timeZone: string): number {
  const midnights = instantsOf(`${date} 00:00:00`, timeZone);
  return midnights[0] ?? gapAt(`${date} 00:00:00`, timeZone);
}

/** Returns the last millisecond of a date in the zone. If clocks are set back at midnight, they show the end of a date twice. */
export function endOf(date: string, timeZone: string): number {
  const next = addDays(date, 1);
  const ends = instantsOf(`${next} 00:00:00`, timeZone).map((midnight) => midnight - 1);
  return ends.findLast((end) => dateAt(end, timeZone) === date) ?? startOf(next, timeZone) - 1;
}

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);
}

/** Returns the number of dates from `first` to `last`, both included. */
export function daysFrom(first: string, last: string): number {
  return Math.round((Date.parse(last) - Date.parse(first)) / DAY_MS) + 1;
}

/**
 * Returns the moments, in epoch milliseconds, at which clocks in the zone show a local time: usually one; two if clocks are set
 * back over it, the earlier first; none if clocks are set forward over it or it is not a valid time.
 */
export function instantsOf(localTime: string, timeZone: string): number[] {
  return meanings(localTime, timeZone).filter((ms) => ms + offsetMs(ms, timeZone) === asUtc(localTime));
}

/** Returns the first and last moment that a local time can mean, even if clocks skip it; null if it is not a valid time. */
export function spanOfLocal(localTime: string, timeZone: string): { earliest: number; latest: number } | null {
  const shown = instantsOf(localTime, timeZone);
  const possible = shown.length > 0 ? shown : meanings(localTime, timeZone);
  const [earliest, latest] = [possible[0], possible.at(-1)];
  return earliest === undefined || latest === undefined ? null : { earliest, latest };
}

/** Returns the moment at which clocks are set forward over a local time; NaN if it is not a valid time. */
function gapAt(localTime: string, timeZone: string): number {
  const possible = meanings(localTime, timeZone);
  let [before = NaN, after = NaN] = [possible[0], possible.at(-1)];
  const offset = offsetMs(after, timeZone);
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offsetMs(middle, timeZone) === offset) after = middle;
    else before = middle;
  }
  return after;
}

/** No zone is farther from UTC. */
const FURTHEST_MS = 16 * 3600 * 1000;

/** Returns, sorted, a local time's moment by every offset that the zone has around then. */
function meanings(localTime: string, timeZone: string): number[] {
  const utc = asUtc(localTime);
  if (Number.isNaN(utc)) return [];
  const about = [utc - FURTHEST_MS, utc, utc + FURTHEST_MS].map((ms) => utc - offsetMs(ms, timeZone));
  if (about.every((ms) => ms === about[0])) return about.slice(0, 1);
  const closer = about.map((ms) => utc - offsetMs(ms, timeZone));
  return [...new Set([...about, ...closer])].sort((a, b) => a - b);
}

function asUtc(localTime: string): number {
  return Date.parse(`${localTime.replace(' ', 'T')}Z`);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function offsetMs(ms: number, timeZone: string): number {
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
  formats.set(timeZone, format);
  const name = format.formatToParts(ms).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const [, sign, hours = '0', minutes = '0', seconds = '0'] = /^GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(name) ?? [];
  const size = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
  return sign === '-' ? -size : size;
}
