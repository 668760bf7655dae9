import * as z from 'zod';
import { CANCEL_REASONS } from '../operations/rules/operation.ts';
import { VERDICTS } from '../operations/rules/verdict.ts';

/** One ask to cancel many orders of one connection; `dryRun`: to plan it only. The orders are worked on one by one, from the queue. */
export const batchSchema = z.object({
  /** Made of the caller and its idempotency key, so the same ask is the same batch. */
  id: z.string(),
  connection: z.string(),
  provider: z.string(),
  dryRun: z.boolean(),
  orderIds: z.array(z.string()),
  reason: z.nullable(z.enum(CANCEL_REASONS)),
  note: z.nullable(z.string()),
  actor: z.nullable(z.string()),
  fingerprint: z.string(),
  requestedAt: z.iso.datetime(),
  /** When all of its orders were in the queue; null until then: its caller was not told 202 yet. */
  queuedAt: z.nullable(z.iso.datetime()),
});
export type Batch = z.infer<typeof batchSchema>;

const problem = z.object({ code: z.string(), text: z.string() });

/** What came of one order of a batch. */
export const batchRowSchema = z.discriminatedUnion('kind', [
  /** The operation that the order's cancel was answered with; how it stands is in the ledger. */
  z.object({ kind: z.literal('operation'), orderId: z.string(), operationId: z.string() }),
  /** It could not be carried out, or read. */
  z.object({ kind: z.literal('problem'), orderId: z.string(), problem }),
  /** The order as a dry run found it. */
  z.object({
    kind: z.literal('plan'),
    orderId: z.string(),
    wouldCancel: z.boolean(),
    /** Rows that were kept before there were three verdicts have none. */
    verdict: z.optional(z.enum(VERDICTS)),
    status: z.string(),
    warnings: z.array(z.object({ code: z.string(), text: z.string() })),
    total: z.nullable(z.object({ amount: z.number(), currency: z.string() })),
  }),
]);
export type BatchRow = z.infer<typeof batchRowSchema>;
