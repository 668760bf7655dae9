import type * as z from 'zod';
import type { HttpClient } from './http-client.ts';

const MOST_PROBLEMS = 10;
/** Statuses that this container has told of, by connection; so many at most. */
const told = new Set<string>();
const MOST_TOLD = 1_000;

/**
 * A provider's JSON in the shape that we know, or null where it has another one. Then the log says where in the schema it differs
 * (`order.status: missing`), never what stands there.
 */
export function parseReply<Schema extends z.ZodType>(
  schema: Schema,
  json: unknown,
  http: HttpClient,
): z.output<Schema> | null {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  noteUnreadable(http, json === undefined ? ['no JSON'] : parsed.error.issues.map((issue) => problemOf(issue, json)));
  return null;
}

/** Tells in the log why a reply cannot be read. `problems` hold no value of the reply. */
export function noteUnreadable(http: HttpClient, problems: readonly string[]): void {
  http.log.warn('PROVIDER_REPLY_UNREADABLE', { problems: problems.slice(0, MOST_PROBLEMS) });
}

/** Tells in the log, once, of a status that is in none of the provider's vocabularies. */
export function noteUnknownStatus(http: HttpClient, connection: string, status: string): void {
  const key = `${connection} ${wordOf(status)}`;
  if (told.has(key) || told.size >= MOST_TOLD) return;
  told.add(key);
  http.log.info('PROVIDER_STATUS_UNKNOWN', { status: wordOf(status) });
}

/** Tells in the log that an order's status speaks of cancelling in a word that is not the provider's for it. */
export function noteUnclearStatus(http: HttpClient, orderId: string, status: string): void {
  http.log.warn('PROVIDER_STATUS_UNCLEAR', { orderId, status: wordOf(status) });
}

/** A status that looks like one. Anything else that stands in its place may be personal. */
function wordOf(status: string): string {
  return /^[\p{L}_. /-]{1,40}$/u.test(status.trim()) ? status.trim() : '[no word]';
}

function problemOf({ path, code, ...issue }: z.core.$ZodIssue, json: unknown): string {
  const place = path.map(String).join('.') || 'reply';
  const value = valueAt(json, path);
  if (value === undefined) return `${place}: missing`;
  if (code !== 'invalid_type' || !('expected' in issue)) return `${place}: ${code}`;
  return `${place}: ${typeNameOf(value)} in place of ${issue.expected}`;
}

function valueAt(json: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null
        ? Object.entries(value).find(([name]) => name === String(key))?.[1]
        : undefined,
    json,
  );
}

function typeNameOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
