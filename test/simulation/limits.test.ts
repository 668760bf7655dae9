import { describe, expect, it } from '@jest/globals';
import { IN_TIME, LATE, lateAct } from './scenarios.ts';
import { runPlan } from './simulate.ts';

/** What cannot be promised (README): the simulation does find it. */
describe('a provider that acts on a lost ask', () => {
  it('within the quiet period acts once', async () => {
    const { history, violations } = await runPlan(lateAct(IN_TIME));
    expect(violations).toEqual([]);
    expect(history.facts.filter(({ event }) => event === 'sent')).toHaveLength(1);
    expect(history.facts.filter(({ event }) => event === 'effect')).toHaveLength(1);
  });

  it('later than the quiet period, can be asked twice and act twice', async () => {
    const { history, violations } = await runPlan(lateAct(LATE));
    expect(history.facts.filter(({ event }) => event === 'effect')).toHaveLength(2);
    expect(violations).toContainEqual({ rule: 'one_effect', text: 'loja-1:340 was cancelled 2 times' });
  });
});
