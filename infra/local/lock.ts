import { DatabaseSync } from 'node:sqlite';

/** Two processes that ask at the same moment block each other briefly; within this time one of them gets the lock. */
const WAIT_MS = 500;
/** https://www.sqlite.org/rescode.html#busy */
const BUSY = 5;

/**
 * Takes the one lock on a file and returns a function that releases it; null if another process has it. The operating system releases the
 * lock when the process ends in any way. SQLite can lock on every platform; nothing is ever written to its file.
 */
export function takeLock(file: string): (() => void) | null {
  const lock = new DatabaseSync(file, { timeout: WAIT_MS });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (typeof error === 'object' && error !== null && 'errcode' in error && error.errcode === BUSY) return null;
    throw error;
  }
  return () => {
    lock.close();
  };
}
