import { LogFormatter, Logger as PowertoolsLogger, LogItem } from '@aws-lambda-powertools/logger';
import type { LogAttributes, UnformattedAttributes } from '@aws-lambda-powertools/logger/types';
import type { LogCode } from './log-codes.ts';
import { redact } from './redact.ts';

/** Writes one redacted JSON line per entry. The code is the entry's `message`. */
export interface Logger {
  info(code: LogCode, fields?: Record<string, unknown>): void;
  warn(code: LogCode, fields?: Record<string, unknown>): void;
  error(code: LogCode, fields?: Record<string, unknown>): void;
}

export interface InvocationLogger extends Logger {
  /** From now on entries carry this request id. A container works on one invocation at a time. */
  begin(requestId: string): void;
}

/** `functionName` is the Lambda's own name (`cancel-order`), not the one that the stack generates for it. */
export function createLogger(functionName: string): InvocationLogger {
  const logger = new PowertoolsLogger({ logFormatter: new RedactingFormatter(functionName) });
  return {
    info: (code, fields = {}) => {
      logger.info(code, { fields });
    },
    warn: (code, fields = {}) => {
      logger.warn(code, { fields });
    },
    error: (code, fields = {}) => {
      logger.error(code, { fields });
    },
    begin: (requestId) => {
      logger.appendKeys({ requestId });
    },
  };
}

/** Powertools has no redaction of its own; a formatter, which must be a class, is its place for one. */
class RedactingFormatter extends LogFormatter {
  readonly #functionName: string;

  constructor(functionName: string) {
    super();
    this.#functionName = functionName;
  }

  override formatAttributes(entry: UnformattedAttributes, { requestId, fields }: LogAttributes): LogItem {
    const head = {
      time: entry.timestamp.toISOString(),
      level: entry.logLevel,
      message: entry.message,
      function: this.#functionName,
      requestId,
    };
    // `head` comes twice: first in the line, and last, so that no field of the same name overwrites it.
    return new LogItem({ attributes: { ...head, ...asObject(redacted(fields, 0)), ...head } });
  }
}

const DEEPEST = 6;

/** Returns the value with every text in it redacted, keys included. Errors become plain objects; values nested too deep are left out. */
function redacted(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redact(value);
  // A number of ten digits or more may well be a document's or a telephone's.
  if (typeof value === 'number' || typeof value === 'bigint')
    return Math.abs(Number(value)) < 1e9 ? value : redactedNumber(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEEPEST) return '[too deep]';
  if (value instanceof Error) return redactedError(value, depth);
  if (Array.isArray(value)) return value.map((member) => redacted(member, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      redact(key),
      namesOrder(key, member) ? member : redacted(member, depth + 1),
    ]),
  );
}

/** The fields that name an order, with their forms: its id, `connection:orderId`, and `connection:orderId:number`. */
const ORDER_NAMES: ReadonlyMap<string, RegExp> = new Map([
  ['orderId', /^()\d{1,18}$/],
  ['order', /^([a-z0-9][a-z0-9-]{0,62}):\d{1,18}$/],
  ['operation', /^([a-z0-9][a-z0-9-]{0,62}):\d{1,18}:[1-9]\d{0,8}$/],
]);

/** Whether the field names an order. Its id is logged unredacted, though it may look like a telephone number: without it nobody finds the order. */
function namesOrder(key: string, value: unknown): boolean {
  const [, connection] = (typeof value === 'string' && ORDER_NAMES.get(key)?.exec(value)) || [];
  return connection !== undefined && redact(connection) === connection;
}

function redactedNumber(value: number | bigint): unknown {
  const text = String(value);
  const left = redact(text);
  return left === text ? value : left;
}

/** Keeps only the members that every error has: others may hold a reply's body. */
function redactedError(error: Error, depth: number): unknown {
  const { name, message, stack, cause } = error;
  return redacted({ name, message, stack, ...(cause === undefined ? {} : { cause }) }, depth + 1);
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}
