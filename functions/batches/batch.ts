import * as z from 'zod';
import { CANCEL_REASONS } from '../operations/rules/operation.ts';
import { VERDICTS } from '../operations/rules/verdict.ts';

/** A request to cancel many orders of one connection; with `dryRun`, only to plan it. The orders are handled one by one, from the queue. */
export const batchSchema = z.object({
  /** Made from the caller and its idempotency key, so that the same request is the same batch. */
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
  /** When all its orders were in the queue. Null until then: its caller has not been answered 202 yet. */
  queuedAt: z.nullable(z.iso.datetime()),
});
export type Batch = z.infer<typeof batchSchema>;

const problem = z.object({ code: z.string(), text: z.string() });

/** The result of one order of a batch. */
export const batchRowSchema = z.discriminatedUnion('kind', [
  /** The operation of the order's cancel; its state is in the ledger. */
  z.object({ kind: z.literal('operation'), orderId: z.string(), operationId: z.string() }),
  /** The cancel could not be carried out, or the order could not be read. */
  z.object({ kind: z.literal('problem'), orderId: z.string(), problem }),
  /** The order as a dry run found it. */
  z.object({
    kind: z.literal('plan'),
    orderId: z.string(),
    wouldCancel: z.boolean(),
    /** Missing in rows that were written before there were three verdicts. */
    verdict: z.optional(z.enum(VERDICTS)),
    status: z.string(),
    warnings: z.array(z.object({ code: z.string(), text: z.string() })),
    total: z.nullable(z.object({ amount: z.number(), currency: z.string() })),
  }),
]);
export type BatchRow = z.infer<typeof batchRowSchema>;
