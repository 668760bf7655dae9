import * as z from 'zod';
import { openLineFile } from '../../line-file.ts';

/** Takes a piece of output, which may begin or end within a line. `beganAt`: when its invocation began (epoch milliseconds). */
export type Output = (text: string, beganAt: number | null) => void;

/** A line that a function logged. */
export interface LogEntry {
  readonly at: Date;
  readonly level: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'CRITICAL';
  readonly code: string;
  /** The Lambda's own name (`cancel-order`). */
  readonly functionName: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** Since its invocation began; null where that is not known. */
  readonly ms: number | null;
}

/** Where the functions' output goes: all of it into a file, and each entry of theirs to `tell`. */
export interface FunctionLog {
  /** For one stream of one environment: several write at the same time. */
  openOutput(functionName: string): Output;
  /** Writes a line of the runner itself. */
  note(line: string): void;
  /** The same, for a person to see as well. */
  error(line: string): void;
  close(): void;
}

const entrySchema = z.looseObject({
  time: z.iso.datetime(),
  level: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR', 'CRITICAL']),
  message: z.string(),
  function: z.string(),
});

export function openFunctionLog(
  path: string,
  { complain, tell }: { complain: (line: string) => void; tell: (entry: LogEntry) => void },
): FunctionLog {
  const file = openLineFile(path, { complain });
  const isNews = idleRunsOnce();
  const write = (functionName: string, lines: readonly string[]) => {
    const at = new Date().toISOString();
    if (lines.length > 0) file.append(lines.map((line) => `${at} ${functionName} ${line}`).join('\n'));
  };
  return {
    openOutput(functionName) {
      let rest = '';
      return (text, beganAt) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        const read = lines.map((line) => ({ line, entry: entryOf(line, beganAt) }));
        const news = read.filter(({ entry }) => entry === null || isNews(entry));
        write(
          functionName,
          news.map(({ line }) => line),
        );
        for (const { entry } of news) if (entry !== null) tell(entry);
      };
    },
    note(line) {
      write('runner', [line]);
    },
    error(line) {
      write('runner', [line]);
      complain(line);
    },
    close() {
      file.close();
    },
  };
}

/** What a function logged; null where it wrote something else. */
function entryOf(line: string, beganAt: number | null): LogEntry | null {
  if (!line.startsWith('{')) return null;
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return null;
  }
  const parsed = entrySchema.safeParse(json);
  if (!parsed.success) return null;
  const { time, level, message: code, function: functionName, requestId: _, ...fields } = parsed.data;
  const at = new Date(time);
  // Output may come after the next invocation began; then it belongs to the one before.
  const ms = beganAt === null || at.getTime() < beganAt ? null : at.getTime() - beganAt;
  return { at, level, code, functionName, fields, ms };
}

/** Settling runs every few seconds. A run that came to nothing is news only where it differs from the last such run. */
function idleRunsOnce(): (entry: LogEntry) => boolean {
  let last: string | undefined;
  return ({ code, fields }) => {
    if (code !== 'SETTLE_RUN_ENDED') return true;
    if (Object.values(fields).some((count) => typeof count === 'number' && count > 0)) return true;
    const report = JSON.stringify(fields);
    const isNews = report !== last;
    last = report;
    return isNews;
  };
}
