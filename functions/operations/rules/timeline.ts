import type { TimelineEntry } from './operation.ts';

/** The most steps that a timeline holds. An item may have 400 KB, and a provider may answer 429 for days. */
export const LONGEST_TIMELINE = 50;
/** The beginning of an operation and its latest events are kept step by step. */
const FIRST_STEPS = 10;
const LAST_STEPS = 20;

/**
 * Returns the timeline with one more step. If it would outgrow {@link LONGEST_TIMELINE}, the steps in its middle that have the same event
 * and detail are merged into one. `count` says how many they were, and `until` when the last of them happened. No event is lost, and the
 * sum of all counts is still the number of steps that happened.
 */
export function extendTimeline(timeline: readonly TimelineEntry[], entry: TimelineEntry): TimelineEntry[] {
  const whole = [...timeline, entry];
  if (whole.length <= LONGEST_TIMELINE) return whole;
  const first = whole.slice(0, FIRST_STEPS);
  const middle = whole.slice(FIRST_STEPS, -LAST_STEPS);
  const last = whole.slice(-LAST_STEPS);
  const folded = [...first, ...foldBy(middle, ({ event, detail }) => `${event} ${detail ?? ''}`), ...last];
  return folded.length <= LONGEST_TIMELINE ? folded : [...first, ...foldBy(middle, ({ event }) => event), ...last];
}

/** Returns one step for each key, in the order in which the keys first appear. */
function foldBy(entries: readonly TimelineEntry[], keyOf: (entry: TimelineEntry) => string): TimelineEntry[] {
  const byKey = new Map<string, TimelineEntry>();
  for (const entry of entries) {
    const key = keyOf(entry);
    const known = byKey.get(key);
    byKey.set(key, known === undefined ? entry : together(known, entry));
  }
  return [...byKey.values()];
}

function together(earlier: TimelineEntry, later: TimelineEntry): TimelineEntry {
  const { detail, status, ...rest } = earlier;
  return {
    ...rest,
    // Merged steps keep a detail or an HTTP status only if they share it.
    ...(detail !== undefined && detail === later.detail ? { detail } : {}),
    ...(status !== undefined && status === later.status ? { status } : {}),
    until: later.until ?? later.at,
    count: (earlier.count ?? 1) + (later.count ?? 1),
  };
}
