import * as z from 'zod';
import { NOBODY, type Caller } from './caller.ts';
import { bodyBytes } from './json-body.ts';

/** An HTTP request as a function receives it from the chain. */
export interface ApiRequest {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  /** The route that matched, as the API names it (`GET /v1/operations/{operationId}`). */
  readonly route: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly caller: Caller;
  /** The parsed JSON; `{}` if there was none. */
  readonly body: unknown;
  /** Returns the body as it was sent, for code that verifies a signature. Throws `BodyTooLarge`. */
  readonly rawBody: () => Buffer;
  /** Milliseconds until Lambda stops the function. */
  readonly remainingMs: () => number;
}

export interface ApiReply<Body = unknown> {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. Bytes are sent as they are, and `headers` must name their media type. */
  readonly body: Body;
}

/** The parts of an API Gateway event (payload 2.0) that are read. */
const texts = z.record(z.string(), z.optional(z.string())).nullish();
export const apiEventSchema = z.object({
  rawPath: z.string(),
  routeKey: z.string(),
  headers: texts,
  queryStringParameters: texts,
  pathParameters: texts,
  body: z.nullish(z.string()),
  isBase64Encoded: z.optional(z.boolean()),
  requestContext: z.object({
    requestId: z.string(),
    http: z.object({ method: z.string() }),
    authorizer: z.nullish(z.object({ lambda: z.unknown() })),
  }),
});
type ApiEvent = z.infer<typeof apiEventSchema>;

/** A request on its way through the chain, which fills in `caller` and `body`. */
export interface Exchange {
  readonly event: ApiEvent;
  request: ApiRequest;
}

export function exchangeOf(rawEvent: unknown, remainingMs: () => number): Exchange {
  const event = apiEventSchema.parse(rawEvent);
  const request: ApiRequest = {
    id: event.requestContext.requestId,
    method: event.requestContext.http.method.toUpperCase(),
    path: event.rawPath,
    route: event.routeKey,
    params: present(event.pathParameters),
    query: present(event.queryStringParameters),
    headers: lowerCased(present(event.headers)),
    caller: NOBODY,
    body: {},
    rawBody: () => bodyBytes(event),
    remainingMs,
  };
  return { event, request };
}

/** Returns the address under which the caller found the API. API Gateway names the protocol; on one machine it is plain HTTP. */
export function baseUrlOf({ headers }: Pick<ApiRequest, 'headers'>): string {
  return `${headers['x-forwarded-proto'] ?? 'http'}://${headers['host'] ?? 'localhost'}`;
}

function present(values: Record<string, string | undefined> | null | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values ?? {}).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

function lowerCased(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
