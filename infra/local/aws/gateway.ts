import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { listen } from '../../listen.ts';
import type { InvocationResult } from './execution-environment.ts';
import { authorizerEvent, integrationEvent, type WireRequest } from './gateway-event.ts';
import { gatewayReply, replyOf, type WireReply } from './gateway-reply.ts';
import { requestTarget } from './request-target.ts';
import { matchRoute, type Route, type RouteMatch } from '../../match-route.ts';

export interface Gateway {
  readonly url: string;
  /** Takes no more requests, gives those under way `graceMs`, then cuts them off. */
  close(graceMs: number): Promise<void>;
}

export interface GatewayNeeds {
  readonly routes: readonly Route[];
  /** An invocation that has not begun when `abandoned` fires is given up. */
  readonly invoke: (functionName: string, event: unknown, abandoned?: AbortSignal) => Promise<InvocationResult>;
  /** 0: any free port. */
  readonly port: number;
  /** How long a function's answer is waited for; an HTTP API waits for 30 s at the most. */
  readonly integrationTimeoutMs?: number;
  readonly onAnswered?: (answered: Answered) => void;
}

/** A request, and how it was answered. */
export interface Answered {
  readonly at: Date;
  readonly method: string;
  /** Path and query, undecoded. */
  readonly target: string;
  readonly match: RouteMatch<Route> | null;
  readonly reply: WireReply;
  readonly ms: number;
  /** Whether its caller was still there to hear it. */
  readonly isHeard: boolean;
}

const MOST_REQUEST_BYTES = 10 * 1024 * 1024;
const INTEGRATION_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_MS = 60_000;

/** Serves an HTTP API's routes on a port of this machine. */
export async function startGateway(needs: GatewayNeeds): Promise<Gateway> {
  const server = createServer((incoming, response) => {
    serve(incoming, response, needs).catch(() => response.destroy());
  });
  // Node's 5 s are about as long as clients keep an idle connection: one that is closed as it is used again looks like a lost answer.
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  const port = await listen(server, needs.port);
  return {
    url: `http://127.0.0.1:${port}`,
    async close(graceMs) {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      await Promise.race([closed, sleep(graceMs, undefined, { ref: false })]);
      server.closeAllConnections();
      await closed;
    },
  };
}

async function serve(incoming: IncomingMessage, response: ServerResponse, needs: GatewayNeeds): Promise<void> {
  const began = performance.now();
  const { method = 'GET' } = incoming;
  const { path: target } = requestTarget(incoming.url ?? '/');
  const [encodedPath = '/'] = target.split('?');
  const match = matchRoute(needs.routes, method, encodedPath);
  const reply = await answer(incoming, match, needs).catch(() => gatewayReply(500, 'Internal Server Error'));
  const isHeard = !response.destroyed;
  send(response, reply);
  needs.onAnswered?.({ at: new Date(), method, target, match, reply, ms: performance.now() - began, isHeard });
}

async function answer(
  incoming: IncomingMessage,
  match: RouteMatch<Route> | null,
  needs: GatewayNeeds,
): Promise<WireReply> {
  const request = await receive(incoming);
  if (request === null) return gatewayReply(413, 'Request Entity Too Large');
  if (match === null) return gatewayReply(404, 'Not Found');
  const { functionName, authorizerName } = match.route;

  let context: unknown;
  if (authorizerName !== null) {
    const verdict = verdictOf(await needs.invoke(authorizerName, authorizerEvent(request, match)));
    if (verdict === null) return gatewayReply(500, 'Internal Server Error');
    if (!verdict.isAuthorized) return gatewayReply(403, 'Forbidden');
    context = verdict.context ?? {};
  }

  const late = new AbortController();
  // Were the waiting kept, a crowd that asks again would wait behind its own first asks for ever.
  const integration = needs.invoke(functionName, integrationEvent(request, match, context), late.signal).then(replyOf);
  const timeout = sleep(
    needs.integrationTimeoutMs ?? INTEGRATION_TIMEOUT_MS,
    gatewayReply(503, 'Service Unavailable'),
    {
      signal: late.signal,
    },
  );
  // Only ever rejected by the abort below, when nobody waits for it any more.
  timeout.catch(() => {});
  const reply = await Promise.race([integration, timeout]);
  late.abort();
  return reply;
}

const verdictSchema = z.object({ isAuthorized: z.boolean(), context: z.record(z.string(), z.unknown()).optional() });

function verdictOf(result: InvocationResult): z.infer<typeof verdictSchema> | null {
  if (result.kind === 'failed') return null;
  const parsed = verdictSchema.safeParse(JSON.parse(result.payload));
  return parsed.success ? parsed.data : null;
}

/** The request with its whole body; null where that is too long. */
async function receive(incoming: IncomingMessage): Promise<WireRequest | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming) {
    const buffer = Buffer.from(chunk as Uint8Array);
    bytes += buffer.length;
    // The rest is read and dropped: a sender that is cut off while it sends would not see the reply.
    if (bytes <= MOST_REQUEST_BYTES) chunks.push(buffer);
    else chunks.length = 0;
  }
  if (bytes > MOST_REQUEST_BYTES) return null;
  const { path, host } = requestTarget(incoming.url ?? '/');
  return {
    method: incoming.method ?? 'GET',
    target: path,
    protocol: `HTTP/${incoming.httpVersion}`,
    rawHeaders: host === null ? incoming.rawHeaders : withHost(incoming.rawHeaders, host),
    sourceIp: incoming.socket.remoteAddress ?? '127.0.0.1',
    body: Buffer.concat(chunks),
    receivedAt: new Date(),
  };
}

function withHost(rawHeaders: readonly string[], host: string): string[] {
  const others = rawHeaders.filter((_, index) => rawHeaders[index - (index % 2)]?.toLowerCase() !== 'host');
  return ['Host', host, ...others];
}

function send(response: ServerResponse, { status, headers, body }: WireReply): void {
  response.statusCode = status;
  // The length is the gateway's own to say, but for a HEAD: that says how long the reply to a GET would be.
  const told = response.req.method === 'HEAD' ? headers.find(([name]) => name === 'content-length') : undefined;
  for (const [name, value] of headers) if (name !== 'content-length') response.appendHeader(name, value);
  response.appendHeader('content-length', told?.[1] ?? `${body.length}`);
  response.end(body);
}
