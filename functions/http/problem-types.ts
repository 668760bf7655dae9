import * as z from 'zod';
import { operationViewSchema } from '../operations/rules/operation-view.ts';
import { replyHeaders } from './reply-headers.ts';

/**
 * The members and headers that each type of problem has beside those that RFC 9457 names, by the slug of its `type`. The table in
 * `problems.ts` says which error is answered with it, with which status and words.
 */
export const PROBLEM_TYPES = {
  'invalid-request': { members: fieldErrors() },
  'body-not-json': { members: fieldErrors() },
  'access-token-required': {
    members: {},
    headers: z.object({ 'www-authenticate': z.string().meta({ description: 'RFC 6750.' }) }),
  },
  'webhook-not-verified': {
    members: {},
    headers: z.object({ 'www-authenticate': z.literal('Webhook') }),
  },
  'unknown-webhook': { members: {} },
  'access-denied': { members: {} },
  'unknown-connection': { members: fieldErrors() },
  'operation-not-found': { members: {} },
  'batch-not-found': { members: {} },
  'order-not-found': { members: { operation: z.optional(operationViewSchema) }, headers: replayed() },
  'export-not-found': { members: {} },
  'not-found': { members: {} },
  'method-not-allowed': { members: {}, headers: z.object({ allow: z.string() }) },
  'connection-turned-away': {
    members: { problem: z.enum(['account_has_another_name', 'name_has_another_account']) },
  },
  'operation-in-progress': { members: { operation: operationViewSchema }, headers: retryAfter() },
  'order-not-cancellable': { members: { operation: operationViewSchema }, headers: replayed() },
  'order-not-restorable': { members: { operation: operationViewSchema }, headers: replayed() },
  'order-not-deletable': { members: { operation: operationViewSchema }, headers: replayed() },
  'order-not-cancelled': { members: {} },
  'cancelled-order-not-found': { members: {} },
  'precondition-failed': { members: {} },
  'precondition-required': { members: {} },
  'body-too-large': { members: fieldErrors() },
  'unsupported-media-type': { members: {}, headers: z.object({ 'accept-post': z.string() }) },
  'idempotency-key-reused': { members: {} },
  'internal-error': { members: {} },
  'not-supported-by-provider': { members: {} },
  'provider-failed': {
    members: {
      problem: z.enum([
        'credential_rejected',
        'connection_cut',
        'provider_error',
        'foreign_reply',
        'unknown_reply',
        'unreadable_reply',
        'stale_reply',
        'look_up_too_large',
        'wrong_order',
      ]),
    },
  },
  'provider-unavailable': {
    members: { problem: z.enum(['provider_unreachable', 'timed_out', 'rate_limited']) },
    headers: retryAfter(),
  },
  'operation-unreadable': { members: {}, headers: retryAfter() },
  'temporarily-unavailable': { members: {}, headers: retryAfter() },
} satisfies Record<string, { members: z.ZodRawShape; headers?: z.ZodObject }>;

export type ProblemSlug = keyof typeof PROBLEM_TYPES;
export type ProblemMembers<Slug extends ProblemSlug> = z.infer<z.ZodObject<(typeof PROBLEM_TYPES)[Slug]['members']>>;

function fieldErrors() {
  return {
    errors: z
      .readonly(z.array(z.object({ field: z.string(), message: z.string() })))
      .meta({ description: 'Each wrong field, by name.' }),
  };
}

function replayed() {
  return z.object({ 'idempotent-replayed': z.optional(replyHeaders.idempotentReplayed) });
}

function retryAfter() {
  return z.object({ 'retry-after': replyHeaders.retryAfter });
}
