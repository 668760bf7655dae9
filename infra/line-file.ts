import { closeSync, openSync, writeSync } from 'node:fs';
import { fileProblem } from './file-problems.ts';

/** A file that lines are appended to. What cannot be written never fails who writes it. */
export interface LineFile {
  /**
   * Returns once the lines are with the operating system, or kept for the time when the file can be written again. Beyond a megabyte
   * nothing more is kept.
   */
  append(lines: string): void;
  /** Tries once more to write what is kept. */
  close(): void;
}

export interface LineFileNeeds {
  /** Is told when the file cannot be written, and when it can be again. */
  readonly complain: (line: string) => void;
  /** Appends bytes to the file and says how many it took. Throws where it took none. */
  readonly write?: (path: string, bytes: Uint8Array) => number;
  readonly retryMs?: number;
}

const MOST_KEPT_BYTES = 1024 * 1024;

export function openLineFile(path: string, needs: LineFileNeeds): LineFile {
  const { complain, write = appendTo, retryMs = 1000 } = needs;
  let kept: Uint8Array[] = [];
  let keptBytes = 0;
  let lost = 0;
  let isFailing = false;
  let retry: NodeJS.Timeout | undefined;

  const writeKept = () => {
    for (let [first] = kept; first !== undefined; [first] = kept) {
      const taken = write(path, first);
      keptBytes -= taken;
      kept = taken < first.length ? [first.subarray(taken), ...kept.slice(1)] : kept.slice(1);
    }
  };
  const flush = () => {
    clearTimeout(retry);
    try {
      writeKept();
    } catch (error) {
      if (!isFailing) complain(`${path} cannot be written (${fileProblem(error)}). The stack goes on without it.`);
      isFailing = true;
      retry = setTimeout(flush, retryMs).unref();
      return;
    }
    if (!isFailing) return;
    isFailing = false;
    complain(`${path} can be written again; ${lost === 0 ? 'nothing' : `${lost} lines of it`} got lost.`);
    lost = 0;
  };

  return {
    append(lines) {
      const bytes = Buffer.from(`${lines}\n`);
      if (keptBytes + bytes.length > MOST_KEPT_BYTES && keptBytes > 0) {
        lost += lines.split('\n').length;
      } else {
        kept.push(bytes);
        keptBytes += bytes.length;
      }
      flush();
    },
    close() {
      if (kept.length > 0) flush();
      clearTimeout(retry);
    },
  };
}

/** Opened for each write: a file that was taken away, or moved by whoever keeps logs short, is made again. */
function appendTo(path: string, bytes: Uint8Array): number {
  const file = openSync(path, 'a', 0o600);
  try {
    return writeSync(file, bytes);
  } finally {
    closeSync(file);
  }
}
