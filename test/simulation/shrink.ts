import { readable } from './history.ts';
import type { Plan } from './plan.ts';
import { runPlan, type Run } from './simulate.ts';
import type { Rule } from './traces.ts';

/**
 * The smallest part of a run that still breaks the rule: callers, settler runs, faults and episodes are left out, many at once and
 * then fewer, as long as the violation stays. Each of them has luck of its own, so that leaving one out changes no other's.
 */
export async function shrunk(failing: Run, rule: Rule): Promise<Run> {
  let smallest = failing;
  for (let share = 1; ; share *= 2) {
    const parts = partsOf(smallest);
    const size = Math.ceil(parts.length / share);
    for (let first = 0; first < parts.length; first += size) {
      const without = new Set([...smallest.plan.without, ...parts.slice(first, first + size)]);
      const smaller = await runPlan({ ...smallest.plan, without });
      if (smaller.violations.some((violation) => violation.rule === rule)) smallest = smaller;
    }
    if (size <= 1) return smallest;
  }
}

/** What to do about a run that broke a promise: which seed it was, what broke, and the story in as few lines as tell it. */
export async function report(failing: Run, origin: string): Promise<string> {
  const [violation] = failing.violations;
  if (violation === undefined) return `${origin}: nothing is wrong.`;
  const smallest = await shrunk(failing, violation.rule);
  return [
    `${origin} breaks a promise:`,
    ...smallest.violations.map(({ rule, text }) => `  ${rule}: ${text}`),
    'The least of its history that shows it (seconds since the start; indented lines are the ledger, then the provider):',
    ...readable(smallest.history.facts),
  ].join('\n');
}

function partsOf({ plan, history }: { plan: Plan; history: Run['history'] }): string[] {
  const faults = history.facts.flatMap((fact) => (fact.event === 'fault' ? [fact.id] : []));
  const others = [...plan.callers, ...plan.settlers].map(({ id }) => id);
  return [...others, ...faults].filter((id) => !plan.without.has(id));
}
