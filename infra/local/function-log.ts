import { createWriteStream } from 'node:fs';

/** Where the functions' output goes: all of it into a file, and what went wrong to standard error as well. */
export interface FunctionLog {
  /** Takes a piece of a function's output, which may begin or end within a line. */
  output(functionName: string): (text: string) => void;
  /** A line of the runner's own. */
  error(line: string): void;
  close(): Promise<void>;
}

export function openFunctionLog(path: string, complain: (line: string) => void): FunctionLog {
  const file = createWriteStream(path, { flags: 'a', mode: 0o600 });
  const write = (functionName: string, line: string) => {
    file.write(`${new Date().toISOString()} ${functionName} ${line}\n`);
  };
  return {
    output(functionName) {
      let rest = '';
      return (text) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          write(functionName, line);
          if (/"level":"(ERROR|CRITICAL)"/.test(line)) complain(`${functionName}: ${line}`);
        }
      };
    },
    error(line) {
      write('runner', line);
      complain(line);
    },
    close: () =>
      new Promise((resolve) => {
        file.end(() => {
          resolve();
        });
      }),
  };
}
