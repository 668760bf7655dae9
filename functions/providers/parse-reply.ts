import type * as z from 'zod';
import type { HttpClient } from './http-client.ts';

const MOST_PROBLEMS = 10;
/** Unknown statuses that this container has already logged, by connection; at most {@link MOST_TOLD}. */
const told = new Set<string>();
const MOST_TOLD = 1_000;

/**
 * Parses a provider's JSON by a schema; null if it does not fit. The log then says where it differs from the schema (`order.status:
 * missing`), never the value.
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

/** Logs why a reply cannot be read. `problems` contain no value of the reply. */
export function noteUnreadable(http: HttpClient, problems: readonly string[]): void {
  http.log.warn('PROVIDER_REPLY_UNREADABLE', { problems: problems.slice(0, MOST_PROBLEMS) });
}

/** Logs once a status that is in none of the provider's vocabularies. */
export function noteUnknownStatus(http: HttpClient, connection: string, status: string): void {
  const key = `${connection} ${wordOf(status)}`;
  if (told.has(key) || told.size >= MOST_TOLD) return;
  told.add(key);
  http.log.info('PROVIDER_STATUS_UNKNOWN', { status: wordOf(status) });
}

/** Logs that an order's status speaks of cancelling without being the provider's documented word for it. */
export function noteUnclearStatus(http: HttpClient, orderId: string, status: string): void {
  http.log.warn('PROVIDER_STATUS_UNCLEAR', { orderId, status: wordOf(status) });
}

/** Returns a status that looks like one. Any other text in its place may be personal. */
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
