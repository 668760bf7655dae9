import type { Context } from 'aws-lambda';
import type { HttpHandler, LambdaReply } from '../../functions/http/chain.ts';
import type { InvocationLogger } from '../../functions/runtime/logger.ts';
import { FUNCTIONS, routesOf } from '../../infra/functions.ts';
import { sampleEvent } from '../events/sample.ts';
import { expectDocumented } from './documented.ts';

interface ApiRequest {
  /** As the API names it; else made of method and path. */
  routeKey?: string;
  method?: string;
  path?: string;
  params?: Record<string, string>;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  body?: string;
  isBase64Encoded?: boolean;
  authorizer?: Record<string, string> | null;
}

/** Asks a function by its route, and holds its reply against the OpenAPI document. */
export async function askRoute(
  functionName: string,
  handler: HttpHandler,
  request: ApiRequest = {},
): Promise<LambdaReply & { json: Record<string, unknown> }> {
  const route = routeOf(functionName, Object.keys(request.params ?? {}));
  const [method = '', template = '/'] = route === '$default' ? [] : route.split(' ');
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => request.params?.[name] ?? '');
  const reply = await handler(apiEvent({ routeKey: route, method, path, ...request }), lambdaContext());
  const isJson = /json/.test(reply.headers['content-type'] ?? '') && reply.body !== '';
  const json = isJson ? (JSON.parse(reply.body) as Record<string, unknown>) : {};
  await expectDocumented({ route, status: reply.statusCode, headers: reply.headers, body: isJson ? json : reply.body });
  return { ...reply, json };
}

/** The function's route that has these parameters; its first where none has. */
function routeOf(functionName: string, params: readonly string[]): string {
  const row = FUNCTIONS.find(({ name }) => name === functionName);
  const routes = row === undefined ? [] : routesOf(row).map(({ route }) => route);
  const fitting = routes.find((route) => {
    const names = [...route.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    return names.length === params.length && params.every((name) => names.includes(name));
  });
  const route = fitting ?? routes[0];
  if (route === undefined) throw new Error(`infra/functions.ts has no route for ${functionName}.`);
  return route;
}

/** AWS's own sample of an API Gateway event (payload 2.0), for this request, with a caller who may do everything. */
export function apiEvent(request: ApiRequest) {
  const { method = 'GET', path = '/', params, query, headers = {}, body, isBase64Encoded = false } = request;
  const authorizer = request.authorizer === undefined ? EVERYTHING : request.authorizer;
  const sample = sampleEvent<ApiGatewayEvent>('api-gateway-v2');
  const routeKey = request.routeKey ?? `${method} ${path}`;
  const { requestContext } = sample;
  return {
    version: sample.version,
    routeKey,
    rawPath: path,
    rawQueryString: new URLSearchParams(query).toString(),
    headers: { ...setByGateway(sample.headers), ...headers },
    ...(query && { queryStringParameters: query }),
    ...(params && { pathParameters: params }),
    ...(body !== undefined && { body }),
    isBase64Encoded,
    requestContext: {
      ...requestContext,
      authorizer: authorizer === null ? undefined : { lambda: authorizer },
      http: { ...requestContext.http, method, path },
      requestId: 'request-1',
      routeKey,
    },
  };
}

interface ApiGatewayEvent {
  version: string;
  headers: Record<string, string>;
  requestContext: Record<string, unknown> & { http: Record<string, string> };
}

/** What API Gateway itself sends; the other headers are the caller's. */
function setByGateway(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => /^(host|x-forwarded-)/.test(name)));
}

export const EVERYTHING = { name: 'shop', scopes: 'cancel read restore delete personal-data admin' };

export function lambdaContext(remainingMs: number | (() => number) = 29_000, requestId = 'request-1'): Context {
  const nothing = () => undefined;
  return {
    callbackWaitsForEmptyEventLoop: false,
    functionName: 'under-test',
    functionVersion: '1',
    invokedFunctionArn: 'arn',
    memoryLimitInMB: '512',
    awsRequestId: requestId,
    logGroupName: 'group',
    logStreamName: 'stream',
    getRemainingTimeInMillis: typeof remainingMs === 'number' ? () => remainingMs : remainingMs,
    /* eslint-disable @typescript-eslint/no-deprecated -- the type still asks for them */
    done: nothing,
    fail: nothing,
    succeed: nothing,
    /* eslint-enable @typescript-eslint/no-deprecated */
  };
}

/** A logger that keeps what it is told. */
export function keepingLog(): InvocationLogger & { entries: { level: string; code: string; fields: unknown }[] } {
  const entries: { level: string; code: string; fields: unknown }[] = [];
  const keep = (level: string) => (code: string, fields?: Record<string, unknown>) => {
    entries.push({ level, code, fields });
  };
  return { entries, info: keep('info'), warn: keep('warn'), error: keep('error'), begin: () => undefined };
}
