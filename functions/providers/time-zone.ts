/** Local dates and times of an IANA time zone. Text forms: `2026-08-01` for a date, `2026-08-01 23:30:00` for a local time. */

const DAY_MS = 24 * 3600 * 1000;
const LONGEST_CLOCK_CHANGE_MS = 3 * 3600 * 1000;

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** The date in the zone at that moment. */
export function dateAt(ms: number, timeZone: string): string {
  return new Date(ms + offsetMs(ms, timeZone)).toISOString().slice(0, 10);
}

/** The first moment of a date in the zone. */
export function startOf(date: string, timeZone: string): number {
  return instantOf(`${date} 00:00:00`, timeZone);
}

/** The last millisecond of a date in the zone. */
export function endOf(date: string, timeZone: string): number {
  return startOf(addDays(date, 1), timeZone) - 1;
}

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);
}

/** How many dates there are from the one to the other, both counted. */
export function daysFrom(first: string, last: string): number {
  return Math.round((Date.parse(last) - Date.parse(first)) / DAY_MS) + 1;
}

/** A local time as epoch milliseconds. One that a clock change leaves out counts as after it; NaN for what is no time. */
export function instantOf(localTime: string, timeZone: string): number {
  const asUtc = Date.parse(`${localTime.replace(' ', 'T')}Z`);
  if (Number.isNaN(asUtc)) return NaN;
  // The offset is that of the moment looked for, which is known only by an offset; a second look is right but within a gap.
  const guess = asUtc - offsetMs(asUtc, timeZone);
  return asUtc - offsetMs(guess, timeZone);
}

/** The last moment at which clocks in the zone show that local time: where they are set back, it comes twice. NaN for what is no time. */
export function lastInstantOf(localTime: string, timeZone: string): number {
  const first = instantOf(localTime, timeZone);
  if (Number.isNaN(first)) return NaN;
  const shown = first + offsetMs(first, timeZone);
  const second = shown - offsetMs(first + LONGEST_CLOCK_CHANGE_MS, timeZone);
  return second > first && second + offsetMs(second, timeZone) === shown ? second : first;
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
