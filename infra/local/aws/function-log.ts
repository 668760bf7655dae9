import { openLineFile } from '../../line-file.ts';

/** Where the functions' output goes: all of it into a file, and what went wrong to standard error as well. */
export interface FunctionLog {
  /** Takes a piece of a function's output, which may begin or end within a line. */
  output(functionName: string): (text: string) => void;
  /** A line of the runner's own. */
  error(line: string): void;
  close(): void;
}

export function openFunctionLog(path: string, complain: (line: string) => void): FunctionLog {
  const file = openLineFile(path, { complain });
  const write = (functionName: string, lines: readonly string[]) => {
    const at = new Date().toISOString();
    if (lines.length > 0) file.append(lines.map((line) => `${at} ${functionName} ${line}`).join('\n'));
  };
  return {
    output(functionName) {
      let rest = '';
      return (text) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        write(functionName, lines);
        for (const line of lines) {
          if (/"level":"(ERROR|CRITICAL)"/.test(line)) complain(`${functionName}: ${line}`);
        }
      };
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
