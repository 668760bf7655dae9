import { randomUUID } from 'node:crypto';
import { isUtf8 } from 'node:buffer';
import { PSEUDO_PARAMETERS } from '../template/intrinsics.ts';
import { decode, type RouteMatch, type Route } from '../../match-route.ts';

/** A request as it came over the wire. */
export interface WireRequest {
  readonly method: string;
  /** Path and query, undecoded. */
  readonly target: string;
  readonly protocol: string;
  /** Name and value in turn, as node's `rawHeaders`. */
  readonly rawHeaders: readonly string[];
  readonly sourceIp: string;
  readonly body: Buffer;
  readonly receivedAt: Date;
}

const API_ID = 'local';

/**
 * What an HTTP API tells a function: the payload format 2.0.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function integrationEvent(request: WireRequest, match: RouteMatch<Route>, authorizerContext: unknown) {
  const parts = commonParts(request, match);
  const contentType = parts.headers['content-type'] ?? '';
  const isText = isTextType(contentType) && isUtf8(request.body);
  return {
    version: '2.0',
    ...parts,
    requestContext: {
      ...parts.requestContext,
      ...(authorizerContext === undefined ? {} : { authorizer: { lambda: authorizerContext } }),
    },
    ...(request.body.length === 0 ? {} : { body: request.body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: request.body.length > 0 && !isText,
  };
}

/**
 * What an HTTP API tells an authorizer: never the body.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
 */
export function authorizerEvent(request: WireRequest, match: RouteMatch<Route>) {
  const { 'AWS::Region': region, 'AWS::AccountId': account } = PSEUDO_PARAMETERS;
  const parts = commonParts(request, match);
  return {
    version: '2.0',
    type: 'REQUEST',
    routeArn: `arn:aws:execute-api:${region ?? ''}:${account ?? ''}:${API_ID}/$default/${request.method}${parts.rawPath}`,
    identitySource: [],
    ...parts,
  };
}

function commonParts(
  { method, target, protocol, rawHeaders, sourceIp, receivedAt }: WireRequest,
  match: RouteMatch<Route>,
) {
  const [encodedPath = '/', ...query] = target.split('?');
  const rawQueryString = query.join('?');
  // An HTTP API hands the path on decoded, unlike a function URL; only the query stays raw.
  const rawPath = decode(encodedPath);
  const { headers, cookies } = headersOf(rawHeaders);
  const queryStringParameters = queryOf(rawQueryString);
  return {
    routeKey: match.route.routeKey,
    rawPath,
    rawQueryString,
    ...(cookies.length === 0 ? {} : { cookies }),
    headers,
    ...(rawQueryString === '' ? {} : { queryStringParameters }),
    ...(Object.keys(match.pathParameters).length === 0 ? {} : { pathParameters: match.pathParameters }),
    requestContext: {
      accountId: PSEUDO_PARAMETERS['AWS::AccountId'],
      apiId: API_ID,
      domainName: headers['host'] ?? '',
      domainPrefix: API_ID,
      http: { method, path: rawPath, protocol, sourceIp, userAgent: headers['user-agent'] ?? '' },
      requestId: randomUUID(),
      routeKey: match.route.routeKey,
      stage: '$default',
      time: clfTime(receivedAt),
      timeEpoch: receivedAt.getTime(),
    },
  };
}

/** Lower-case names; several values of one name joined by a comma; cookies apart. */
function headersOf(rawHeaders: readonly string[]): { headers: Record<string, string>; cookies: string[] } {
  const headers: Record<string, string> = {};
  const cookies: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    const value = rawHeaders[index + 1] ?? '';
    if (name === 'cookie') cookies.push(...value.split(/; */));
    else headers[name] = Object.hasOwn(headers, name) ? `${headers[name] ?? ''},${value}` : value;
  }
  return { headers, cookies };
}

function queryOf(rawQueryString: string): Record<string, string> {
  const parameters = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(rawQueryString)) {
    const earlier = parameters.get(name);
    parameters.set(name, earlier === undefined ? value : `${earlier},${value}`);
  }
  return Object.fromEntries(parameters);
}

/**
 * AWS names no list of the types that stay text. These do, by observation of the service; everything else, a form and a
 * missing type included, is base64 (https://github.com/ministackorg/ministack/pull/766).
 */
function isTextType(contentType: string): boolean {
  const [type = ''] = contentType.toLowerCase().split(';');
  return /^(text\/.+|application\/(json|xml|javascript))$/.test(type.trim());
}

/** `07/Aug/2026:01:37:53 +0000` */
function clfTime(date: Date): string {
  const [, day = '', month = '', year = '', time = ''] =
    /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(date.toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time} +0000`;
}
