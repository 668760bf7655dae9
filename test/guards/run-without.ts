import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { copySource } from '../support/source-copy.ts';
import type { Guard } from './guards.ts';

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
  const copy = await copySource(
    COPIED,
    edits.map(({ without, ...edit }) => ({ ...edit, instead: without })),
  );
  try {
    return await judge(copy.path, judges, only);
  } finally {
    await copy.remove();
  }
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
