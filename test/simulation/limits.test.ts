import { describe, expect, it } from '@jest/globals';
import {
  actsAfter,
  behindCache,
  callerOf,
  connectionOf,
  IN_TIME,
  orderOf,
  planWith,
  LATE,
  lateAct,
} from './scenarios.ts';
import { runPlan } from './simulate.ts';

it('somebody else who changes an order back before it is read back makes it look as if nothing had been done', async () => {
  const connection = connectionOf('ngorder');
  const order = orderOf(connection, { atFirst: 'cancelled', script: [actsAfter(50)], cancelledByHandAtMs: 10_000 });
  const plan = planWith(connection, order, { callers: [callerOf(order, { kind: 'restore' })] });
  const { history, violations } = await runPlan(plan);
  expect(history.facts.filter(({ event }) => event === 'effect')).toHaveLength(2);
  expect(violations.map(({ rule }) => rule)).toContain('one_effect');

  const left = await runPlan({ ...plan, orders: [{ ...order, cancelledByHandAtMs: null }] });
  expect(left.violations).toEqual([]);
});

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
    expect(violations).toContainEqual({ rule: 'one_effect', text: 'loja-1:340: two effects of kind cancel in a row' });
  });
});

it('a cache that shows what is older than the quiet period, and not how old it is, can make an order be asked for twice', async () => {
  const runs = [];
  for (let seed = 1; seed <= 10; seed += 1)
    runs.push(await runPlan({ ...behindCache('estoka', seed), cacheHidesAge: true }));
  const broken = runs.flatMap(({ violations }) => violations.map(({ rule }) => rule));
  expect(broken).toContain('one_effect');
});
