import { clearLine, cursorTo } from 'node:readline';
import { styleText } from 'node:util';
import type { Paint } from './lines/work-line.ts';

/** Where `npm start` prints: what its start does now, and lines. */
export interface Screen {
  /** A step of the start begins. On a terminal a spinner shows it until the next one; elsewhere it is a line. */
  step(words: string): void;
  /** How far the step is; for a terminal only. */
  progress(words: string): void;
  /** The start is over, or given up. */
  endSteps(): void;
  readonly print: (line: string) => void;
  /** A line on standard error. */
  complain(line: string): void;
  /** In colour where standard output is a terminal, and the person has not set NO_COLOR. */
  readonly paint: Paint;
}

type Stream = NodeJS.WritableStream & { isTTY?: boolean; columns?: number; writableLength?: number };

export interface ScreenNeeds {
  readonly out: Stream;
  readonly err: Stream;
  readonly env: NodeJS.ProcessEnv;
}

const FRAMES = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';
const FRAME_MS = 80;
/** Lines kept for a reader that does not read, such as `less` on its first page. */
const MOST_KEPT_BYTES = 1024 * 1024;

export function openScreen({ out, err, env }: ScreenNeeds): Screen {
  const isLively = out.isTTY === true && env['TERM'] !== 'dumb';
  const beganAt = Date.now();
  let words = 'Starting';
  let frame = 0;
  let lost = 0;
  let isTurning = isLively;

  const erase = () => {
    if (!isTurning) return;
    cursorTo(out, 0);
    clearLine(out, 0);
  };
  const draw = () => {
    if (!isTurning) return;
    erase();
    const seconds = Math.floor((Date.now() - beganAt) / 1000);
    const line = `${FRAMES.charAt(frame % FRAMES.length)} ${words}${seconds > 1 ? ` (${seconds} s)` : ''}`;
    out.write(line.slice(0, (out.columns ?? 80) - 1));
  };
  const write = (stream: Stream, line: string) => {
    erase();
    stream.write(`${line}\n`);
    draw();
  };
  const print = (line: string) => {
    if ((out.writableLength ?? 0) > MOST_KEPT_BYTES) {
      lost += 1;
      return;
    }
    if (lost > 0) write(out, `… ${lost} lines were left out: nobody read them.`);
    lost = 0;
    write(out, line);
  };

  const timer = isLively
    ? setInterval(() => {
        frame += 1;
        draw();
      }, FRAME_MS).unref()
    : undefined;
  draw();
  let step = words;
  return {
    step(now) {
      words = step = now;
      if (isLively) draw();
      else print(`${now}.`);
    },
    progress(now) {
      words = `${step}, ${now}`;
      draw();
    },
    endSteps() {
      clearInterval(timer);
      erase();
      isTurning = false;
    },
    print,
    complain(line) {
      write(err, line);
    },
    paint: (format, text) => styleText(format, text, { stream: out }),
  };
}
