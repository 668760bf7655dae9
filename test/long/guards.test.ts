import { expect, it } from '@jest/globals';
import { GUARDS } from '../guards/guards.ts';
import { runWithout } from '../guards/run-without.ts';

/** Every guard is needed: without it a test of behaviour fails, by name. */

const judges = [...new Set(GUARDS.map(({ judge }) => judge))];

it('with every guard in its place the judges are green', async () => {
  const { passed, failed } = await runWithout([], judges);
  expect(failed).toEqual([]);
  for (const { noticedBy } of GUARDS) expect(passed).toContain(noticedBy);
});

it.each(GUARDS)('without the $name: red', async ({ edits, judge, noticedBy }) => {
  const { failed } = await runWithout(edits, [judge], noticedBy);
  expect(failed).toEqual([noticedBy]);
});

it('says so where the text of a guard is no longer in the source', async () => {
  const edit = { file: 'functions/operations/ledger/ledger.ts', text: 'a text that is not there', without: '' };
  await expect(runWithout([edit], judges)).rejects.toThrow('0 times, not once');
});
