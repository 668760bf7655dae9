import { describe, expect, it } from '@jest/globals';
import { tallyOf } from './history.ts';
import { planOf } from './draw-plan.ts';
import { LEVELS } from './plan.ts';
import { report, shrunk } from './shrink.ts';
import { runPlan, simulate, type Run } from './simulate.ts';
import { LATE, lateAct } from './scenarios.ts';
import { simulateCommand, tableIn } from './command.ts';

/** Few: `npm run test:long` and `npm run simulate` run more of them. */
const SEEDS = 60;

describe('the simulation', () => {
  it.each(LEVELS)('breaks no promise, with faults of level %s', async (level) => {
    const total = { faults: 0, deaths: 0, effects: 0 };
    const waysIn = new Set<string>();
    for (let seed = 0; seed < SEEDS; seed += 1) {
      const run = await simulate(seed, level);
      if (run.violations.length > 0) throw new Error(await report(run, `Seed ${seed} (${level} faults)`));
      const { faults, deaths, effects } = tallyOf(run.history);
      total.faults += faults;
      total.deaths += deaths;
      total.effects += effects;
      for (const fact of run.history.facts) {
        const caller = fact.event === 'answered' && run.plan.callers.find(({ id }) => fact.caller.startsWith(`${id}.`));
        if (caller) waysIn.add(caller.wayIn);
      }
    }
    // The luck was as bad as it was meant to be, and orders were cancelled all the same.
    expect(total.effects).toBeGreaterThan(SEEDS / 2);
    expect([...waysIn].sort()).toEqual(['hint', 'http', 'queue', 'shop']);
    if (level === 'none') expect(total.deaths).toBe(0);
    if (level === 'heavy') {
      expect(total.faults).toBeGreaterThan(10 * SEEDS);
      expect(total.deaths).toBeGreaterThan(SEEDS);
    }
  });

  it('tells in a table what it ran', async () => {
    const { status, out, errors } = await simulateCommand('--faults', 'all', '--seeds', String(SEEDS));
    if (status !== 0) throw new Error(out + errors);
    expect(tableIn(out).map(({ level, seeds, violations }) => [level, seeds, violations])).toEqual(
      LEVELS.map((level) => [level, SEEDS, 0]),
    );
    expect(errors).toMatch(new RegExp(`^heavy: ${SEEDS} of ${SEEDS} seeds, \\d+ a second`, 'm'));
  }, 60_000);

  it('shows one seed’s history on demand, and names a wrong option', async () => {
    const shown = await simulateCommand('--seed', '7', '--faults', 'light');
    expect(shown.status).toBe(0);
    expect(shown.out).toMatch(/asks for (loja|toko)-1:301/);
    const wrong = await simulateCommand('--faults', 'dreadful');
    expect(wrong.status).toBe(2);
    expect(wrong.errors).toContain('faults');
  }, 60_000);

  it('is the same each time', async () => {
    const facts = async () => (await simulate(7, 'heavy')).history.facts;
    expect(await facts()).toEqual(await facts());
  });

  it('runs alike where something is left out that did not matter', async () => {
    const plan = planOf(7, 'heavy');
    const run = await runPlan({ ...plan, without: new Set(['nobody']) });
    expect(run.history.facts).toEqual((await simulate(7, 'heavy')).history.facts);
  });
});

describe('a run that breaks a promise', () => {
  const failing = (): Promise<Run> => runPlan(lateAct(LATE, planOf(5, 'heavy')));

  it('is made smaller, and still breaks it', async () => {
    const run = await failing();
    const smallest = await shrunk(run, 'one_effect');
    expect(smallest.violations).toContainEqual(expect.objectContaining({ rule: 'one_effect' }));
    expect(smallest.history.facts.length).toBeLessThan(run.history.facts.length);
    expect(tallyOf(smallest.history)).toMatchObject({ asks: 1, faults: 1, effects: 2 });
  });

  it('is told by its seed, what it broke, and a history that a person can read', async () => {
    const told = await report(await failing(), 'Seed 5 (heavy faults)');
    expect(told).toContain('Seed 5 (heavy faults) breaks a promise:\n  one_effect: ');
    expect(told).toMatch(/^ +\d+\.\d{3} {2}caller-\S+ asks for loja-1:340/m);
    expect(told.match(/EFFECT/g)).toHaveLength(2);
  });
});
