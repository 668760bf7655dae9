import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

const folder = import.meta.dirname;
const lock = join(folder, 'package-lock.json');
/** The lock of what is installed; `npm ci` removes it before it begins, so that a broken installation is not taken for a whole one. */
const installed = join(folder, 'node_modules', '.installed-lock.json');
/** The Node that runs this file runs the tools, too, not an older one of the machine. */
const env = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}` };

/** Installs the tools where they are missing or not those of the lock. Returns whether they are there. */
export function installTools(): boolean {
  if (existsSync(installed) && readFileSync(installed).equals(readFileSync(lock))) return true;
  process.stderr.write('Installing the tools of .config/tools, once: 110 MB, about 10 seconds.\n');
  const { status } = spawnSync('npm', ['ci', '--prefix', folder], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) return false;
  copyFileSync(lock, installed);
  return true;
}

/** Runs a tool of this folder on the project: `node .config/tools/run.ts knip --config .config/knip.json`. Returns its exit code. */
function run(tool: string, args: readonly string[]): number {
  if (!installTools()) return 1;
  const { error, status } = spawnSync(join(folder, 'node_modules', '.bin', tool), args, { env, stdio: 'inherit' });
  if (error !== undefined) process.stderr.write(`${tool} cannot be run: ${error.message}\n`);
  return status ?? 1;
}

if (import.meta.main) {
  const [tool = '', ...args] = process.argv.slice(2);
  process.exitCode = run(tool, args);
}
