import * as z from 'zod';
import type { InvocationResult } from './execution-environment.ts';

/** What goes back over the wire. */
export interface WireReply {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

/** A reply of the gateway's own, in API Gateway's words. */
export function gatewayReply(status: number, message: string): WireReply {
  return jsonReply(status, JSON.stringify({ message }));
}

const INTERNAL_SERVER_ERROR = gatewayReply(500, 'Internal Server Error');
/** Lambda's limit on what a function may return. */
const MOST_REPLY_BYTES = 6 * 1024 * 1024;

const shapedReply = z.object({
  statusCode: z.coerce.number().int().min(100).max(599),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).nullish(),
  cookies: z.array(z.string()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

/** What an HTTP API makes of a function's result, payload format 2.0: of its reply, of a value that is none, or of its failure. */
export function replyOf(result: InvocationResult): WireReply {
  if (result.kind === 'failed' || Buffer.byteLength(result.payload) > MOST_REPLY_BYTES) return INTERNAL_SERVER_ERROR;
  const value: unknown = JSON.parse(result.payload);
  if (typeof value !== 'object' || value === null || !('statusCode' in value)) {
    return jsonReply(200, typeof value === 'string' ? value : result.payload);
  }
  const parsed = shapedReply.safeParse(value);
  if (!parsed.success) return INTERNAL_SERVER_ERROR;
  const { statusCode, headers, cookies, body, isBase64Encoded } = parsed.data;
  const given = Object.entries(headers ?? {}).map(([name, text]) => [name.toLowerCase(), String(text)] as const);
  const hasType = given.some(([name]) => name === 'content-type');
  return {
    status: statusCode,
    headers: [
      ...given,
      ...(hasType ? [] : [['content-type', 'text/plain;charset=UTF-8'] as const]),
      ...(cookies ?? []).map((cookie) => ['set-cookie', cookie] as const),
    ],
    body: Buffer.from(body ?? '', isBase64Encoded === true ? 'base64' : 'utf8'),
  };
}

function jsonReply(status: number, body: string): WireReply {
  return { status, headers: [['content-type', 'application/json']], body: Buffer.from(body) };
}
