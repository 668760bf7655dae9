import { describe, expect, it } from '@jest/globals';
import { PROVIDERS } from './plan.ts';
import { actsAfter, behindCache, callerOf } from './scenarios.ts';
import { runPlan } from './simulate.ts';

const SEEDS = 12;
const MINUTE = 60_000;

describe.each(PROVIDERS)(
  '%s behind a cache that does not heed who asks past it, and shows how old its replies are',
  (provider) => {
    it(`makes nobody ask twice: ${provider}`, async () => {
      let stale = 0;
      for (let seed = 1; seed <= SEEDS; seed += 1) {
        const { history, violations } = await runPlan(behindCache(provider, seed));
        expect(violations).toEqual([]);
        expect(history.facts.filter(({ event }) => event === 'sent')).toHaveLength(1);
        stale += history.facts.filter((fact) => fact.event === 'fault' && fact.what === 'stale read').length;
      }
      expect(stale).toBeGreaterThan(SEEDS);
    });

    it(`makes nobody believe a refusal of what was done: ${provider}`, async () => {
      for (let seed = 1; seed <= SEEDS; seed += 1) {
        const plan = behindCache(provider, seed);
        const [order] = plan.orders;
        if (order === undefined) throw new Error('The plan has no order.');
        // The second ask comes to what the first one did, and is told so.
        const refuses = { ...order, script: [actsAfter(100)], whenDone: 'refuses' } as const;
        const callers = [callerOf(refuses), callerOf(refuses, { id: 'caller-2', key: 'key-2', atMs: 2 * MINUTE })];
        const { violations } = await runPlan({ ...plan, orders: [refuses], callers });
        expect(violations).toEqual([]);
      }
    });
  },
);
