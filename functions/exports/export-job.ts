import { createHash } from 'node:crypto';
import * as z from 'zod';
import { CANCELLED_ORDER_TYPES } from '../providers/cancelled-order.ts';
import { EXPORT_PROBLEMS, EXPORT_STATES } from './export-states.ts';

/** The query of an export. */
export const exportQuerySchema = z.object({
  connections: z.array(z.string()),
  /** Null for every type. */
  type: z.nullable(z.enum(CANCELLED_ORDER_TYPES)),
  /** RFC 3339 UTC, or a date for the whole day in each connection's time zone. Both inclusive. */
  from: z.string(),
  to: z.string(),
  /** Whether the customers' names, documents and addresses are included. */
  includeCustomer: z.boolean(),
});
export type ExportQuery = z.infer<typeof exportQuerySchema>;

/** A connection whose orders could not all be read, and why. */
const gapSchema = z.object({ connection: z.string(), problem: z.string() });
export type Gap = Readonly<z.infer<typeof gapSchema>>;

/**
 * An export that is too large to be answered at once. `run-exports` works on it in steps, and stores each step before the next
 * begins. It first reads pages of orders into the bucket (`reading`), then makes the workbook from them (`writing`). After a kill,
 * the next run continues after the last step.
 */
export const exportJobSchema = z.object({
  exportId: z.string(),
  /**
   * The name of the caller that owns the export. Null if nobody does, as for the daily ones: then anyone who may read its
   * connections may have it.
   */
  owner: z.nullable(z.string()),
  query: exportQuerySchema,
  state: z.enum(EXPORT_STATES),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  /** The number of orders read so far, and of the provider's pages with them. */
  rows: z.int(),
  pages: z.int(),
  /** The tags of the bucket's pages of orders read so far, in order. */
  batches: z.array(z.string()),
  /** Where reading continues, in the reader's form; null for the beginning. */
  after: z.nullable(z.record(z.string(), z.string())),
  incomplete: z.array(gapSchema),
  /** How often the job was taken since its last step. A job without progress is given up. */
  attempts: z.int(),
  fileName: z.string(),
  fileKey: z.string(),
  fileBytes: z.nullable(z.int()),
  problem: z.nullable(z.enum(EXPORT_PROBLEMS)),
  /** Until when the job and its file are kept, once it is finished or failed. */
  expiresAt: z.nullable(z.iso.datetime()),
});
export type ExportJob = z.infer<typeof exportJobSchema>;

/** The input of a new job. */
export interface NewExport {
  readonly exportId: string;
  readonly owner: string | null;
  readonly query: ExportQuery;
  readonly fileName: string;
  readonly fileKey: string;
}

export function newExportJob(ask: NewExport, now: number): ExportJob {
  const at = new Date(now).toISOString();
  return {
    ...ask,
    state: 'reading',
    createdAt: at,
    updatedAt: at,
    rows: 0,
    pages: 0,
    batches: [],
    after: null,
    incomplete: [],
    attempts: 0,
    fileBytes: null,
    problem: null,
    expiresAt: null,
  };
}

export function isOpen({ state }: ExportJob): boolean {
  return state === 'reading' || state === 'writing';
}

/** Returns the id of an export. The same request by the same caller has one id, so repeating it during the work starts nothing new. */
export function exportIdOf(owner: string, asked: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify([owner, asked]))
    .digest('base64url')
    .slice(0, 22);
}

/** Returns the job with one more page of orders. If `next` is null, the page was the last. */
export function withPage(
  job: ExportJob,
  page: { tag: string; rows: number; pages: number; next: ExportJob['after']; incomplete: readonly Gap[] },
): ExportJob {
  return {
    ...job,
    state: page.next === null ? 'writing' : 'reading',
    rows: job.rows + page.rows,
    pages: job.pages + page.pages,
    batches: [...job.batches, page.tag],
    after: page.next,
    incomplete: page.incomplete.reduce(withGap, job.incomplete),
    attempts: 0,
  };
}

/** The most gaps for one connection: more reasons would not help. */
const MOST_GAPS = 2;

function withGap(gaps: Gap[], gap: Gap): Gap[] {
  const ofConnection = gaps.filter(({ connection }) => connection === gap.connection);
  const isTold = ofConnection.some(({ problem }) => problem === gap.problem) || ofConnection.length >= MOST_GAPS;
  return isTold ? gaps : [...gaps, gap];
}
