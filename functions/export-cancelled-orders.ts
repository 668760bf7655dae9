import * as z from 'zod';
import { onColdStart } from './assembly/cold-start.ts';
import { exportPartsFor } from './assembly/export-parts.ts';
import { exportAtOnce, type AtOnceNeeds } from './exports/at-once.ts';
import type { ExportFiles } from './exports/export-files.ts';
import { exportIdOf, isOpen, type ExportQuery, type NewExport } from './exports/export-job.ts';
import type { ExportJobs } from './exports/export-jobs.ts';
import { admitTo, allow } from './http/caller.ts';
import { httpChain } from './http/chain.ts';
import type { RouteContract } from './http/contract.ts';
import { fileReply, fileReplyContract, jobReply, jobReplyHeaders } from './http/export-reply.ts';
import { parseInput } from './http/input.ts';
import { nothingRead } from './http/nothing-read.ts';
import { periodAsMeant, periodQuery } from './http/period-query.ts';
import { exportBody, type ExportBody } from './http/reply-bodies.ts';
import type { ApiReply, ApiRequest } from './http/request.ts';
import { CANCELLED_ORDER_TYPES } from './providers/cancelled-order.ts';
import type { Connections } from './providers/connections.ts';
import type { InvocationLogger } from './runtime/logger.ts';

export interface ExportCancelledOrdersNeeds extends AtOnceNeeds {
  readonly connections: Pick<Connections, 'names' | 'get'>;
  readonly jobs: Pick<ExportJobs, 'create' | 'find'>;
  readonly files: Pick<ExportFiles, 'putPage' | 'linkTo'>;
  readonly log: InvocationLogger;
}

const pathSchema = z.object({ connection: z.optional(z.string()) });
const querySchema = z.strictObject({
  type: z.optional(z.enum(CANCELLED_ORDER_TYPES)),
  include: z.optional(z.literal('customer', { error: 'can only be customer' })),
  ...periodQuery,
});

/** Exports cancelled orders as an .xlsx file: at once if they are few, otherwise as a job that `GET /v1/exports/{exportId}` shows. */
export async function exportCancelledOrders(
  request: ApiRequest,
  needs: ExportCancelledOrdersNeeds,
): Promise<ApiReply<ExportBody | Uint8Array>> {
  const { connection } = parseInput(pathSchema, request.params, 'path');
  const { caller } = request;
  if (connection !== undefined) {
    admitTo(connection, caller);
    needs.connections.get(connection);
  }
  const filters = parseInput(querySchema, request.query, 'query');
  if (filters.include !== undefined) allow('personal-data', caller);
  const mine = needs.connections.names().filter((name) => caller.connections?.includes(name) ?? true);
  const connections = connection === undefined ? mine : [connection];

  const exportId = exportIdOf(caller.name, { filters, connections });
  const open = await needs.jobs.find(exportId);
  if (open !== null && isOpen(open)) return jobReply(202, open, needs);

  const query: ExportQuery = {
    connections,
    type: filters.type ?? null,
    ...periodAsMeant(filters, needs.clock.now()),
    includeCustomer: filters.include === 'customer',
  };
  const ask = newExport(exportId, caller.name, query, connection ?? 'all');
  const made = await exportAtOnce(ask, needs, request.remainingMs);
  if (made.kind === 'whole') {
    const [gap] = made.rows === 0 ? made.incomplete : [];
    const failure = gap && connections.length === 1 ? nothingRead(gap.connection, gap.problem) : null;
    if (failure) throw failure;
    return fileReply(ask.fileName, made.bytes, made.incomplete);
  }
  // Another request for the same export may have created its job first. Then that job is the answer.
  const job = (await needs.jobs.create(made.job, 'ended')) ?? made.job;
  needs.log.info('EXPORT_STARTED', { exportId, rows: job.rows });
  return jobReply(202, job, needs);
}

function newExport(exportId: string, owner: string, query: ExportQuery, what: string): NewExport {
  const fileName = `cancelled-orders-${what}-${query.from.slice(0, 10)}-${query.to.slice(0, 10)}.xlsx`;
  return { exportId, owner, query, fileName, fileKey: `exports/${exportId}/${fileName}` };
}

export function contract(route: string): RouteContract {
  const ofOne = route.includes('{connection}');
  return {
    tag: 'Cancelled orders',
    summary: ofOne ? 'Export the cancelled orders of a connection' : 'Export the cancelled orders of all connections',
    ...(ofOne && { operationId: 'export-cancelled-orders-of-connection' }),
    description:
      'Always an .xlsx file, with the filters of the list. Up to 5,000 orders are answered at once. More orders, or a slow provider, make ' +
      'it a job. While the job is open, the same request by the same caller returns the same job.',
    ...(ofOne && { path: z.object({ connection: z.string() }) }),
    query: querySchema,
    replies: {
      200: fileReplyContract,
      202: { description: 'The export is a job: follow `Location`.', headers: jobReplyHeaders, body: exportBody },
    },
    problems: [
      ...(ofOne ? (['unknown-connection'] as const) : []),
      'connection-turned-away',
      'provider-failed',
      'provider-unavailable',
      'temporarily-unavailable',
    ],
  };
}

export function newHandler(needs: ExportCancelledOrdersNeeds) {
  return httpChain({ access: 'read', log: needs.log, handle: (request) => exportCancelledOrders(request, needs) });
}

export const handler = onColdStart(() => {
  const { connections, jobs, files, readOrders, clock, log } = exportPartsFor('export-cancelled-orders');
  return newHandler({
    connections: connections(),
    jobs: jobs(),
    files: files(),
    readPage: readOrders,
    clock,
    log: log(),
  });
});
