import type { IncomingHttpHeaders } from 'node:http';

/**
 * When a reply was made, as far as its headers show it: `Age` (RFC 9111, 5.1), which only caches send; `Date` (RFC 9110, 6.6.1);
 * and the headers by which caches say that they had the reply. Epoch milliseconds.
 */
export interface Stamp {
  readonly sentAt: number;
  readonly receivedAt: number;
  /** The greatest `Age` if several caches sent one. Made from whole seconds, rounded down. */
  readonly ageMs: number | null;
  readonly date: number | null;
  /** Whether a cache says that it had the reply. Many caches (nginx) then send no `Age`, and a `Date` of their own. */
  readonly isOfCache: boolean;
}

/**
 * `doubtful`: the `Date` is too early, because the reply is old or because the provider's clock is behind. A second reply, made at
 * least {@link DATE_STEP_MS} later, tells which ({@link isClockBehind}).
 */
export type Freshness = 'fresh' | 'stale' | 'doubtful';

/** The most by which the provider's clock and ours may differ. */
const CLOCK_TOLERANCE_MS = 30_000;
const SECOND_MS = 1_000;
/** After this time, the `Date` of a running clock has moved on by a second. */
export const DATE_STEP_MS = 1_100;
/** The most by which a clock's lag may seem to change between two replies: a `Date` is rounded down, and a reply takes time to arrive. */
const LAG_TOLERANCE_MS = 2_000;

/** Reads the headers. An unreadable `Age` or `Date` is ignored (RFC 9111, 5.1). */
export function stampOf(headers: Readonly<IncomingHttpHeaders>, times: Pick<Stamp, 'sentAt' | 'receivedAt'>): Stamp {
  const ages = (headers.age ?? '').split(',').flatMap((value) => /^\s*\d+/.exec(value) ?? []);
  const date = Date.parse(headers.date ?? '');
  return {
    ...times,
    ageMs: ages.length === 0 ? null : Math.max(...ages.map(Number)) * SECOND_MS,
    date: Number.isNaN(date) ? null : date,
    isOfCache: isOfCache(headers),
  };
}

/**
 * `Cache-Status`, `X-Cache`, `X-Cache-Status`, `CF-Cache-Status` and the like. Not `X-Cache-Lookup`: it says what a cache found and
 * perhaps did not use.
 */
const CACHES = /^(?:[a-z]+-)*cache(?:-status)?$/;
/**
 * Not Squid's and Akamai's `TCP_REFRESH_HIT` or CloudFront's `RefreshHit`: there the cache asked the provider, which confirmed the
 * reply.
 */
const HIT = /(?<![a-z])(?<!refresh_)(?:hit|stale|updating)(?![a-z])/i;
/** `hit` as a parameter (RFC 9211, section 2.1): the cache's name comes before it. */
const HIT_OF_STATUS = /;\s*hit(?!\s*=\s*\?0)(?![\w-])/i;
/** The warnings "stale", "revalidation failed", "disconnected" and "heuristic lifetime" (RFC 7234, section 5.5). */
const STALE_WARNING = /(?:^|,)\s*11[0-3]\b/;

function isOfCache(headers: Readonly<IncomingHttpHeaders>): boolean {
  return Object.entries(headers).some(([name, value]) => {
    const text = String(value ?? '');
    if (name === 'warning') return STALE_WARNING.test(text);
    return CACHES.test(name) && (name === 'cache-status' ? HIT_OF_STATUS : HIT).test(text);
  });
}

/**
 * Judges whether a reply may have been made too early: before `madeAfter` if that is past, otherwise before its request was sent.
 * `madeAfter` is exact by our clock, because it already allows for differing clocks. `lagMs`: by how much the provider's clock is
 * known to be behind.
 */
export function freshnessOf(stamp: Stamp, madeAfter: number | null, lagMs: number): Freshness {
  const { sentAt, receivedAt, ageMs, date } = stamp;
  if (ageMs === null && stamp.isOfCache) return 'stale';
  const isExact = madeAfter !== null && madeAfter <= sentAt;
  if (ageMs !== null) {
    // An `Age` is rounded down, so add a second. But caches put an `Age` of 0 on a reply that they have just passed on.
    const isPassedOn = ageMs === 0 && !stamp.isOfCache;
    const earliest = receivedAt - ageMs - (isExact || !isPassedOn ? SECOND_MS - 1 : 0);
    if (earliest < (isExact ? madeAfter : sentAt)) return 'stale';
  }
  const earliestDate = isExact ? madeAfter : sentAt - CLOCK_TOLERANCE_MS;
  return date !== null && date + lagMs < earliestDate ? 'doubtful' : 'fresh';
}

/** Whether the `Date` has advanced with our time since an earlier reply. If so, the clock is behind and the reply is not old. */
export function isClockBehind(earlier: Stamp, later: Stamp): boolean {
  if (earlier.date === null || later.date === null || later.date <= earlier.date) return false;
  return Math.abs(lagOf(later) - lagOf(earlier)) < LAG_TOLERANCE_MS;
}

/** Returns by how many milliseconds the clock of a reply's `Date` is behind ours; 0 if it is not, or if there is no `Date`. */
export function lagOf({ date, receivedAt }: Stamp): number {
  return date === null ? 0 : Math.max(0, receivedAt - date);
}
