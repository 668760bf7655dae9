import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { errorCode } from '../../file-problems.ts';

/** Thrown when a database that an earlier run left behind cannot be ended: with a second one, two would write into one file. */
export class DatabaseLeftBehind extends Error {
  override readonly name = 'DatabaseLeftBehind';
}

/** A database ends by itself when its runner is killed, after a moment. */
const ENDS_WITHIN_MS = 3_000;
const GIVE_UP_AFTER_MS = 6_000;

/**
 * Returns once no database process of an earlier run has `file` any more; ends the one that stays. To be called by the only one that
 * may use the file.
 */
export async function endDatabaseLeftBehind(file: string): Promise<void> {
  const began = Date.now();
  for (;;) {
    const pid = await databaseProcess(file);
    if (pid === null) return;
    const waited = Date.now() - began;
    if (waited > GIVE_UP_AFTER_MS || (waited > ENDS_WITHIN_MS && !end(pid))) {
      throw new DatabaseLeftBehind(
        `The database of an earlier run (process ${pid}) still has ${file} and does not end: end it, or take another --data-dir.`,
      );
    }
    await sleep(20);
  }
}

function end(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch (error) {
    return errorCode(error) === 'ESRCH';
  }
}

/** The embedded database that keeps its data in `file`: its process id, or null while none runs. */
async function databaseProcess(file: string): Promise<number | null> {
  const all = process.platform === 'linux' ? processesOfLinux() : await processes();
  // The shell that guards it has the same words in its command, after its own.
  const [pid] =
    all.find(([, command]) => /^(?!\/bin\/sh ).*dynoxide serve /.test(command) && command.endsWith(` ${file}`)) ?? [];
  return pid ?? null;
}

function processesOfLinux(): [number, string][] {
  return readdirSync('/proc').flatMap((entry): [number, string][] => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      return [[Number(entry), readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ').trimEnd()]];
    } catch {
      // It has ended since the folder was read.
      return [];
    }
  });
}

async function processes(): Promise<[number, string][]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-ww', '-o', 'pid=,args=']).catch(() => ({ stdout: '' }));
  return [...stdout.matchAll(/^ *(\d+) (.*)$/gm)].map(([, pid, command = '']) => [Number(pid), command]);
}
