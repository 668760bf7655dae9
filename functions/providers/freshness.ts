import type { IncomingHttpHeaders } from 'node:http';

/**
 * When a reply was made, as far as its headers show it: `Age` (RFC 9111, 5.1), which only caches send, `Date` (RFC 9110, 6.6.1), and what
 * caches say of having had it. Epoch milliseconds.
 */
export interface Stamp {
  readonly sentAt: number;
  readonly receivedAt: number;
  /** The greatest `Age`, where several caches say one. In whole seconds, rounded down. */
  readonly ageMs: number | null;
  readonly date: number | null;
  /** Whether a cache says that it had the reply. Many say no `Age` with it, and a `Date` of their own (nginx). */
  readonly isOfCache: boolean;
}

/**
 * `doubtful`: its `Date` is too early, because it was made then or because the provider's clock is behind. A second reply, made at
 * least {@link DATE_STEP_MS} later, tells which ({@link isClockBehind}).
 */
export type Freshness = 'fresh' | 'stale' | 'doubtful';

/** By how much the provider's clock and ours may differ. */
const CLOCK_TOLERANCE_MS = 30_000;
const SECOND_MS = 1_000;
/** After this the `Date` of a clock that runs has moved on by a second. */
export const DATE_STEP_MS = 1_100;
/** By how much a clock's lag may seem to change from one reply to the next: a `Date` is rounded down, and a reply takes its time. */
const LAG_TOLERANCE_MS = 2_000;

/** Reads the headers. An `Age` or a `Date` that cannot be read is ignored (RFC 9111, 5.1). */
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

/** `Cache-Status`, `X-Cache`, `X-Cache-Status`, `CF-Cache-Status` and their like; not `X-Cache-Lookup`, of what was found and perhaps not used. */
const CACHES = /^(?:[a-z]+-)*cache(?:-status)?$/;
/** Squid's and Akamai's `TCP_REFRESH_HIT` and CloudFront's `RefreshHit`: the provider was asked, and said that it is so still. */
const HIT = /(?<![a-z])(?<!refresh_)(?:hit|stale|updating)(?![a-z])/i;
/** As a parameter (RFC 9211, section 2.1): before it stands the name of a cache. */
const HIT_OF_STATUS = /;\s*hit(?!\s*=\s*\?0)(?![\w-])/i;
/** Stale, could not be revalidated, disconnected, of a guessed lifetime (RFC 7234, section 5.5). */
const STALE_WARNING = /(?:^|,)\s*11[0-3]\b/;

function isOfCache(headers: Readonly<IncomingHttpHeaders>): boolean {
  return Object.entries(headers).some(([name, value]) => {
    const text = String(value ?? '');
    if (name === 'warning') return STALE_WARNING.test(text);
    return CACHES.test(name) && (name === 'cache-status' ? HIT_OF_STATUS : HIT).test(text);
  });
}

/**
 * Whether a reply can have been made before the moment that matters: before `madeAfter`, where that is past, else before its request
 * was sent. `madeAfter` is exact, by our clock: it allows for what clocks differ by already. `lagMs`: by how much the provider's clock is
 * known to be behind.
 */
export function freshnessOf(stamp: Stamp, madeAfter: number | null, lagMs: number): Freshness {
  const { sentAt, receivedAt, ageMs, date } = stamp;
  if (ageMs === null && stamp.isOfCache) return 'stale';
  const isExact = madeAfter !== null && madeAfter <= sentAt;
  if (ageMs !== null) {
    // Rounded down; but caches put an `Age` of 0 on what they have just passed on.
    const isPassedOn = ageMs === 0 && !stamp.isOfCache;
    const earliest = receivedAt - ageMs - (isExact || !isPassedOn ? SECOND_MS - 1 : 0);
    if (earliest < (isExact ? madeAfter : sentAt)) return 'stale';
  }
  const earliestDate = isExact ? madeAfter : sentAt - CLOCK_TOLERANCE_MS;
  return date !== null && date + lagMs < earliestDate ? 'doubtful' : 'fresh';
}

/** Whether the `Date` has moved on with our time since an earlier reply: then it is the clock that is behind, and not the reply. */
export function isClockBehind(earlier: Stamp, later: Stamp): boolean {
  if (earlier.date === null || later.date === null || later.date <= earlier.date) return false;
  return Math.abs(lagOf(later) - lagOf(earlier)) < LAG_TOLERANCE_MS;
}

/** By how much the clock of a reply's `Date` is behind ours, in milliseconds; 0 where it is not, or none is shown. */
export function lagOf({ date, receivedAt }: Stamp): number {
  return date === null ? 0 : Math.max(0, receivedAt - date);
}
