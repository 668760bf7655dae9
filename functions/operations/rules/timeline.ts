import type { TimelineEntry } from './operation.ts';

/** The most steps that a timeline holds. An item may have 400 KB; a provider may answer 429 for days. */
export const LONGEST_TIMELINE = 50;
/** How an operation began, and what happened last, are kept step by step. */
const FIRST_STEPS = 10;
const LAST_STEPS = 20;

/**
 * The timeline with one more step. Where it would outgrow {@link LONGEST_TIMELINE}, steps of one event and detail in its middle
 * become one step, with their `count` and with `until`, the moment of the last of them. No event is forgotten, and the number of
 * steps that happened stays the sum of all counts.
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

/** One step for each key, in the order in which the keys came first. */
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
    // Steps of several details, or HTTP statuses, have none in common.
    ...(detail !== undefined && detail === later.detail ? { detail } : {}),
    ...(status !== undefined && status === later.status ? { status } : {}),
    until: later.until ?? later.at,
    count: (earlier.count ?? 1) + (later.count ?? 1),
  };
}
