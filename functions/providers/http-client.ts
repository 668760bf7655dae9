import type { Clock } from '../runtime/clock.ts';
import { JsonTooDeep } from '../runtime/errors.ts';
import { parseJson } from '../runtime/exact-json.ts';
import type { Logger } from '../runtime/logger.ts';
import { DATE_STEP_MS, freshnessOf, isClockBehind, lagOf, stampOf, type Stamp } from './freshness.ts';
import * as overSocket from './http-exchange.ts';
import type { ExchangeResult, Outgoing } from './http-exchange.ts';
import { isLoopback } from './loopback.ts';
import type { LostProblem, NotSentProblem } from './call-failure.ts';

/** The account that a client calls. The client sends to this base URL's origin and to no other. */
export interface HttpTarget {
  readonly connection: string;
  readonly provider: string;
  readonly baseUrl: URL;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: URL;
  /** The path with names in place of ids. The log shows no other part of the address. */
  readonly pathTemplate: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text, or null for a request without a body. */
  readonly body: string | null;
  /** Milliseconds for the whole request, in `read` with its repetitions. At 0 or less, nothing is sent. */
  readonly timeoutMs: number;
  /**
   * For `read`: a reply that shows that it was made before this moment (epoch milliseconds) proves nothing and counts as lost. If
   * this is missing or in the future, the moment of sending counts instead.
   */
  readonly madeAfter?: number;
}

export interface HttpReply {
  readonly kind: 'reply';
  readonly status: number;
  /** The pause that `Retry-After` asks for, in milliseconds from now; null if it is missing or invalid. */
  readonly retryAfterMs: number | null;
  /** The media type of `Content-Type`, in lower case and without parameters; null if it is missing. */
  readonly contentType: string | null;
  /** Whether there is an `X-Request-Id`. Applications write one; most proxies in front of them do not. */
  readonly hasRequestId: boolean;
  readonly body: string;
}

export type HttpResult =
  | HttpReply
  /** The request surely never left: no connection was made. */
  | { readonly kind: 'not_sent'; readonly problem: NotSentProblem }
  /** The request may have arrived, but no complete reply came back. */
  | { readonly kind: 'lost'; readonly problem: LostProblem };

export interface HttpClient {
  /** The clock for budgets and dates. */
  readonly clock: Clock;
  /** Its entries name the connection and its provider. */
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /**
   * Sends a changing call once, over a new connection: a reused one may be cut while it is idle. A reply that a cache held before
   * the request was sent counts as lost.
   */
  send(request: HttpRequest): Promise<HttpResult>;
  /**
   * Sends a request that changes nothing, and asks caches for a fresh reply. Repeats it with full jitter, within its time, while it
   * is not sent, lost, limited (429), answered with a 5xx, or answered with a stale reply. Honours `Retry-After`. Returns the last
   * result.
   */
  read(request: HttpRequest): Promise<HttpResult>;
}

const MAX_READ_ATTEMPTS = 4;
const FIRST_PAUSE_MS = 100;
/** `Pragma` is for caches that know only HTTP/1.0, and for those configured to obey it (as in nginx's own example of a bypass). */
const PAST_CACHES = { 'cache-control': 'no-cache', pragma: 'no-cache' };

const STALE = { kind: 'lost', problem: 'stale_reply' } as const;

interface HttpClientNeeds {
  clock: Clock;
  log: Logger;
  /** Sends one request over the wire; `http-exchange.ts` by default. */
  exchange?: (outgoing: Outgoing) => Promise<ExchangeResult>;
}

/** Creates the client for all calls to providers. Throws if the base URL has no TLS, unless it is on this machine. */
export function createHttpClient(target: HttpTarget, needs: HttpClientNeeds): HttpClient {
  const { clock, exchange = overSocket.exchange } = needs;
  const log = named(needs.log, { connection: target.connection, provider: target.provider });
  if (!isSafeBaseUrl(target.baseUrl))
    throw new Error(`The base URL of ${target.connection} is neither https nor on this machine.`);

  /** By how much the provider's clock was behind ours when last seen. */
  let lagMs = 0;

  const once = async (request: HttpRequest): Promise<{ result: HttpResult; stamp: Stamp | null }> => {
    if (request.url.origin !== target.baseUrl.origin) {
      throw new Error(`A request of ${target.connection} would have left its base URL's origin.`);
    }
    const sentAt = clock.now();
    const result = await exchange(outgoingOf(request));
    const receivedAt = clock.now();
    logExchange(log, request, result, receivedAt - sentAt);
    const stamp = result.kind === 'reply' ? stampOf(result.headers, { sentAt, receivedAt }) : null;
    return { result: resultOf(result, receivedAt), stamp };
  };

  /** Returns a call's result, and logs it if a cache answered. */
  const ended = (request: HttpRequest, result: HttpResult, stamp: Stamp | null): HttpResult => {
    if (!isStale(result) || stamp === null) return result;
    const { method, pathTemplate: path } = request;
    const { ageMs, date, receivedAt } = stamp;
    log.warn('PROVIDER_REPLY_STALE', { method, path, ageMs, dateBehindMs: date === null ? null : receivedAt - date });
    return result;
  };

  const send = async (request: HttpRequest): Promise<HttpResult> => {
    const { result, stamp } = await once(request);
    // The `Date` of a single reply does not tell a stale reply from a clock that is behind.
    const isOfCache = stamp !== null && !isWorthRepeating(result) && freshnessOf(stamp, null, lagMs) === 'stale';
    return ended(request, isOfCache ? STALE : result, stamp);
  };

  const read = async (request: HttpRequest): Promise<HttpResult> => {
    const endsAt = clock.now() + request.timeoutMs;
    let earlier: Stamp | null = null;
    for (let attempt = 1; ; attempt += 1) {
      const headers = { ...request.headers, ...PAST_CACHES };
      const { result, stamp } = await once({ ...request, headers, timeoutMs: endsAt - clock.now() });
      let seen = result;
      if (stamp !== null && !isWorthRepeating(result)) {
        const freshness = freshnessOf(stamp, request.madeAfter ?? null, lagMs);
        const isFresh =
          freshness === 'doubtful' && earlier !== null ? isClockBehind(earlier, stamp) : freshness === 'fresh';
        earlier = stamp;
        if (isFresh) lagMs = freshness === 'fresh' ? Math.min(lagMs, lagOf(stamp)) : lagOf(stamp);
        else seen = STALE;
      }
      if (!isWorthRepeating(seen) || attempt >= MAX_READ_ATTEMPTS) return ended(request, seen, stamp);
      const pauseMs = Math.max(jitterMs(attempt, clock), pauseAfter(seen));
      if (clock.now() + pauseMs >= endsAt) return ended(request, seen, stamp);
      await clock.sleep(pauseMs);
    }
  };

  return { clock, log, send, read };
}

