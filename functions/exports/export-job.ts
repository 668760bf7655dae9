import { createHash } from 'node:crypto';
import * as z from 'zod';
import { CANCELLED_ORDER_TYPES } from '../providers/cancelled-order.ts';
import { EXPORT_PROBLEMS, EXPORT_STATES } from './export-states.ts';

/** What an export is asked for. */
export const exportQuerySchema = z.object({
  connections: z.array(z.string()),
  /** Null: every type. */
  type: z.nullable(z.enum(CANCELLED_ORDER_TYPES)),
  /** RFC 3339 UTC, or a date: the whole day in the time zone of each connection. Both inclusive. */
  from: z.string(),
  to: z.string(),
  /** Whether the customers' names, documents and addresses are in it. */
  includeCustomer: z.boolean(),
});
export type ExportQuery = z.infer<typeof exportQuerySchema>;

/** A connection of which not every order could be read, and why. */
const gapSchema = z.object({ connection: z.string(), problem: z.string() });
export type Gap = Readonly<z.infer<typeof gapSchema>>;

/**
 * An export that is too large to be answered at once: it is worked on by `run-exports`, in steps, each of which is kept before the
 * next begins. First pages of orders are read and kept in the bucket (`reading`), then the workbook is made of them (`writing`).
 * Whoever takes it up after a kill goes on behind the last step.
 */
export const exportJobSchema = z.object({
  exportId: z.string(),
  /** The name of the caller that it belongs to; null: nobody's, anyone who may read its connections may have it (the daily ones). */
  owner: z.nullable(z.string()),
  query: exportQuerySchema,
  state: z.enum(EXPORT_STATES),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  /** Orders read so far, and the provider's pages that they came in. */
  rows: z.int(),
  pages: z.int(),
  /** The orders read so far: tags of the bucket's pages, in order. */
  batches: z.array(z.string()),
  /** Where reading goes on, as the reader said; null: at the beginning. */
  after: z.nullable(z.record(z.string(), z.string())),
  incomplete: z.array(gapSchema),
  /** How often it was taken up since its last step: what never gets any further is given up. */
  attempts: z.int(),
  fileName: z.string(),
  fileKey: z.string(),
  fileBytes: z.nullable(z.int()),
  problem: z.nullable(z.enum(EXPORT_PROBLEMS)),
  /** Until when what it made is kept, once it is finished or failed. */
  expiresAt: z.nullable(z.iso.datetime()),
});
export type ExportJob = z.infer<typeof exportJobSchema>;

/** What a new job is told. */
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

/** The same ask of the same caller has one id: asking again while it is worked on starts nothing new. */
export function exportIdOf(owner: string, asked: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify([owner, asked]))
    .digest('base64url')
    .slice(0, 22);
}

/** The job with one more page of orders; `next` null: it was the last. */
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

/** Of one connection: its orders may be missing for more reasons than need be told. */
const MOST_GAPS = 2;

function withGap(gaps: Gap[], gap: Gap): Gap[] {
  const ofConnection = gaps.filter(({ connection }) => connection === gap.connection);
  const isTold = ofConnection.some(({ problem }) => problem === gap.problem) || ofConnection.length >= MOST_GAPS;
  return isTold ? gaps : [...gaps, gap];
}
