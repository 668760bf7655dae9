/**
 * When a reply was made, as far as its headers show it: `Age` (RFC 9111, 5.1), which only caches send, and `Date` (RFC 9110, 6.6.1).
 * Epoch milliseconds.
 */
export interface Stamp {
  readonly sentAt: number;
  readonly receivedAt: number;
  /** The greatest `Age`, where several caches say one. In whole seconds, rounded down. */
  readonly ageMs: number | null;
  readonly date: number | null;
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
export function stampOf(
  headers: Readonly<{ age?: string | undefined; date?: string | undefined }>,
  times: Pick<Stamp, 'sentAt' | 'receivedAt'>,
): Stamp {
  const ages = (headers.age ?? '').split(',').flatMap((value) => /^\s*\d+/.exec(value) ?? []);
  const date = Date.parse(headers.date ?? '');
  return {
    ...times,
    ageMs: ages.length === 0 ? null : Math.max(...ages.map(Number)) * SECOND_MS,
    date: Number.isNaN(date) ? null : date,
  };
}

/**
 * Whether a reply can have been made before the moment that matters: before `madeAfter`, where that is past, else before its request
 * was sent. `madeAfter` is exact, by our clock: it allows for what clocks differ by already. `lagMs`: by how much the provider's clock is
 * known to be behind.
 */
export function freshnessOf(stamp: Stamp, madeAfter: number | null, lagMs: number): Freshness {
  const { sentAt, receivedAt, ageMs, date } = stamp;
  const isExact = madeAfter !== null && madeAfter <= sentAt;
  if (ageMs !== null) {
    // Rounded down; but caches put an `Age` of 0 on what they have just passed on.
    const earliest = receivedAt - ageMs - (isExact || ageMs > 0 ? SECOND_MS - 1 : 0);
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
