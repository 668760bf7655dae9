import { expect, it } from '@jest/globals';
import { LEVELS } from '../simulation/plan.ts';
import { simulateCommand, tableIn } from '../simulation/command.ts';

const SEEDS = 3_000;

it('the simulation breaks no promise over some thousand seeds of each level of faults', async () => {
  const { status, out, errors } = await simulateCommand('--faults', 'all', '--seeds', String(SEEDS));
  if (status !== 0) throw new Error(out + errors);
  const rows = tableIn(out);
  expect(rows.map(({ level, seeds, violations }) => [level, seeds, violations])).toEqual(
    LEVELS.map((level) => [level, SEEDS, 0]),
  );
  // Cancels that somebody made at the provider were noted, too.
  expect(rows.reduce((sum, { madeElsewhere }) => sum + madeElsewhere, 0)).toBeGreaterThan(0);
});
