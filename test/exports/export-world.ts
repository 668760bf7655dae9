import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { startFauxqs } from 'fauxqs';
import { createExportFiles, type ExportFiles } from '../../functions/exports/export-files.ts';
import { createExportJobs, type ExportJobs } from '../../functions/exports/export-jobs.ts';
import type { PageOfOrders, ReadPage } from '../../functions/exports/run-export.ts';
import type { CancelledOrder } from '../../functions/providers/cancelled-order.ts';
import type { Clock } from '../../functions/runtime/clock.ts';
import { EXPORT_JOBS_TABLE, startDynamoDB } from '../support/dynamodb.ts';

/** A real DynamoDB and a real S3 for the exports, and a clock that only the test moves. */
export interface ExportWorld {
  readonly jobs: ExportJobs;
  readonly files: ExportFiles;
  readonly clock: Clock & { advance(ms: number): void };
  /** Where they are, for another process. */
  readonly endpoints: { dynamodb: string; s3: string };
  stop(): Promise<void>;
}

const BUCKET = 'exports';

export async function startExportWorld(): Promise<ExportWorld> {
  const database = await startDynamoDB();
  const directory = mkdtempSync(join(tmpdir(), 'countermand-exports-'));
  const buckets = await startFauxqs({ port: 0, logger: false, s3StorageDir: directory });
  const s3 = s3At(buckets.address);
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  let now = Date.parse('2026-11-26T10:00:00Z');
  const clock = {
    now: () => now,
    // Nobody is woken: what waits does so for as long as the test goes.
    sleep: () => new Promise<void>(() => {}),
    random: () => 0.5,
    advance: (ms: number) => {
      now += ms;
    },
  };
  return {
    jobs: createExportJobs({ dynamodb: database.client, table: EXPORT_JOBS_TABLE, clock }),
    files: createExportFiles({ s3, bucket: BUCKET }),
    clock,
    endpoints: { dynamodb: database.endpoint, s3: buckets.address },
    async stop() {
      s3.destroy();
      await buckets.stop();
      await database.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function s3At(endpoint: string): S3Client {
  return new S3Client({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
}

export function orderAt(at: number): CancelledOrder {
  return {
    connection: 'toko-jaya',
    provider: 'ngorder',
    orderId: String(1_000_000 + at),
    number: `INV-${at}`,
    type: 'cancelled',
    orderedAt: new Date(Date.parse('2026-11-01T00:00:00Z') - at * 60_000).toISOString(),
    cancelledAt: null,
    createdAt: null,
    updatedAt: null,
    total: { amount: 1000 + at, currency: 'IDR' },
    paymentStatus: 'PAID',
    items: [{ sku: `S-${at}`, name: 'Kemeja', quantity: 1, unitPrice: 1000 }],
    source: 'provider',
  };
}

/** So many orders, page by page; `before` sees each page before it is answered, and may break it. */
export function readerOf(
  count: number,
  before: (from: number) => Partial<PageOfOrders> | undefined = () => undefined,
): ReadPage {
  return (_query, { after, limit }) => {
    const from = Number(after?.['at'] ?? 0);
    const to = Math.min(count, from + limit);
    const page = {
      orders: Array.from({ length: to - from }, (_, at) => orderAt(from + at)),
      next: to < count ? { at: String(to) } : null,
      pages: Math.ceil((to - from) / 50),
      incomplete: [],
    };
    return Promise.resolve().then(() => ({ ...page, ...before(from) }));
  };
}
