import type { CancelledOrder } from '../providers/cancelled-order.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import { ExportTakenOver, PageIncomplete, WorkbookTooLarge } from './errors.ts';
import type { ExportFiles } from './export-files.ts';
import { withPage, type ExportJob, type ExportQuery, type Gap } from './export-job.ts';
import type { ExportJobs } from './export-jobs.ts';
import type { ExportProblem } from './export-states.ts';
import { once } from './once.ts';
import { ordersWorkbook } from './orders-workbook.ts';

/** Orders after a place, as the providers and the ledger have them. */
export interface PageOfOrders {
  readonly orders: readonly CancelledOrder[];
  /** Where to continue; null if there are no more. */
  readonly next: ExportJob['after'];
  /** The number of requests made. */
  readonly pages: number;
  readonly incomplete: readonly Gap[];
}

/** Reads the next `limit` orders of a query. A connection that could not be read in time is in `incomplete` as `out_of_time`. */
export type ReadPage = (
  query: ExportQuery,
  at: { after: ExportJob['after']; limit: number },
  remainingMs: () => number,
) => Promise<PageOfOrders>;

export interface ExportNeeds {
  readonly jobs: ExportJobs;
  readonly files: ExportFiles;
  readonly readPage: ReadPage;
  readonly clock: Clock;
  readonly newOwner: () => string;
  readonly log: Logger;
}

/** A page is stored in one step, so a kill loses at most one page. */
export const ORDERS_OF_A_PAGE = 1_000;
/** The limit of one export. For more orders, ask for shorter periods. */
export const MOST_ORDERS = 2_000_000;
/** After a kill, the job can be taken when its lease has run out. A lease is renewed three times as often. */
const LEASE_MS = 30_000;
/** The part of the function's time that is reserved for ending a step in order. */
const RESERVE_MS = 20_000;
/** With less time left, no step is begun. */
const LEAST_MS = 180_000;
const MOST_ATTEMPTS = 5;
/**
 * Problems that may pass. A page with one is read again, up to the number of attempts below; after that, the workbook reports the
 * gap instead.
 */
const PASSING = [
  'timed_out',
  'provider_unreachable',
  'connection_cut',
  'provider_error',
  'foreign_reply',
  'rate_limited',
];
const ATTEMPTS_FOR_A_WHOLE_PAGE = 3;
const PAUSE_MS = 30_000;
export const LONGEST_MS = 24 * 3_600_000;
/** How long a finished file is available. The bucket's rules (`infra/storage.ts`) keep it a little longer. */
export const KEPT_MS = 24 * 3_600_000;
export const DAILY_KEPT_MS = 90 * 24 * 3_600_000;

/** Whether there is time left to take a job. */
export function hasTimeForAStep(remainingMs: () => number): boolean {
  return remainingMs() >= LEAST_MS;
}

/**
 * Works on one open job until it ends or the time is up; the next run then continues after the last step. No job stays open for
 * ever: one that makes no progress in {@link MOST_ATTEMPTS} attempts fails, and so does one older than {@link LONGEST_MS}. Never
 * throws. Returns whether the job could be taken.
 */
export async function runExport(exportId: string, needs: ExportNeeds, remainingMs: () => number): Promise<boolean> {
  const owner = needs.newOwner();
  const claimed = await needs.jobs.claim(exportId, owner, LEASE_MS);
  if (claimed === null) return false;
  const lease = keepLease(claimed, owner, needs);
  let job = claimed;
  try {
    const problem = problemOf(job, needs.clock.now());
    if (problem !== null) {
      await end({ ...job, state: 'failed', problem }, owner, needs);
      return true;
    }
    while (job.state === 'reading') {
      const next = hasTimeForAStep(remainingMs) ? await readOn(job, owner, needs, remainingMs) : null;
      if (next === null) {
        await needs.jobs.release(job, owner, 0);
        return true;
      }
      job = next;
    }
    if (hasTimeForAStep(remainingMs)) await end(await writeWorkbook(job, needs), owner, needs);
    else await needs.jobs.release(job, owner, 0);
  } catch (error) {
    await afterFailure(job, owner, error, needs);
  } finally {
    lease.stop();
  }
  return true;
}

