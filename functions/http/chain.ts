import middy, { type MiddlewareObj } from '@middy/core';
import type { Context } from 'aws-lambda';
import type { Scope } from '../access/scopes.ts';
import type { InvocationLogger } from '../runtime/logger.ts';
import { admit } from './caller.ts';
import { parseJsonBody } from './json-body.ts';
import { problemBody, problemOf, type Problem } from './problems.ts';
import { exchangeOf, type Exchange, type ApiReply, type ApiRequest } from './request.ts';

/** A reply as API Gateway takes it. */
export interface LambdaReply {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
  isBase64Encoded?: boolean;
}

export type HttpHandler = (event: unknown, context: Context) => Promise<LambdaReply>;
type Middleware = MiddlewareObj<Exchange, LambdaReply>;

export interface HttpFunction {
  /** The scope that a caller's token must have; `public`: the route needs no token. */
  readonly access: Scope | 'public';
  /** `ignored`: the chain does not parse the body as JSON, so it never rejects one. */
  readonly body?: 'json' | 'ignored';
  /** Writes a problem for callers who expect a provider's own errors. Without it, problems are written as RFC 9457 says. */
  readonly problemReply?: (problem: Problem, requestId: string) => ApiReply;
  readonly log: InvocationLogger;
  readonly handle: (request: ApiRequest) => Promise<ApiReply> | ApiReply;
}

/**
 * THE chain that every HTTP function runs in: it finds the caller, parses the body, calls the function, and turns errors into
 * problems. Its reply is always well-formed: it throws only for an event that is not API Gateway's.
 */
export function httpChain({ access, body = 'json', problemReply = asProblem, log, handle }: HttpFunction): HttpHandler {
  // Middy would end the function 5 ms early; the functions keep their own time budget.
  const chain = middy<Exchange, LambdaReply>({ timeoutEarlyInMillis: 0 })
    .use(sealReply(log))
    .use(answerProblems(log, problemReply))
    .use(askWhoCalls(access))
    .use(readBody(body))
    .handler(async ({ request }: Exchange) => lambdaReply(await handle(request), 'application/json'));

  return async (event, context) => {
    const exchange = exchangeOf(event, () => context.getRemainingTimeInMillis());
    log.begin(exchange.request.id);
    return chain(exchange, context);
  };
}

/** The chain of webhooks. Their senders have no token, and they sign the bytes of the body, so the function reads it by itself. */
export function webhookChain(log: InvocationLogger, handle: HttpFunction['handle']): HttpHandler {
  return httpChain({ access: 'public', body: 'ignored', log, handle });
}

function askWhoCalls(access: Scope | 'public'): Middleware {
  return {
    before: ({ event: exchange }) => {
      if (access === 'public') return;
      const caller = admit(exchange.event.requestContext.authorizer?.lambda, access);
      exchange.request = { ...exchange.request, caller };
    },
  };
}

function readBody(kind: 'json' | 'ignored'): Middleware {
  return {
    before: ({ event: exchange }) => {
      if (kind === 'ignored' || ['GET', 'HEAD'].includes(exchange.request.method)) return;
      const body = parseJsonBody(exchange.event, exchange.request.headers['content-type']);
      exchange.request = { ...exchange.request, body };
    },
  };
}

function answerProblems(log: InvocationLogger, problemReply: NonNullable<HttpFunction['problemReply']>): Middleware {
  return {
    onError: (invocation) => {
      const { connections } = invocation.event.request.caller;
      const problem = problemOf(invocation.error, (name) => connections?.includes(name) ?? true);
      if (problem.status >= 500) log.error('REQUEST_FAILED', { error: invocation.error });
      invocation.response = lambdaReply(problemReply(problem, invocation.event.request.id), 'application/json');
    },
  };
}

function asProblem(problem: Problem, requestId: string): ApiReply {
  const { status, headers } = problem;
  return {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
    body: problemBody(problem, requestId),
  };
}

/** Headers of every reply, beside its request's id. A function's own headers win. */
export const EVERY_REPLY_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
};

/** Adds the headers that every reply has, and logs the reply. */
function sealReply(log: InvocationLogger): Middleware {
  const seal: NonNullable<Middleware['after']> = ({ event: { request }, response }) => {
    if (!response) return;
    response.headers = { ...EVERY_REPLY_HEADERS, ...response.headers, 'x-request-id': request.id };
    if (request.method === 'HEAD') takeBodyAway(response);
    log.info('REQUEST_ANSWERED', { route: request.route, caller: request.caller.name, status: response.statusCode });
  };
  return { after: seal, onError: seal };
}

/** A HEAD is answered as a GET, by headers alone: RFC 9110, 9.3.2. */
function takeBodyAway(response: LambdaReply): void {
  const length = Buffer.byteLength(response.body, response.isBase64Encoded ? 'base64' : 'utf8');
  response.headers = { ...response.headers, 'content-length': String(length) };
  response.body = '';
  delete response.isBase64Encoded;
}

function lambdaReply({ status, headers, body }: ApiReply, contentType: string): LambdaReply {
  const reply = { statusCode: status, headers: { 'content-type': contentType, ...headers } };
  if (!(body instanceof Uint8Array)) return { ...reply, body: JSON.stringify(body) };
  return { ...reply, body: Buffer.from(body).toString('base64'), isBase64Encoded: true };
}
