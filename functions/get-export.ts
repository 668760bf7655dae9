import * as z from 'zod';
import { onColdStart } from './assembly/cold-start.ts';
import { exportPartsFor } from './assembly/export-parts.ts';
import type { ExportJob } from './exports/export-job.ts';
import type { ExportJobs } from './exports/export-jobs.ts';
import { allow, type Caller } from './http/caller.ts';
import { httpChain } from './http/chain.ts';
import type { RouteContract } from './http/contract.ts';
import { replyHeaders } from './http/reply-headers.ts';
import { ExportNotFound } from './http/errors.ts';
import { jobReply, type JobReplyNeeds } from './http/export-reply.ts';
import { parseInput } from './http/input.ts';
import { exportBody, type ExportBody } from './http/reply-bodies.ts';
import type { ApiReply, ApiRequest } from './http/request.ts';
import type { InvocationLogger } from './runtime/logger.ts';

export interface GetExportNeeds extends JobReplyNeeds {
  readonly jobs: Pick<ExportJobs, 'find'>;
  readonly log: InvocationLogger;
}

const pathSchema = z.object({
  exportId: z.string().regex(/^[\w-]{1,100}$/, { error: 'must be the id that the export was answered with' }),
});

/** Returns how far an export has come and, once it is finished, a link to its file. */
export async function getExport(request: ApiRequest, needs: GetExportNeeds): Promise<ApiReply<ExportBody>> {
  const { exportId } = parseInput(pathSchema, request.params, 'path');
  const job = await needs.jobs.find(exportId);
  if (job === null || !isOf(request.caller, job)) throw new ExportNotFound();
  if (job.query.includeCustomer) allow('personal-data', request.caller);
  return jobReply(200, job, needs);
}

/** Whether the caller may see the job: it is the caller's own or a daily one, and the token still covers all of its connections. */
function isOf({ name, connections }: Caller, { owner, query }: ExportJob): boolean {
  const isOwn = owner === null || owner === name;
  return isOwn && query.connections.every((connection) => connections?.includes(connection) ?? true);
}

export function contract(): RouteContract {
  return {
    tag: 'Cancelled orders',
    summary: 'How far an export has come',
    description:
      'The `Location` of an export’s 202 points here. The id of a daily export is `daily-{connection}-{date}`. Other callers’ exports are ' +
      'not shown.',
    path: pathSchema,
    replies: {
      200: {
        description: 'The export. Once it is finished, it has a link to its file, valid for five minutes.',
        headers: z.object({ 'retry-after': z.optional(replyHeaders.retryAfter) }),
        body: exportBody,
      },
    },
    problems: ['export-not-found'],
  };
}

export function newHandler(needs: GetExportNeeds) {
  return httpChain({ access: 'read', log: needs.log, handle: (request) => getExport(request, needs) });
}

export const handler = onColdStart(() => {
  const { jobs, files, clock, log } = exportPartsFor('get-export');
  return newHandler({ jobs: jobs(), files: files(), clock, log: log() });
});
