import type { Clock } from '../runtime/clock.ts';
import { JsonTooDeep } from '../runtime/errors.ts';
import { parseJson } from '../runtime/exact-json.ts';
import type { Logger } from '../runtime/logger.ts';
import { DATE_STEP_MS, freshnessOf, isClockBehind, lagOf, stampOf, type Stamp } from './freshness.ts';
import * as overSocket from './http-exchange.ts';
import type { ExchangeResult, Outgoing } from './http-exchange.ts';
import { isLoopback } from './loopback.ts';
import type { LostProblem, NotSentProblem } from './call-failure.ts';

/** The account that a client speaks to. It sends to this base URL's origin and to no other. */
export interface HttpTarget {
  readonly connection: string;
  readonly provider: string;
  readonly baseUrl: URL;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: URL;
  /** The path with names in place of ids: all that the log shows of the address. */
  readonly pathTemplate: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text, or null for a request without a body. */
  readonly body: string | null;
  /** Milliseconds for the whole request, and for `read` the repetitions too. At 0 or below nothing is sent. */
  readonly timeoutMs: number;
  /**
   * For `read`: a reply that shows that it was made before this moment (epoch milliseconds) proves nothing, and is lost. Where it is
   * missing, or still to come, that moment is when the request is sent.
   */
  readonly madeAfter?: number;
}

export interface HttpReply {
  readonly kind: 'reply';
  readonly status: number;
  /** What `Retry-After` asks for, in milliseconds from now; null where it is missing or makes no sense. */
  readonly retryAfterMs: number | null;
  /** The media type of `Content-Type`, in lower case and without parameters; null where it is missing. */
  readonly contentType: string | null;
  /** Whether there is an `X-Request-Id`, which applications write, and most of what stands before them does not. */
  readonly hasRequestId: boolean;
  readonly body: string;
}

export type HttpResult =
  | HttpReply
  /** The request surely never left: no connection was made. */
  | { readonly kind: 'not_sent'; readonly problem: NotSentProblem }
  /** The request may have arrived; there is no whole reply to it. */
  | { readonly kind: 'lost'; readonly problem: LostProblem };

export interface HttpClient {
  /** The time that budgets and dates are reckoned by. */
  readonly clock: Clock;
  /** Whose entries name the connection and its provider. */
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /**
   * One attempt over a fresh connection, so that a cut connection is never an idle one's. For changing calls. A reply that a cache had
   * before the request was sent is none to it: it is lost.
   */
  send(request: HttpRequest): Promise<HttpResult>;
  /**
   * For requests that change nothing: repeated with full jitter while it is not sent, lost, limited (429) or answered
   * with a 5xx, or with what is stale, and the time allows. `Retry-After` is honoured. Returns the last result. Asks past caches.
   */
  read(request: HttpRequest): Promise<HttpResult>;
}

const MAX_READ_ATTEMPTS = 4;
const FIRST_PAUSE_MS = 100;
/** `Pragma` is for caches that know HTTP/1.0 only, and for those that were set up to go by it (nginx's own example of a bypass). */
const PAST_CACHES = { 'cache-control': 'no-cache', pragma: 'no-cache' };

const STALE = { kind: 'lost', problem: 'stale_reply' } as const;

interface HttpClientNeeds {
  clock: Clock;
  log: Logger;
  /** One request over the wire, as `http-exchange.ts` makes it. */
  exchange?: (outgoing: Outgoing) => Promise<ExchangeResult>;
}

/** The one way out to providers. Throws for a base URL without TLS, unless it is on this machine. */
export function createHttpClient(target: HttpTarget, needs: HttpClientNeeds): HttpClient {
  const { clock, exchange = overSocket.exchange } = needs;
  const log = named(needs.log, { connection: target.connection, provider: target.provider });
  if (!isSafeBaseUrl(target.baseUrl))
    throw new Error(`The base URL of ${target.connection} is neither https nor on this machine.`);

  /** By how much the provider's clock was last seen to be behind ours. */
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

  /** What a call came to, told in the log where a cache answered it. */
  const ended = (request: HttpRequest, result: HttpResult, stamp: Stamp | null): HttpResult => {
    if (!isStale(result) || stamp === null) return result;
    const { method, pathTemplate: path } = request;
    const { ageMs, date, receivedAt } = stamp;
    log.warn('PROVIDER_REPLY_STALE', { method, path, ageMs, dateBehindMs: date === null ? null : receivedAt - date });
    return result;
  };

  const send = async (request: HttpRequest): Promise<HttpResult> => {
    const { result, stamp } = await once(request);
    // The `Date` of one reply does not tell whether it is stale or of a clock that is behind.
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

/** The same client, whose reads prove something only where they were made after that moment; see {@link HttpRequest.madeAfter}. */
export function readingAfter(http: HttpClient, madeAfter: number | undefined): HttpClient {
  if (madeAfter === undefined) return http;
  return { ...http, read: (request) => http.read({ ...request, madeAfter }) };
}

export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/**
 * The reply's JSON, or undefined where it is none: an HTML page, a truncated or an empty body. Null where it nests too deep to be
 * read. A number that would lose a digit is a `LongNumber`.
 */
export function jsonOf(body: string): unknown {
  try {
    return parseJson(body);
  } catch (error) {
    return error instanceof JsonTooDeep ? null : undefined;
  }
}

/** The address of a call. The API's prefix (`/api/v1`) may stand at the end of the base URL already, or not. */
export function endpoint(baseUrl: URL, prefix: string, path: string): URL {
  const base = baseUrl.pathname.replace(/\/+$/, '');
  const url = new URL(baseUrl.origin);
  // Not as a reference to be resolved: one that begins with two slashes would name another host.
  url.pathname = `${base.endsWith(prefix) ? base : base + prefix}${path}`;
  return url;
}

/** https anywhere; plain http only on this machine. */
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
  // Without a letter it is no HTTP date, and Date.parse would take "-5" or "1.5" for one.
  const date = /^[A-Za-z]{3}/.test(value) ? Date.parse(value) : NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

/** How long to wait at least before a read is repeated. */
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

/** Full jitter: anything up to a pause that doubles each time. */
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
