import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { errorCode } from '../../file-problems.ts';

/** Thrown when a database that an earlier run left behind cannot be ended. Starting a second one would let two write to one file. */
export class DatabaseLeftBehind extends Error {
  override readonly name = 'DatabaseLeftBehind';
}

/** When its runner is killed, a database ends by itself after a moment. */
const ENDS_WITHIN_MS = 3_000;
const GIVE_UP_AFTER_MS = 6_000;

/**
 * Returns once no database process of an earlier run uses `file`; ends one that stays. Only the owner of the file's lock may call it.
 */
export async function endDatabaseLeftBehind(file: string): Promise<void> {
  const began = Date.now();
  for (;;) {
    const pid = await databaseProcess(file);
    if (pid === null) return;
    const waited = Date.now() - began;
    if (waited > GIVE_UP_AFTER_MS || (waited > ENDS_WITHIN_MS && !end(pid))) {
      throw new DatabaseLeftBehind(
        `The database of an earlier run (process ${pid}) still uses ${file} and does not end. End it, or name another --data-dir.`,
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

/** Returns the process id of the embedded database that keeps its data in `file`; null if none runs. */
async function databaseProcess(file: string): Promise<number | null> {
  const all = process.platform === 'linux' ? processesOfLinux() : await processes();
  // The command of the shell that guards it ends in the same words.
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
      // The process has ended since the folder was read.
      return [];
    }
  });
}

async function processes(): Promise<[number, string][]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-ww', '-o', 'pid=,args=']).catch(() => ({ stdout: '' }));
  return [...stdout.matchAll(/^ *(\d+) (.*)$/gm)].map(([, pid, command = '']) => [Number(pid), command]);
}
