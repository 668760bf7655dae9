import type { Clock } from '../runtime/clock.ts';
import { newExportJob, withPage, type ExportJob, type ExportQuery, type Gap, type NewExport } from './export-job.ts';
import type { ExportFiles } from './export-files.ts';
import { once } from './once.ts';
import { ordersWorkbook } from './orders-workbook.ts';
import { ORDERS_OF_A_PAGE, type PageOfOrders, type ReadPage } from './run-export.ts';

/** An export that was small and quick enough, or as far as it came. */
export type AtOnce =
  | {
      readonly kind: 'whole';
      readonly bytes: Uint8Array;
      readonly rows: number;
      readonly incomplete: readonly Gap[];
    }
  /** To be worked on apart: what was read already lies in the bucket. */
  | { readonly kind: 'too_large'; readonly job: ExportJob };

export interface AtOnceNeeds {
  readonly files: Pick<ExportFiles, 'putPage'>;
  readonly readPage: ReadPage;
  readonly clock: Clock;
}

/** A Lambda's reply has 6 MB, in base64 and with its envelope (Lambda quotas: invocation payload). */
const MOST_BYTES = 4_400_000;
const MOST_ORDERS = 5_000;
/** How long providers are waited for. */
const LONGEST_WAIT_MS = 12_000;
const NEARLY_MS = 500;
/** Kept back to make the workbook, or to hand over what was read. */
const RESERVE_MS = 10_000;

/**
 * Makes the export here and now where it is small: up to {@link MOST_ORDERS} orders, read in {@link LONGEST_WAIT_MS}, in a file of
 * {@link MOST_BYTES}. Else answers a job that goes on where this came to. Throws what reading and the bucket throw.
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
    const bytes = await upTo(MOST_BYTES, ordersWorkbook({ pages, filters: ask.query, incomplete, readAt }));
    if (bytes !== null) return { kind: 'whole', bytes, rows, incomplete };
  }
  let job = newExportJob(ask, began);
  for (const page of read) {
    const tag = await needs.files.putPage(ask.exportId, job.batches.length, page.orders);
    job = withPage(job, { ...page, tag, rows: page.orders.length });
  }
  return { kind: 'too_large', job };
}

/** Whole pages; `after`: where reading has to go on, null where there is no more. */
async function readUntil(
  endsAt: number,
  query: ExportQuery,
  { readPage, clock }: AtOnceNeeds,
): Promise<{ read: PageOfOrders[]; after: ExportJob['after'] | 'beginning' }> {
  const read: PageOfOrders[] = [];
  let after: ExportJob['after'] = null;
  for (let orders = 0; orders < MOST_ORDERS && clock.now() < endsAt;) {
    const page = await readPage(query, { after, limit: ORDERS_OF_A_PAGE }, () => endsAt - clock.now());
    // What a provider did not tell until the time was up it may tell with more time.
    if (page.incomplete.length > 0 && clock.now() >= endsAt - NEARLY_MS) break;
    read.push(page);
    after = page.next;
    orders += page.orders.length;
    if (after === null) return { read, after };
  }
  return { read, after: after ?? 'beginning' };
}

/** All the bytes, or null where they are more than so many. */
async function upTo(most: number, pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array | null> {
  const taken: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces) {
    taken.push(piece);
    size += piece.length;
    if (size > most) return null;
  }
  return Buffer.concat(taken);
}
