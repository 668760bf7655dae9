import { readdirSync, readFileSync } from 'node:fs';

/** The embedded database that keeps its data in `file`: its process id, or null while none runs. Linux only, as that database is. */
export function databaseProcess(file: string): number | null {
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const [program = '', ...args] = readFileSync(`/proc/${entry}/cmdline`, 'utf8').split('\0');
      if (program.endsWith('/dynoxide') && args.includes(file)) return Number(entry);
    } catch {
      // It has ended since the folder was read.
    }
  }
  return null;
}
