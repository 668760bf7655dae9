import { DatabaseSync } from 'node:sqlite';

/** Two that ask at the same moment are in each other's way for a moment; one of them gets the lock after it. */
const WAIT_MS = 500;
/** https://www.sqlite.org/rescode.html#busy */
const BUSY = 5;

/**
 * Takes the one lock on a file; null where another process has it. The operating system keeps it, and takes it away with the process,
 * however that ends. Returns what lets it go. SQLite knows how to lock on every platform, and nothing is ever written into its file.
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
