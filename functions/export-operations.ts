import * as z from 'zod';
import { onColdStart } from './assembly/cold-start.ts';
import { partsFor } from './assembly/parts.ts';
import { attachment, CSV, XLSX } from './exports/file-name.ts';
import { operationsCsv, operationsWorkbook, type OperationsToExport } from './exports/operations-table.ts';
import { bytesForReply, MOST_REPLY_BYTES } from './exports/reply-bytes.ts';
import { httpChain } from './http/chain.ts';
import type { RouteContract } from './http/contract.ts';
import { InvalidInput } from './http/errors.ts';
import { parseInput } from './http/input.ts';
import { connectionsToRead, operationQuery, operationsQuery, periodOfOperations } from './http/operation-query.ts';
import type { ApiReply, ApiRequest } from './http/request.ts';
import { readOperations, type OperationsPlace } from './listing/operations.ts';
import { unreadableIn } from './operations/ledger/errors.ts';
import type { Ledger } from './operations/ledger/ledger.ts';
import type { Operation } from './operations/rules/operation.ts';
import { viewOf } from './operations/rules/view-of.ts';
import type { Connections } from './providers/connections.ts';
import { localTimeAt } from './providers/time-zone.ts';
import type { Clock } from './runtime/clock.ts';
import type { InvocationLogger } from './runtime/logger.ts';

export interface ExportOperationsNeeds {
  readonly connections: Pick<Connections, 'get' | 'names'>;
  readonly ledger: Pick<Ledger, 'list' | 'listOpen' | 'listOfOrderId'>;
  readonly clock: Clock;
  readonly log: InvocationLogger;
}

const MOST_OPERATIONS = 5_000;
const READ_AT_ONCE = 100;
/** Time kept back for making the file. */
const RESERVE_MS = 5_000;

const querySchema = z.strictObject({
  ...operationQuery,
  format: z.enum(['xlsx', 'csv']).default('xlsx'),
});

/** Exports operations as a file, with the filters of the list. More than {@link MOST_OPERATIONS} are an error: nothing is left out. */
export async function exportOperations(
  request: ApiRequest,
  needs: ExportOperationsNeeds,
): Promise<ApiReply<Uint8Array>> {
  const { format, ...query } = parseInput(querySchema, request.query, 'query');
  const connections = connectionsToRead(query, request.caller, needs.connections);
  const now = needs.clock.now();
  const period = periodOfOperations(query, now);
  const { operations, unreadable } = await readAll(operationsQuery(query, connections, period), request, needs);
  const names = new Set(needs.connections.names());
  const ask: OperationsToExport = {
    operations: operations.map(viewOf),
    timeZoneOf: (name) => (names.has(name) ? needs.connections.get(name).timeZone : 'UTC'),
    localTimeAt,
    about: [
      ['Read at (UTC)', new Date(now)],
      ['Requested from (UTC)', period.from ?? 'any time'],
      ['Requested until (UTC)', period.to ?? 'any time'],
      ['Filters', JSON.stringify(request.query)],
      ['Operations', operations.length],
      ['Left out: written by another version of Countermand', unreadable],
    ],
    readAt: new Date(now),
  };
  const bytes = format === 'csv' ? Buffer.from(operationsCsv(ask)) : await bytesForReply(operationsWorkbook(ask));
  if (bytes === null || bytes.length > MOST_REPLY_BYTES) throw tooMany();
  const day = new Date(now).toISOString().slice(0, 10);
  return {
    status: 200,
    headers: {
      'content-type': format === 'csv' ? CSV : XLSX,
      'content-disposition': attachment(`operations-${day}.${format}`),
      ...(unreadable > 0 && { incomplete: `unreadable_items=${unreadable}` }),
    },
    body: bytes,
  };
}

/** Throws `InvalidInput` if there are too many, or if reading them takes too long. */
async function readAll(
  query: ReturnType<typeof operationsQuery>,
  { remainingMs }: ApiRequest,
  { ledger, connections, log }: ExportOperationsNeeds,
): Promise<{ operations: Operation[]; unreadable: number }> {
  const operations: Operation[] = [];
  const unreadable: string[] = [];
  if (query.connections?.length === 0) return { operations, unreadable: 0 };
  let after: OperationsPlace | null = null;
  do {
    if (operations.length > MOST_OPERATIONS || remainingMs() < RESERVE_MS) throw tooMany();
    const page = await readOperations(
      query,
      { limit: READ_AT_ONCE, after },
      { ledger, names: () => connections.names() },
    );
    operations.push(...page.operations);
    unreadable.push(...page.unreadable);
    after = page.nextCursor;
  } while (after !== null);
  if (operations.length > MOST_OPERATIONS) throw tooMany();
  if (unreadable.length > 0) log.error('OPERATIONS_UNREADABLE', unreadableIn(unreadable));
  return { operations, unreadable: unreadable.length };
}

function tooMany(): InvalidInput {
  const message = `leaves more than a file here can hold (${MOST_OPERATIONS} operations): ask for a shorter period or add filters`;
  return new InvalidInput([{ field: 'from', message }]);
}

export function contract(): RouteContract {
  return {
    tag: 'Operations',
    summary: 'Export operations as a workbook or as CSV',
    description:
      'The filters of the list, with times in UTC and in the time zone of the connection. At most 5,000 operations; a query that finds ' +
      'more is a 400 that names `from`.',
    query: querySchema,
    replies: {
      200: {
        description: 'A workbook with the sheets Operations and About; with `format=csv` the same rows as CSV.',
        mediaTypes: [XLSX, 'text/csv'],
        headers: z.object({
          'content-disposition': z.string(),
          incomplete: z.optional(z.string().meta({ description: 'How many operations could not be read.' })),
        }),
        body: z.string().meta({ format: 'binary' }),
      },
    },
    problems: ['unknown-connection'],
  };
}

export function newHandler(needs: ExportOperationsNeeds) {
  return httpChain({ access: 'read', log: needs.log, handle: (request) => exportOperations(request, needs) });
}

export const handler = onColdStart(() => {
  const { connections, ledger, clock, log } = partsFor('export-operations');
  return newHandler({ connections: connections(), ledger: ledger(), clock, log: log() });
});
