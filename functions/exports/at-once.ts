import type { Clock } from '../runtime/clock.ts';
import { newExportJob, withPage, type ExportJob, type ExportQuery, type Gap, type NewExport } from './export-job.ts';
import type { ExportFiles } from './export-files.ts';
import { once } from './once.ts';
import { ordersWorkbook } from './orders-workbook.ts';
import { bytesForReply } from './reply-bytes.ts';
import { ORDERS_OF_A_PAGE, type PageOfOrders, type ReadPage } from './run-export.ts';

/** A complete export that was small and quick enough, or the part that was read. */
export type AtOnce =
  | {
      readonly kind: 'whole';
      readonly bytes: Uint8Array;
      readonly rows: number;
      readonly incomplete: readonly Gap[];
    }
  /** To be continued as a job: the pages already read are in the bucket. */
  | { readonly kind: 'too_large'; readonly job: ExportJob };

export interface AtOnceNeeds {
  readonly files: Pick<ExportFiles, 'putPage'>;
  readonly readPage: ReadPage;
  readonly clock: Clock;
}

const MOST_ORDERS = 5_000;
/** The longest time for reading from providers. */
const LONGEST_WAIT_MS = 12_000;
const NEARLY_MS = 500;
/** Time reserved for making the workbook, or for handing over what was read. */
const RESERVE_MS = 10_000;

/**
 * Makes a small export at once: up to {@link MOST_ORDERS} orders, read within {@link LONGEST_WAIT_MS}, in a file that
 * fits a reply. Otherwise returns a job that continues from there. Throws the errors of reading and of the bucket.
 */
export async function exportAtOnce(ask: NewExport, needs: AtOnceNeeds, remainingMs: () => number): Promise<AtOnce> {
  const { clock } = needs;
  const began = clock.now();
  const endsAt = began + Math.min(LONGEST_WAIT_MS, remainingMs() - RESERVE_MS);
  const { read, after } = await readUntil(endsAt, ask.query, needs);
  const incomplete = read.flatMap((page) => page.incomplete);
  if (after === null) {
    const readAt = new Date(clock.now()).toISOString();
    const pages = await once(() => read.map(({ orders }) => orders));
    let rows = 0;
    for await (const orders of pages()) rows += orders.length;
    const bytes = await bytesForReply(ordersWorkbook({ pages, filters: ask.query, incomplete, readAt }));
    if (bytes !== null) return { kind: 'whole', bytes, rows, incomplete };
  }
  let job = newExportJob(ask, began);
  for (const page of read) {
    const tag = await needs.files.putPage(ask.exportId, job.batches.length, page.orders);
    job = withPage(job, { ...page, tag, rows: page.orders.length });
  }
  return { kind: 'too_large', job };
}

/** Reads whole pages. `after`: where reading must continue; null if there are no more orders. */
async function readUntil(
  endsAt: number,
  query: ExportQuery,
  { readPage, clock }: AtOnceNeeds,
): Promise<{ read: PageOfOrders[]; after: ExportJob['after'] | 'beginning' }> {
  const read: PageOfOrders[] = [];
  let after: ExportJob['after'] = null;
  for (let orders = 0; orders < MOST_ORDERS && clock.now() < endsAt;) {
    const page = await readPage(query, { after, limit: ORDERS_OF_A_PAGE }, () => endsAt - clock.now());
    // With more time, the provider may still return what it did not return in time.
    if (page.incomplete.length > 0 && clock.now() >= endsAt - NEARLY_MS) break;
    read.push(page);
    after = page.next;
    orders += page.orders.length;
    if (after === null) return { read, after };
  }
  return { read, after: after ?? 'beginning' };
}
