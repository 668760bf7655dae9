import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import * as overSocket from './http-exchange.ts';
import type { ExchangeResult, Outgoing } from './http-exchange.ts';
import type { LostProblem, NotSentProblem } from './provider.ts';

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
  /** One attempt over a fresh connection, so that a cut connection is never an idle one's. For changing calls. */
  send(request: HttpRequest): Promise<HttpResult>;
  /**
   * For requests that change nothing: repeated with full jitter while it is not sent, lost, limited (429) or answered
   * with a 5xx, and the time allows. `Retry-After` is honoured. Returns the last result.
   */
  read(request: HttpRequest): Promise<HttpResult>;
}

const MAX_READ_ATTEMPTS = 4;
const FIRST_PAUSE_MS = 100;

interface HttpClientNeeds {
  clock: Clock;
  log: Logger;
  /** One request over the wire, as `http-exchange.ts` makes it. */
  exchange?: (outgoing: Outgoing) => Promise<ExchangeResult>;
}

/** The one way out to providers. Throws for a base URL without TLS, unless it is on this machine. */
export function createHttpClient(target: HttpTarget, needs: HttpClientNeeds): HttpClient {
  const { clock, log, exchange = overSocket.exchange } = needs;
  if (!isSafeBaseUrl(target.baseUrl))
    throw new Error(`The base URL of ${target.connection} is neither https nor on this machine.`);

  const send = async (request: HttpRequest): Promise<HttpResult> => {
    if (request.url.origin !== target.baseUrl.origin) {
      throw new Error(`A request of ${target.connection} would have left its base URL's origin.`);
    }
    const startedAt = clock.now();
    const result = await exchange(outgoingOf(request));
    logExchange(log, target, request, result, clock.now() - startedAt);
    return resultOf(result, clock.now());
  };

  const read = async (request: HttpRequest): Promise<HttpResult> => {
    const endsAt = clock.now() + request.timeoutMs;
    for (let attempt = 1; ; attempt += 1) {
      const result = await send({ ...request, timeoutMs: endsAt - clock.now() });
      if (!isWorthRepeating(result) || attempt >= MAX_READ_ATTEMPTS) return result;
      const pauseMs = Math.max(jitterMs(attempt, clock), retryAfterOf(result) ?? 0);
      if (clock.now() + pauseMs >= endsAt) return result;
      await clock.sleep(pauseMs);
    }
  };

  return { clock, send, read };
}

export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** The reply's JSON, or undefined where it is none: an HTML page, a truncated or an empty body. */
export function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body.replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
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

/** `hostname` as a URL has it: an IPv4 address is four numbers there, however it was written. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.[\d.]+$/.test(hostname);
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

function retryAfterOf(result: HttpResult): number | null {
  return result.kind === 'reply' ? result.retryAfterMs : null;
}

function isWorthRepeating(result: HttpResult): boolean {
  return result.kind !== 'reply' || result.status === 429 || result.status === 408 || result.status >= 500;
}

/** Full jitter: anything up to a pause that doubles each time. */
function jitterMs(attempt: number, clock: Clock): number {
  return clock.random() * FIRST_PAUSE_MS * 2 ** (attempt - 1);
}

function logExchange(
  log: Logger,
  target: HttpTarget,
  request: HttpRequest,
  result: ExchangeResult,
  durationMs: number,
): void {
  const fields = {
    connection: target.connection,
    provider: target.provider,
    method: request.method,
    path: request.pathTemplate,
    durationMs,
  };
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
