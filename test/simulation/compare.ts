import { planOf } from './draw-plan.ts';
import { LEVELS, type Level } from './plan.ts';
import { powertools } from './powertools.ts';
import { play } from './simulate.ts';
import { COUNTERMAND, type Way } from './way.ts';

/** The same plans, served in several ways: how many of the runs have an order that took effect twice. */
export const WAYS: readonly { readonly name: string; readonly way: Way }[] = [
  { name: 'Countermand', way: COUNTERMAND },
  { name: 'Powertools idempotency 2.35.0', way: powertools({ looksFirst: false }) },
  {
    name: 'Powertools idempotency 2.35.0, and the order is read before it is cancelled',
    way: powertools({ looksFirst: true }),
  },
];

export interface Compared {
  readonly runs: number;
  /** Runs in which an order was cancelled more than once. */
  readonly doubled: number;
  /** Effects beyond the first of each order. */
  readonly extra: number;
}

export async function compareWays(way: Way, level: Level, seeds: number): Promise<Compared> {
  let doubled = 0;
  let extra = 0;
  for (let seed = 0; seed < seeds; seed += 1) {
    const plan = planOf(seed, level);
    const callers = plan.callers.filter(({ kind, wayIn }) => kind === 'cancel' && wayIn !== 'hint');
    const { history } = await play({ ...plan, callers }, way);
    const effects = new Map<string, number>();
    for (const fact of history.facts) {
      if (fact.event === 'effect') effects.set(fact.order, (effects.get(fact.order) ?? 0) + 1);
    }
    const own = [...effects.values()].reduce((sum, count) => sum + count - 1, 0);
    extra += own;
    if (own > 0) doubled += 1;
  }
  return { runs: seeds, doubled, extra };
}

/** The comparison as Markdown: the share of runs with a double effect, for each level of faults. */
export async function comparison(seeds: number): Promise<string> {
  const lines = [
    `| ${seeds.toLocaleString('en-US')} seeds each | ${LEVELS.join(' | ')} |`,
    `| --- |${' --- |'.repeat(LEVELS.length)}`,
  ];
  for (const { name, way } of WAYS) {
    const cells: string[] = [];
    for (const level of LEVELS) {
      const { doubled, runs } = await compareWays(way, level, seeds);
      cells.push(`${doubled.toLocaleString('en-US')} (${((100 * doubled) / runs).toFixed(1)} %)`);
    }
    lines.push(`| ${name} | ${cells.join(' | ')} |`);
  }
  return lines.join('\n');
}
