import { LOG_CODES, type LogCode } from '../../../functions/runtime/log-codes.ts';
import type { LogEntry } from '../aws/function-log.ts';
import { adviceOn, countsIn, type Places } from './facts.ts';
import type { WorkLine } from './work-line.ts';

/** The line of an entry of the functions' log. Null for what a request's own line has, and for a call that the provider answered. */
export function entryLine(entry: LogEntry, places: Places): WorkLine | null {
  const { at, ms, level, code, functionName, fields } = entry;
  if (LEFT_OUT.has(code)) return null;
  const line = { at, ms, status: null, what: functionName, order: orderIn(fields) };
  if (MOVES.has(code)) return { ...line, outcome: textIn(fields, 'outcome'), words: wordsOfMove(fields) };
  const outcome = level === 'INFO' || level === 'DEBUG' ? '' : level === 'WARN' ? 'warning' : 'error';
  return { ...line, outcome, words: wordsOf(entry, places) };
}

const LEFT_OUT: ReadonlySet<string> = new Set<LogCode>(['REQUEST_ANSWERED', 'PROVIDER_REPLIED']);
const MOVES: ReadonlySet<string> = new Set<LogCode>(['OPERATION_MOVED', 'OPERATION_NEEDS_ATTENTION']);
const SENTENCES: ReadonlyMap<string, string> = new Map(Object.entries(LOG_CODES));

type Fields = LogEntry['fields'];

function textIn(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === 'string' ? value : '';
}

function orderIn(fields: Fields): string {
  const [connection, orderId] = [textIn(fields, 'connection'), textIn(fields, 'orderId')];
  const named = connection !== '' && orderId !== '' ? `${connection}:${orderId}` : connection;
  return [textIn(fields, 'operation'), textIn(fields, 'order'), named, textIn(fields, 'webhook')].find(isSome) ?? '';
}

function wordsOfMove(fields: Fields): string {
  const asks = Number(fields['attempts']);
  const advice = adviceOn({ id: textIn(fields, 'operation'), outcome: textIn(fields, 'outcome') });
  return `${textIn(fields, 'detail')}${asks > 1 ? `, ask ${asks}` : ''}${advice}`;
}

/** The code's sentences from the catalogue of log codes, the facts in the first of them, and for an error what to do. */
function wordsOf({ level, code, fields }: LogEntry, { functionLog, connectionsFile }: Places): string {
  // Some say that the entry says more: here it follows.
  const sentences = SENTENCES.get(code)?.replace(/ The entry [^.;]*\./g, '') ?? `${code}.`;
  const facts = factsIn(fields).join(', ') || (code === 'SETTLE_RUN_ENDED' ? 'nothing was due' : '');
  const words = facts === '' ? sentences : sentences.replace(/\.(?= [A-Z]|$)/, () => `: ${facts}.`);
  if (code === 'CONNECTION_NEEDS_REAUTH') return `${words} Store it in ${connectionsFile}.`;
  return level === 'ERROR' || level === 'CRITICAL' ? `${words} ${functionLog} has more.` : words;
}

/** The reason, as it was logged (the logger has redacted it); without one, the counts. */
function factsIn(fields: Fields): string[] {
  const [reason] = [...REASONS.map((name) => textIn(fields, name)), messageOf(fields['error'])].filter(isSome);
  if (reason !== undefined) return [reason.replace(/\.$/, '')];
  const { durationMs: _, attempt: __, ...counts } = fields;
  return [...countsIn(counts), ...Object.entries(haltedIn(fields)).map(([name, why]) => `${name} ${String(why)}`)];
}

const REASONS = ['problem', 'why', 'explanation'];

/** The first line alone: the rest may be a stack of calls. */
function messageOf(error: unknown): string {
  const message = typeof error === 'object' && error !== null && 'message' in error ? error.message : error;
  const [first = ''] = typeof message === 'string' ? message.split('\n') : [];
  return first;
}

function haltedIn({ halted }: Fields): object {
  return typeof halted === 'object' && halted !== null ? halted : {};
}

function isSome(text: string): boolean {
  return text !== '';
}
