import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import type { Guard } from './guards.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** What unit tests need of the project. */
const COPIED = ['functions', 'test', '.config', 'package.json', 'tsconfig.json'];

export interface Verdict {
  readonly passed: readonly string[];
  readonly failed: readonly string[];
}

/**
 * Runs test files, or of them only the tests of one name, on a copy of the source in which the edits are made, and names the tests
 * that passed and failed.
 */
export async function runWithout(edits: Guard['edits'], judges: readonly string[], only = ''): Promise<Verdict> {
  const copy = await mkdtemp(join(tmpdir(), 'countermand-guards-'));
  try {
    await Promise.all(COPIED.map((path) => cp(join(ROOT, path), join(copy, path), { recursive: true })));
    await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    for (const edit of edits) await apply(edit, copy);
    return await judge(copy, judges, only);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

async function apply({ file, text, without }: Guard['edits'][number], copy: string): Promise<void> {
  const path = join(copy, file);
  const source = await readFile(path, 'utf8');
  const times = source.split(text).length - 1;
  if (times !== 1)
    throw new Error(`${file} holds this ${times} times, not once; test/guards/guards.ts must follow it: ${text}`);
  await writeFile(
    path,
    source.replace(text, () => without),
  );
}

const reportSchema = z.object({
  testResults: z.array(
    z.object({
      message: z.string(),
      assertionResults: z.array(z.object({ title: z.string(), status: z.string() })),
    }),
  ),
});

async function judge(copy: string, judges: readonly string[], only: string): Promise<Verdict> {
  const jest = [
    '--experimental-vm-modules',
    '--no-warnings',
    'node_modules/jest/bin/jest.js',
    '--config',
    '.config/jest.json',
  ];
  const report = join(copy, 'report.json');
  const run = spawn(
    process.execPath,
    [
      ...jest,
      '--runInBand',
      '--json',
      '--outputFile',
      report,
      '-t',
      only.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
      ...judges,
    ],
    {
      cwd: copy,
      env: { PATH: process.env['PATH'] },
      stdio: 'ignore',
    },
  );
  await once(run, 'exit');
  const { testResults } = reportSchema.parse(JSON.parse(await readFile(report, 'utf8')));
  const results = testResults.flatMap(({ assertionResults }) => assertionResults);
  // A file that cannot be loaded judges nothing: that would be a red of the wrong kind.
  const unloaded = testResults.find(({ assertionResults }) => assertionResults.length === 0);
  if (unloaded !== undefined) throw new Error(`A judge could not be loaded:\n${unloaded.message}`);
  const named = (status: string) => results.filter((result) => result.status === status).map(({ title }) => title);
  return { passed: named('passed'), failed: named('failed') };
}
