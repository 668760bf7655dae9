import { randomUUID } from 'node:crypto';
import { createExportFiles } from '../exports/export-files.ts';
import { createExportJobs } from '../exports/export-jobs.ts';
import type { ExportNeeds, ReadPage } from '../exports/run-export.ts';
import { readPage } from '../listing/cancelled-orders.ts';
import { placeSchema } from '../listing/entry.ts';
import { CANCELLED_ORDER_TYPES } from '../providers/cancelled-order.ts';
import { ENVIRONMENT, fromEnvironment } from '../runtime/environment.ts';
import { createS3 } from '../runtime/s3.ts';
import { once } from './cold-start.ts';
import { partsFor } from './parts.ts';

/** All parts of functions that export. They are not in `parts.ts`, so that no other function's bundle contains the S3 client. */
export function exportPartsFor(functionName: string) {
  const parts = partsFor(functionName);
  const { clock, log } = parts;
  const jobs = once(() =>
    createExportJobs({ dynamodb: parts.dynamodb(), table: fromEnvironment(ENVIRONMENT.exportJobsTable), clock }),
  );
  const files = once(() => createExportFiles({ s3: createS3(), bucket: fromEnvironment(ENVIRONMENT.exportsBucket) }));
  const readOrders: ReadPage = ({ type, ...query }, { after, limit }, remainingMs) =>
    readPage(
      { ...query, types: type === null ? CANCELLED_ORDER_TYPES : [type] },
      { after: placeSchema.nullable().parse(after), limit },
      parts.listing(),
      remainingMs,
    );
  const running = once((): ExportNeeds & { log: ReturnType<typeof log> } => ({
    jobs: jobs(),
    files: files(),
    readPage: readOrders,
    clock,
    newOwner: randomUUID,
    log: log(),
  }));
  return { ...parts, jobs, files, readOrders, running };
}
