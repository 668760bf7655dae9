import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** `npm run simulate`, as a person runs it. */
export async function simulateCommand(...options: string[]): Promise<{ status: number; out: string; errors: string }> {
  const child = spawn(process.execPath, ['test/simulation/run.ts', ...options], { cwd: root });
  let out = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const [status] = (await once(child, 'close')) as [number];
  return { status, out, errors };
}

/** Of each level of faults. */
export interface Row {
  readonly level: string;
  readonly seeds: number;
  readonly madeElsewhere: number;
  readonly violations: number;
}

/** The rows of the table that the command prints. */
export function tableIn(out: string): Row[] {
  const rows = out.match(/^\| (none|light|medium|heavy) .*$/gm) ?? [];
  return rows.map((row) => {
    // Thousands are told apart by commas.
    const cells = row.split('|').map((cell) => cell.trim().replaceAll(',', ''));
    return {
      level: cells[1] ?? '',
      seeds: Number(cells[2]),
      madeElsewhere: Number(cells.at(-4)),
      violations: Number(cells.at(-3)),
    };
  });
}
