import type { styleText } from 'node:util';
import { cut } from '../../../functions/runtime/cut.ts';

/** What a person who runs `npm start` is told of one request, or of one thing that a function did. */
export interface WorkLine {
  readonly at: Date;
  /** Of a request. */
  readonly status: number | null;
  /** An operation's outcome; else `warning` or `error`, or nothing. */
  readonly outcome: string;
  readonly ms: number | null;
  /** A function, or a request's method and path. */
  readonly what: string;
  /** The operation, order or connection; nothing where `what` names it. */
  readonly order: string;
  readonly words: string;
}

/** Gives a text a colour, or leaves it as it is. */
export type Paint = (format: Parameters<typeof styleText>[0], text: string) => string;

/** Room for `needs_attention`, and for the names of most functions and operations. */
const WIDTHS = { status: 4, outcome: 15, ms: 8, function: 20, order: 16 };
const MOST_CHARACTERS = 240;

/** Names the columns. */
export const HEADING = [
  'UTC'.padEnd(8),
  'HTTP'.padEnd(WIDTHS.status),
  'outcome'.padEnd(WIDTHS.outcome),
  'ms'.padStart(WIDTHS.ms),
  'what',
].join('  ');

/** The line as it is printed. The columns of one width stand in front, so a long path breaks none of them. */
export function formatted({ at, status, ms, what, order, words, ...line }: WorkLine, paint: Paint): string {
  const painted = (colour: Colour | 'dim' | null, text: string) =>
    colour === null || text === '' ? text : paint(colour, text);
  const outcome = inOneLine(line.outcome);
  const time = at.toISOString().slice(11, 19);
  const duration = ms === null ? '' : `${Math.round(ms)} ms`;
  const columns = [
    painted('dim', time),
    painted(colourOfStatus(status), String(status ?? '')) + blank(WIDTHS.status, String(status ?? '')),
    painted(COLOURS.get(outcome) ?? null, outcome) + blank(WIDTHS.outcome, outcome),
    blank(WIDTHS.ms, duration) + painted('dim', duration),
    inOneLine(what).padEnd(WIDTHS.function),
    ...(order === '' ? [] : [inOneLine(order).padEnd(WIDTHS.order)]),
    painted('dim', inOneLine(words)),
  ];
  return columns.join('  ').trimEnd();
}

/** What fills a column up. */
function blank(width: number, text: string): string {
  return ' '.repeat(Math.max(0, width - text.length));
}

type Colour = 'green' | 'cyan' | 'yellow' | 'magenta' | 'red';

const COLOURS: ReadonlyMap<string, Colour> = new Map([
  ['confirmed', 'green'],
  ['pending', 'cyan'],
  ['unknown', 'yellow'],
  ['refused', 'magenta'],
  ['needs_attention', 'red'],
  ['warning', 'yellow'],
  ['error', 'red'],
]);

function colourOfStatus(status: number | null): Colour | null {
  if (status === null) return null;
  if (status >= 500) return 'red';
  return status >= 400 ? 'yellow' : 'green';
}

/** Others wrote some of it, so it is stripped of all that breaks a line, steers a terminal or turns the direction of reading. */
function inOneLine(text: string): string {
  const left = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  const short = cut(left, MOST_CHARACTERS);
  return short.length < left.length ? `${short}…` : short;
}
