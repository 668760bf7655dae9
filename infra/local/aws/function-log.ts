import { openLineFile } from '../../line-file.ts';

/** Takes the functions' output: all of it goes into a file, errors also to standard error. */
export interface FunctionLog {
  /** Returns a function that takes pieces of a function's output, which may begin or end within a line. */
  output(functionName: string): (text: string) => void;
  /** Writes an error of the runner itself. */
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
