import * as z from 'zod';
import { redact } from '../../../functions/runtime/redact.ts';
import type { Answered } from '../aws/gateway.ts';
import type { WireReply } from '../aws/gateway-reply.ts';
import { adviceOn, codeSchema, operationSchema, type ToldOperation } from './facts.ts';
import { shownPath } from './shown-path.ts';
import type { WorkLine } from './work-line.ts';

/** The line of a request: what was asked, how it was answered, and for an error what to do. */
export function requestLine({ at, method, target, match, reply, ms, isHeard }: Answered): WorkLine {
  const path = shownPath(target, match);
  const said = bodyOf(reply);
  const operation = operationIn(said);
  const words = [wordsOf(said, operation), ...(wasReplayed(reply) ? ['replayed'] : [])].filter((one) => one !== '');
  return {
    ...{ at, ms, status: reply.status, what: `${method} ${path}` },
    outcome: operation?.outcome ?? (said.dryRun === true ? 'dry run' : ''),
    order: operation === null || isNamedIn(path, operation.id) ? '' : operation.id,
    words: [...words, ...(isHeard ? [] : ['and the caller did not wait for it'])].join(', '),
  };
}

/** The parts of a body that a line tells. A reply in a provider's dialect, a page or a file has none of them. */
const bodySchema = z.object({
  operation: z.optional(z.union([operationSchema, operationSchema.shape.id])).catch(undefined),
  outcome: z.optional(codeSchema).catch(undefined),
  type: z.optional(z.string().regex(/^\/problems\/[a-z-]+$/)).catch(undefined),
  detail: z.optional(z.string()).catch(undefined),
  errors: z.optional(z.array(z.object({ field: z.string(), message: z.string() }))).catch(undefined),
  message: z.optional(z.string()).catch(undefined),
  dryRun: z.optional(z.boolean()).catch(undefined),
  verdict: z.optional(codeSchema).catch(undefined),
});
type Body = z.infer<typeof bodySchema> & { readonly itself?: ToldOperation | undefined };

/** A longer body is a page of a list, and has nothing that is told. */
const MOST_BYTES = 64 * 1024;

function bodyOf({ headers, body }: WireReply): Body {
  const isJson = headers.some(([name, value]) => name === 'content-type' && /\bjson\b/i.test(value));
  if (!isJson || body.length === 0 || body.length > MOST_BYTES) return {};
  let json: unknown;
  try {
    json = JSON.parse(body.toString());
  } catch {
    return {};
  }
  return { ...bodySchema.safeParse(json).data, itself: operationSchema.safeParse(json).data };
}

/** The body itself, or in it; a webhook's reply has the id in its place. */
function operationIn({ operation, outcome, detail, itself }: Body): ToldOperation | null {
  if (typeof operation !== 'string') return operation ?? itself ?? null;
  return operationSchema.safeParse({ id: operation, outcome, detail }).data ?? null;
}

function wordsOf(
  { type, detail = '', errors = [], message = '', verdict = '' }: Body,
  operation: ToldOperation | null,
): string {
  if (type !== undefined) {
    // This detail names the fields only.
    const isBare = detail.startsWith('Wrong: ') && errors.length > 0;
    const wrong = errors.map(({ field, message: problem }) => `${field}: ${problem.replace(/\.$/, '')}`).join('; ');
    const advice = ADVICE.get(type.replace('/problems/', ''));
    return [redact(isBare ? `${wrong}.` : detail), ...(advice === undefined ? [] : [advice])].join(' ');
  }
  if (operation === null) return verdict === '' ? redact(message) : verdict;
  return `${operation.detail}${adviceOn(operation)}`;
}

/** What a person at this machine can do, beside what the reply says. */
const ADVICE: ReadonlyMap<string, string> = new Map([
  ['access-token-required', '`npm start` printed one: export TOKEN=…'],
  ['not-found', 'GET /docs shows all routes.'],
  ['unknown-connection', 'GET /v1/connections lists them.'],
]);

function wasReplayed({ headers }: WireReply): boolean {
  return headers.some(([name, value]) => name === 'idempotent-replayed' && value === 'true');
}

function isNamedIn(path: string, operationId: string): boolean {
  const [, orderId = ''] = operationId.split(':');
  const parts = path.split('/');
  return parts.includes(orderId) || parts.includes(operationId);
}
