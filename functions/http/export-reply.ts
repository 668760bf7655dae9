import * as z from 'zod';
import type { ExportFiles } from '../exports/export-files.ts';
import type { ExportJob } from '../exports/export-job.ts';
import { attachment, XLSX } from '../exports/file-name.ts';
import type { Clock } from '../runtime/clock.ts';
import { replyHeaders } from './reply-headers.ts';
import type { ExportBody } from './reply-bodies.ts';
import type { ApiReply } from './request.ts';

/** When it is worth looking again at a job that is still running. */
const LOOK_AGAIN_SECONDS = 5;
/** Long enough to begin a download, short enough that a link in a log or a browser history soon stops working. */
const LINK_SECONDS = 300;

export interface JobReplyNeeds {
  readonly files: Pick<ExportFiles, 'linkTo'>;
  readonly clock: Clock;
}

/** Returns the reply that shows an export job: 202 when it was started, 200 when it is read later. A finished job has a link to its file. */
export async function jobReply(status: 200 | 202, job: ExportJob, needs: JobReplyNeeds): Promise<ApiReply<ExportBody>> {
  const { exportId: id, state, rows, pages, incomplete, problem, createdAt, updatedAt, expiresAt } = job;
  const shown = { id, state, rows, pages, incomplete, problem, createdAt, updatedAt, expiresAt };
  const isOpen = state === 'reading' || state === 'writing';
  return {
    status,
    headers: {
      ...(status === 202 ? { location: `/v1/exports/${id}` } : {}),
      ...(isOpen ? { 'retry-after': String(LOOK_AGAIN_SECONDS) } : {}),
    },
    body: { ...shown, file: await fileOf(job, needs) },
  };
}

async function fileOf(job: ExportJob, { files, clock }: JobReplyNeeds): Promise<ExportBody['file']> {
  if (job.state !== 'finished' || job.fileBytes === null) return null;
  const urlExpiresAt = new Date(clock.now() + LINK_SECONDS * 1000).toISOString();
  const url = await files.linkTo(job.fileKey, LINK_SECONDS);
  return { name: job.fileName, bytes: job.fileBytes, url, urlExpiresAt };
}

/** Returns the file itself. A header names the connections that are missing in it, as its sheet About does. */
export function fileReply(
  fileName: string,
  bytes: Uint8Array,
  incomplete: ExportBody['incomplete'],
): ApiReply<Uint8Array> {
  const gaps = incomplete.map(({ connection, problem }) => `${connection}=${problem}`);
  return {
    status: 200,
    headers: {
      'content-type': XLSX,
      'content-disposition': attachment(fileName),
      ...(gaps.length === 0 ? {} : { incomplete: gaps.join(', ') }),
    },
    body: bytes,
  };
}

export const fileReplyContract = {
  description: 'A workbook with the sheets Orders, Items and About.',
  mediaType: XLSX,
  headers: z.object({
    'content-disposition': z.string(),
    incomplete: z.optional(
      z
        .string()
        .meta({ description: 'What could not be read, as `connection=problem`. The sheet About says the same.' }),
    ),
  }),
  body: z.string().meta({ format: 'binary' }),
};

export const jobReplyHeaders = z.object({
  location: replyHeaders.location,
  'retry-after': replyHeaders.retryAfter,
});
