import { endOf, instantOf, lastInstantOf } from '../time-zone.ts';

/**
 * A time as ngorder writes it, as RFC 3339 UTC: without a zone it is the shop's (provider documentation: none), a bare date
 * its first moment; null for what is no time.
 */
export function timeOf(text: string | null | undefined, timeZone: string): string | null {
  const written = parse(text);
  if (written === null) return null;
  const { date, time, zone } = written;
  const ms =
    zone === null
      ? instantOf(`${date} ${time ?? MIDNIGHT}`, timeZone)
      : Date.parse(`${date}T${time ?? MIDNIGHT}${zone}`);
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}

/** The latest moment that such a time can mean, in epoch milliseconds: of a bare date its last; null for what is no time. */
export function latestOf(text: string | null | undefined, timeZone: string): number | null {
  const written = parse(text);
  if (written === null || Number.isNaN(Date.parse(written.date))) return null;
  const { date, time, zone } = written;
  if (time === null) return endOf(date, timeZone);
  const ms = zone === null ? lastInstantOf(`${date} ${time}`, timeZone) : Date.parse(`${date}T${time}${zone}`);
  return Number.isNaN(ms) ? null : ms;
}

const MIDNIGHT = '00:00:00';

function parse(text: string | null | undefined): { date: string; time: string | null; zone: string | null } | null {
  const [, date, time, fraction = '', zone] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(\.\d+)?\s*(Z|[+-]\d\d:?\d\d)?)?$/i.exec(text?.trim() ?? '') ?? [];
  if (date === undefined) return null;
  return { date, time: time === undefined ? null : `${time}${fraction.slice(0, 4)}`, zone: zone ?? null };
}