function problemOf(job: ExportJob, now: number): ExportProblem | null {
  if (job.attempts > MOST_ATTEMPTS) return 'gave_up';
  return now - Date.parse(job.createdAt) > LONGEST_MS ? 'took_too_long' : null;
}

/** Reads one more page; null if there was too little time for it. */
async function readOn(
  job: ExportJob,
  owner: string,
  { jobs, files, readPage }: ExportNeeds,
  remainingMs: () => number,
): Promise<ExportJob | null> {
  const page = await readPage(
    job.query,
    { after: job.after, limit: ORDERS_OF_A_PAGE },
    () => remainingMs() - RESERVE_MS,
  );
  if (page.incomplete.some(({ problem }) => problem === 'out_of_time')) return null;
  const known = job.incomplete.map(({ connection }) => connection);
  const gap = page.incomplete.find(
    ({ connection, problem }) => PASSING.includes(problem) && !known.includes(connection),
  );
  if (gap !== undefined && job.attempts < ATTEMPTS_FOR_A_WHOLE_PAGE) throw new PageIncomplete(gap);
  if (job.rows + page.orders.length > MOST_ORDERS) throw new WorkbookTooLarge();
  const tag = await files.putPage(job.exportId, job.batches.length, page.orders);
  return jobs.save(withPage(job, { ...page, tag, rows: page.orders.length }), owner, LEASE_MS);
}

/** Returns the job with its workbook made. The pages are read three times, so that none is held in memory. */
async function writeWorkbook(job: ExportJob, { files }: ExportNeeds): Promise<ExportJob> {
  const orders = await once(async function* () {
    for (const [number, tag] of job.batches.entries()) yield await files.readPage(job.exportId, number, tag);
  });
  let rows = 0;
  async function* pages() {
    rows = 0;
    for await (const page of orders()) {
      rows += page.length;
      yield page;
    }
  }
  const workbook = ordersWorkbook({
    pages,
    filters: job.query,
    incomplete: job.incomplete,
    readAt: job.updatedAt,
  });
  const fileBytes = await files.putWorkbook(job.fileKey, job.fileName, workbook);
  return { ...job, state: 'finished', rows, fileBytes };
}

async function end(job: ExportJob, owner: string, { jobs, clock, log }: ExportNeeds): Promise<void> {
  const keptMs = job.owner === null ? DAILY_KEPT_MS : KEPT_MS;
  const expiresAt = new Date(clock.now() + keptMs).toISOString();
  await jobs.release({ ...job, expiresAt }, owner, 0);
  const { exportId, state, problem, rows, pages, fileBytes } = job;
  if (state === 'failed') log.error('EXPORT_FAILED', { exportId, problem, rows, pages });
  else log.info('EXPORT_FINISHED', { exportId, rows, pages, fileBytes });
}

/** The job is tried again after a pause; attempts are counted. */
async function afterFailure(job: ExportJob, owner: string, error: unknown, needs: ExportNeeds): Promise<void> {
  if (error instanceof ExportTakenOver) return;
  needs.log.error('EXPORT_STEP_FAILED', { exportId: job.exportId, attempt: job.attempts, error });
  try {
    if (error instanceof WorkbookTooLarge) await end({ ...job, state: 'failed', problem: 'too_large' }, owner, needs);
    else await needs.jobs.release(job, owner, PAUSE_MS * Math.max(1, job.attempts));
  } catch {
    // The lease runs out, and the job is taken again.
  }
}

/** Renews the lease while this process lives. The job of a killed process is free when its lease has run out. */
function keepLease({ exportId }: ExportJob, owner: string, { jobs, clock }: ExportNeeds): { stop: () => void } {
  const stopped = new AbortController();
  const renew = async () => {
    for (;;) {
      await clock.sleep(LEASE_MS / 3);
      if (stopped.signal.aborted) return;
      await jobs.renew(exportId, owner, LEASE_MS);
    }
  };
  // If the renewal fails, the next step finds out who has the job.
  renew().catch(() => {});
  return {
    stop: () => {
      stopped.abort();
    },
  };
}