/** Returns the same client, whose reads prove something only if they were made after that moment; see {@link HttpRequest.madeAfter}. */
export function readingAfter(http: HttpClient, madeAfter: number | undefined): HttpClient {
  if (madeAfter === undefined) return http;
  return { ...http, read: (request) => http.read({ ...request, madeAfter }) };
}

export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/**
 * Parses a reply's JSON. Undefined if it is not JSON: an HTML page, a truncated or an empty body. Null if it is nested too deep to
 * be read. A number that would lose a digit is a `LongNumber`.
 */
export function jsonOf(body: string): unknown {
  try {
    return parseJson(body);
  } catch (error) {
    return error instanceof JsonTooDeep ? null : undefined;
  }
}

/** Returns the address of a call. The base URL may already end with the API's prefix (`/api/v1`). */
export function endpoint(baseUrl: URL, prefix: string, path: string): URL {
  const base = baseUrl.pathname.replace(/\/+$/, '');
  const url = new URL(baseUrl.origin);
  // Not resolved as a reference: one that begins with two slashes would name another host.
  url.pathname = `${base.endsWith(prefix) ? base : base + prefix}${path}`;
  return url;
}

/** Whether the URL is https, or plain http on this machine. */
export function isSafeBaseUrl(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
}

function outgoingOf({ method, url, headers, body, timeoutMs }: HttpRequest): Outgoing {
  return { method, url, headers, body, timeoutMs };
}

function resultOf(result: ExchangeResult, now: number): HttpResult {
  if (result.kind === 'not_sent') return { kind: 'not_sent', problem: result.problem };
  if (result.kind === 'lost') return { kind: 'lost', problem: result.problem };
  return {
    kind: 'reply',
    status: result.status,
    retryAfterMs: parseRetryAfter(result.headers['retry-after'], now),
    contentType: result.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() || null,
    hasRequestId: (result.headers['x-request-id'] ?? '') !== '',
    body: result.body,
  };
}

/** RFC 9110, section 10.2.3: whole seconds, or a date. */
function parseRetryAfter(header: string | undefined, now: number): number | null {
  const value = header?.trim() ?? '';
  if (/^\d+$/.test(value)) return Number(value) * 1_000;
  // An HTTP date begins with letters; Date.parse would also accept "-5" or "1.5".
  const date = /^[A-Za-z]{3}/.test(value) ? Date.parse(value) : NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

/** The least pause before a read is repeated. */
function pauseAfter(result: HttpResult): number {
  if (result.kind === 'reply') return result.retryAfterMs ?? 0;
  return isStale(result) ? DATE_STEP_MS : 0;
}

function isStale(result: HttpResult): boolean {
  return result.kind === 'lost' && result.problem === 'stale_reply';
}

function isWorthRepeating(result: HttpResult): boolean {
  return result.kind !== 'reply' || result.status === 429 || result.status === 408 || result.status >= 500;
}

/** Full jitter: a random pause up to a limit that doubles each time. */
function jitterMs(attempt: number, clock: Clock): number {
  return clock.random() * FIRST_PAUSE_MS * 2 ** (attempt - 1);
}

function named(log: Logger, names: Record<string, unknown>): HttpClient['log'] {
  return {
    info: (code, fields) => {
      log.info(code, { ...names, ...fields });
    },
    warn: (code, fields) => {
      log.warn(code, { ...names, ...fields });
    },
  };
}

function logExchange(
  log: HttpClient['log'],
  { method, pathTemplate: path }: HttpRequest,
  result: ExchangeResult,
  durationMs: number,
): void {
  const fields = { method, path, durationMs };
  if (result.kind === 'reply') {
    log.info('PROVIDER_REPLIED', { ...fields, status: result.status, bytes: Buffer.byteLength(result.body) });
  } else {
    log.warn(result.kind === 'not_sent' ? 'PROVIDER_NOT_REACHED' : 'PROVIDER_REPLY_LOST', {
      ...fields,
      problem: result.problem,
      code: result.code,
    });
  }
}
