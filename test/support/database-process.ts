import { readdirSync, readFileSync } from 'node:fs';

/** Finds the process id of the embedded database that keeps its data in `file`; null if none runs. Linux only, like that database. */
export function databaseProcess(file: string): number | null {
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const [program = '', ...args] = readFileSync(`/proc/${entry}/cmdline`, 'utf8').split('\0');
      if (program.endsWith('/dynoxide') && args.includes(file)) return Number(entry);
    } catch {
      // The process has ended since the folder was read.
    }
  }
  return null;
}
