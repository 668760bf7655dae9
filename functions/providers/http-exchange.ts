import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { codeOf, readBody, textOf } from './http-body.ts';
import type { LostProblem, NotSentProblem } from './call-failure.ts';

/** A request to be sent. Its path and query are those of `url`. */
export interface Outgoing {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** Milliseconds for everything: connecting, sending, and reading the reply's headers and body. */
  readonly timeoutMs: number;
}

export type ExchangeResult =
  /** `headers` are as Node joins them, but `age` has every value that was sent. */
  | { readonly kind: 'reply'; readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: string }
  /** The request surely never left: no connection was made. `code` is for the log. */
  | { readonly kind: 'not_sent'; readonly problem: NotSentProblem; readonly code: string }
  /** A connection was made, so part of the request may have left. */
  | { readonly kind: 'lost'; readonly problem: LostProblem; readonly code: string };

const MAX_HEAD_BYTES = 256 * 1024;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Modules are loaded at first use: a static import of `node:http` costs about 30 ms at every cold start, even if nothing is called. */
const builtin = process.getBuiltinModule.bind(process);

/**
 * Sends one request over its own connection. Never throws, never follows a redirect, never repeats.
 *
 * The connection is made first, including the TLS handshake and the certificate check, and the request is handed to it only then.
 * So `not_sent` is exact: a failure before that moment has not written a byte of the request.
 */
export async function exchange(outgoing: Outgoing): Promise<ExchangeResult> {
  if (!(outgoing.timeoutMs > 0)) return notSent('NO_TIME_LEFT');
  const endsAt = performance.now() + outgoing.timeoutMs;

  const connection = await connect(outgoing.url, outgoing.timeoutMs);
  if (connection.kind === 'failed') return notSent(connection.code);
  const remainingMs = endsAt - performance.now();
  if (remainingMs <= 0) {
    connection.socket.destroy();
    return notSent('TIMED_OUT');
  }
  return talk(connection.socket, { ...outgoing, timeoutMs: remainingMs });
}

type Connection = { kind: 'made'; socket: Socket } | { kind: 'failed'; code: string };

function connect(url: URL, timeoutMs: number): Promise<Connection> {
  const isTls = url.protocol === 'https:';
  // An IPv6 host has brackets in a URL, and none everywhere else.
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port) || (isTls ? 443 : 80);

  return new Promise((resolve) => {
    const socket = isTls
      ? builtin('node:tls').connect({ host, port, ...(isAddress(host) ? {} : { servername: host }) })
      : builtin('node:net').connect({ host, port });
    const giveUp = (code: string) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ kind: 'failed', code });
    };
    const timer = setTimeout(() => {
      giveUp('TIMED_OUT');
    }, toTimer(timeoutMs));
    // The listener stays, to catch an error that comes before the request adds its own listeners.
    socket.on('error', (error) => {
      giveUp(codeOf(error));
    });
    socket.once('close', () => {
      giveUp('CLOSED');
    });
    socket.once(isTls ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer);
      resolve({ kind: 'made', socket });
    });
  });
}

function talk(socket: Socket, outgoing: Outgoing): Promise<ExchangeResult> {
  return new Promise((resolve) => {
    const finish = (result: ExchangeResult) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => {
      finish(lost('timed_out', 'TIMED_OUT'));
    }, toTimer(outgoing.timeoutMs));

    let request: ClientRequest;
    try {
      request = builtin('node:http').request({
        createConnection: () => socket,
        method: outgoing.method,
        path: `${outgoing.url.pathname}${outgoing.url.search}`,
        headers: requestHeaders(outgoing),
        // Accepts header lines that end in LF only. The other leniencies are harmless, except ambiguous framing, which
        // `isFramedOnce` rejects.
        insecureHTTPParser: true,
        // Node's own limit, 16 KiB, is less than some firewalls write in cookies.
        maxHeaderSize: MAX_HEAD_BYTES,
      });
    } catch (error) {
      // For example a header that cannot be written because the credential contains a line break.
      finish(notSent(codeOf(error)));
      return;
    }
    let reply: IncomingMessage | null = null;
    request.once('response', (response) => {
      reply = response;
      void readReply(response).then(finish);
    });
    request.once('error', (error) => {
      // The parser fails on bytes after a complete reply; we ignore them.
      if (reply?.complete !== true) finish(failureOf(error));
    });
    request.once('close', () => {
      if (reply === null) finish(lost('connection_cut', 'CLOSED'));
    });
    request.end(outgoing.body ?? undefined);
  });
}

function requestHeaders({ url, headers, body, method }: Outgoing): Record<string, string> {
  const length =
    body === null
      ? method === 'GET'
        ? {}
        : { 'content-length': '0' }
      : { 'content-length': String(Buffer.byteLength(body)) };
  return { ...headers, ...length, host: url.host, connection: 'close', 'accept-encoding': 'identity' };
}

async function readReply(response: IncomingMessage): Promise<ExchangeResult> {
  if (!isFramedOnce(response.rawHeaders)) return lost('unreadable_reply', 'AMBIGUOUS_LENGTH');
  const body = await readBody(response);
  if (body.kind === 'cut') return failureOf({ code: body.code });
  if (body.kind === 'unreadable') return lost('unreadable_reply', body.code);
  const text = textOf(body.bytes, response.headers['content-type']);
  if (text === null) return lost('unreadable_reply', 'UNKNOWN_CHARSET');
  const ages = response.headersDistinct['age'];
  const headers = ages === undefined ? response.headers : { ...response.headers, age: ages.join(', ') };
  return { kind: 'reply', status: response.statusCode ?? 0, headers, body: text };
}

/**
 * Whether a reply's head says in exactly one way where its body ends (RFC 9112, 6.3): by one length, or by one transfer coding,
 * which is `chunked` or `identity`. The lenient parser accepts a reply that says both.
 */
function isFramedOnce(rawHeaders: readonly string[]): boolean {
  const valuesOf = (name: string): Set<string> => {
    const values = rawHeaders.filter((_, index) => index % 2 === 1 && nameAt(rawHeaders, index - 1) === name);
    return new Set(values.flatMap((value) => value.split(',')).map((value) => value.trim().toLowerCase()));
  };
  const lengths = valuesOf('content-length');
  const codings = valuesOf('transfer-encoding');
  const isKnown = codings.size === 0 || codings.has('chunked') || codings.has('identity');
  return isKnown && lengths.size + codings.size <= 1;
}

function nameAt(rawHeaders: readonly string[], index: number): string | undefined {
  return rawHeaders[index]?.trim().toLowerCase();
}

function failureOf(error: unknown): ExchangeResult {
  const code = codeOf(error);
  // HPE_*: the reply is not HTTP.
  return lost(code.startsWith('HPE_') ? 'unreadable_reply' : 'connection_cut', code);
}

function notSent(code: string): ExchangeResult {
  return { kind: 'not_sent', problem: 'provider_unreachable', code };
}

function lost(problem: LostProblem, code: string): ExchangeResult {
  return { kind: 'lost', problem, code };
}

function isAddress(host: string): boolean {
  return builtin('node:net').isIP(host) !== 0;
}

function toTimer(ms: number): number {
  return Math.min(Math.ceil(ms), LONGEST_TIMER_MS);
}
