import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { timelineEntry, type TimelineEntry } from '../../../functions/operations/rules/operation.ts';
import { extendTimeline, LONGEST_TIMELINE } from '../../../functions/operations/rules/timeline.ts';

const START = Date.parse('2026-03-01T12:00:00.000Z');
const at = (step: number) => new Date(START + step * 30_000).toISOString();
type Step = Pick<TimelineEntry, 'event' | 'detail'>;
const told = (steps: readonly Step[]): TimelineEntry[] =>
  steps.reduce<TimelineEntry[]>((timeline, step, index) => extendTimeline(timeline, { at: at(index), ...step }), []);
const countOf = (entries: readonly TimelineEntry[]) => entries.reduce((sum, { count = 1 }) => sum + count, 0);

/** Three days of a provider that answers 429 to an ask every half minute. */
const LIMITED_FOR_DAYS: Step[] = [
  { event: 'requested' },
  ...Array.from({ length: 8_640 }, (): Step[] => [
    { event: 'asked_again' },
    { event: 'pending', detail: 'rate_limited' },
  ]).flat(),
];

describe('a timeline', () => {
  it('tells every step while they are few', () => {
    const steps = LIMITED_FOR_DAYS.slice(0, 50);
    expect(told(steps)).toEqual(steps.map((step, index) => ({ at: at(index), ...step })));
    const folded = told(LIMITED_FOR_DAYS.slice(0, 51));
    expect(folded.length).toBeLessThan(50);
    expect(folded.slice(-20)).toEqual(
      LIMITED_FOR_DAYS.slice(31, 51).map((step, index) => ({ at: at(31 + index), ...step })),
    );
  });

  it('of three days of 429 has its first and its last steps, and between them each event once, with count and times', () => {
    const timeline = told(LIMITED_FOR_DAYS);
    expect(timeline.length).toBeLessThanOrEqual(LONGEST_TIMELINE);
    expect(timeline.slice(0, 10)).toEqual(
      LIMITED_FOR_DAYS.slice(0, 10).map((step, index) => ({ at: at(index), ...step })),
    );
    const end = LIMITED_FOR_DAYS.length;
    expect(timeline.slice(-20)).toEqual(
      LIMITED_FOR_DAYS.slice(-20).map((step, index) => ({ at: at(end - 20 + index), ...step })),
    );
    const folded = timeline.filter(({ count }) => count !== undefined);
    expect(folded.map(({ event, detail }) => [event, detail])).toEqual([
      ['pending', 'rate_limited'],
      ['asked_again', undefined],
    ]);
    expect(folded[0]).toMatchObject({ at: at(10) });
    expect(countOf(timeline)).toBe(LIMITED_FOR_DAYS.length);
  });

  it('is bounded, loses no event, and counts every step, whatever happens', () => {
    const step = fc.record({
      event: fc.constantFrom<TimelineEntry['event'][]>(
        'asked_again',
        'pending',
        'unknown',
        'needs_attention',
        'requested',
      ),
      detail: fc.option(fc.integer({ min: 0, max: 60 }).map(String), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 300 }), (steps) => {
        const timeline = told(steps);
        expect(timeline.length).toBeLessThanOrEqual(LONGEST_TIMELINE);
        expect(countOf(timeline)).toBe(steps.length);
        expect(new Set(timeline.map(({ event }) => event))).toEqual(new Set(steps.map(({ event }) => event)));
        expect(timeline.at(-1)).toMatchObject({ at: at(steps.length - 1), event: steps.at(-1)?.event });
        for (const entry of timeline) {
          expect(timelineEntry.parse(entry)).toEqual(entry);
          expect((entry.until ?? entry.at) >= entry.at).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });
});
