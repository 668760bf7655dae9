import * as z from 'zod';
import { idempotencyKeySchema } from '../idempotency/idempotency-key.ts';
import { operationViewSchema } from '../operations/rules/operation-view.ts';
import type { ReplyContract } from './contract.ts';
import { replyHeaders } from './reply-headers.ts';
import type { ProblemSlug } from './problem-types.ts';

/** What the contracts of all asks to change an order have in common. */

export const askHeaders = { 'Idempotency-Key': z.optional(idempotencyKeySchema) };

export function askReplies(dryRunBody: z.ZodType): Readonly<Record<number, ReplyContract>> {
  const { idempotentReplayed, location, retryAfter } = replyHeaders;
  const replayed = { 'idempotent-replayed': z.optional(idempotentReplayed) };
  return {
    200: {
      description: 'The operation is confirmed, now or earlier; or the result of a dry run.',
      headers: z.object(replayed),
      body: z.union([operationViewSchema, dryRunBody]),
    },
    202: {
      description: 'The operation is not final: it is pending, unknown, or parked as needs_attention.',
      headers: z.object({ ...replayed, location, 'retry-after': z.optional(retryAfter) }),
      body: operationViewSchema,
    },
  };
}

export const ASK_PROBLEMS = [
  'unknown-connection',
  'connection-turned-away',
  'order-not-found',
  'operation-in-progress',
  'idempotency-key-reused',
  'not-supported-by-provider',
  'provider-failed',
  'provider-unavailable',
  'operation-unreadable',
  'temporarily-unavailable',
] as const satisfies readonly ProblemSlug[];
