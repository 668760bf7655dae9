import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { codeOf, readBody, textOf } from './http-body.ts';
import type { LostProblem, NotSentProblem } from './call-failure.ts';

/** What goes out. The path and query are those of `url`. */
export interface Outgoing {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** Milliseconds for everything: connecting, sending, headers and body of the reply. */
  readonly timeoutMs: number;
}

export type ExchangeResult =
  /** `headers`: as Node joins them, but `age` with every value that was sent. */
  | { readonly kind: 'reply'; readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: string }
  /** The request surely never left: no connection was made. `code` is for the log. */
  | { readonly kind: 'not_sent'; readonly problem: NotSentProblem; readonly code: string }
  /** A connection stood, so some of the request may have left. */
  | { readonly kind: 'lost'; readonly problem: LostProblem; readonly code: string };

const MAX_HEAD_BYTES = 256 * 1024;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Modules at first use: a static import of `node:http` costs some 30 ms at every cold start, also where nothing is called. */
const builtin = process.getBuiltinModule.bind(process);

/**
 * One request over a connection of its own. Never throws, never follows a redirect, never repeats.
 *
 * The connection is made first, TLS handshake and certificate check included, and the request is given to it only
 * then. So `not_sent` is exact: whatever ends before that moment has not written a byte of the request.
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
  // An IPv6 host stands in brackets in a URL, and without them everywhere else.
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
    // The listener stays: an error between here and the request's own listeners must not be uncaught.
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
        // Header lines may end in LF only. What else this lets pass and is no matter of taste, `isFramedOnce` looks at.
        insecureHTTPParser: true,
        // Node's own bound, 16 KiB, is less than firewalls write in cookies.
        maxHeaderSize: MAX_HEAD_BYTES,
      });
    } catch (error) {
      // A header that cannot be written, such as a credential with a line break in it.
      finish(notSent(codeOf(error)));
      return;
    }
    let reply: IncomingMessage | null = null;
    request.once('response', (response) => {
      reply = response;
      void readReply(response).then(finish);
    });
    request.once('error', (error) => {
      // Bytes behind a complete reply are an error to the parser, and nothing to us.
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
 * Whether the head of a reply says in one way where its body ends (RFC 9112, 6.3): one length, or one transfer coding, which is chunked
 * or none. The lenient parser takes a reply that says both.
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
  // HPE_*: what came back is not HTTP.
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
