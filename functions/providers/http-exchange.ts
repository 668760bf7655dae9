import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { LostProblem, NotSentProblem } from './provider.ts';

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
  | { readonly kind: 'reply'; readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: string }
  /** The request surely never left: no connection was made. `code` is for the log. */
  | { readonly kind: 'not_sent'; readonly problem: NotSentProblem; readonly code: string }
  /** A connection stood, so some of the request may have left. */
  | { readonly kind: 'lost'; readonly problem: LostProblem; readonly code: string };

/** A reply beyond this is not read to its end. */
export const MAX_REPLY_BYTES = 5 * 1024 * 1024;

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
      });
    } catch (error) {
      // A header that cannot be written, such as a credential with a line break in it.
      finish(notSent(codeOf(error)));
      return;
    }
    let replied = false;
    request.once('response', (response) => {
      replied = true;
      void readReply(response).then(finish);
    });
    request.once('error', (error) => {
      finish(failureOf(error));
    });
    request.once('close', () => {
      if (!replied) finish(lost('connection_cut', 'CLOSED'));
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

function readReply(response: IncomingMessage): Promise<ExchangeResult> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_REPLY_BYTES) resolve(lost('unreadable_reply', 'TOO_LARGE'));
      else chunks.push(chunk);
    });
    response.once('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      resolve({ kind: 'reply', status: response.statusCode ?? 0, headers: response.headers, body });
    });
    response.once('error', (error) => {
      resolve(failureOf(error));
    });
    response.once('close', () => {
      resolve(lost('connection_cut', 'CLOSED'));
    });
  });
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

/** The system's or Node's code of an error. Its message is left out: it may quote what was sent. */
function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return 'UNKNOWN';
  return typeof error.code === 'string' ? error.code : 'UNKNOWN';
}

function isAddress(host: string): boolean {
  return builtin('node:net').isIP(host) !== 0;
}

function toTimer(ms: number): number {
  return Math.min(Math.ceil(ms), LONGEST_TIMER_MS);
}
