import * as z from 'zod';
import { onColdStart } from './assembly/cold-start.ts';
import { partsFor } from './assembly/parts.ts';
import { ngorderWorkbook } from './drop-in/ngorder-workbook.ts';
import { httpChain } from './http/chain.ts';
import { OWN_ERRORS, type RouteContract } from './http/contract.ts';
import { connectionMeant, seesPersonalData } from './drop-in/drop-in.ts';
import { dropInHeaderFields } from './drop-in/drop-in-contract.ts';
import { isNgorders, ngorderProblem, pageMeant, withoutPersonalData } from './drop-in/ngorder-dialect.ts';
import { ngorderFailures } from './drop-in/ngorder-contract.ts';
import { downloadQuery, MOST_PER_PAGE } from './drop-in/ngorder-input.ts';
import { InvalidInput } from './http/errors.ts';
import { NotSupportedByProvider } from './operations/errors.ts';
import { fileReply, fileReplyContract } from './http/export-reply.ts';
import { parseInput } from './http/input.ts';
import { providerFailure } from './http/provider-failure.ts';
import type { ApiReply, ApiRequest } from './http/request.ts';
import { readOriginalPage } from './operations/read-original.ts';
import type { ReadNeeds } from './operations/needs.ts';
import type { Connections } from './providers/connections.ts';
import type { OriginalOrder } from './providers/provider.ts';
import type { InvocationLogger } from './runtime/logger.ts';

export interface DownloadNgorderCancelledOrdersNeeds {
  readonly connections: Pick<Connections, 'names' | 'get'>;
  readonly reading: ReadNeeds;
  readonly log: InvocationLogger;
}

const MOST_ORDERS = 5_000;
const MOST_STARTS = 3;
/** A Lambda's reply may have 6 MB, in base64 and with its envelope (Lambda quotas: invocation payload). */
const MOST_BYTES = 4_400_000;

/** Answers ngorder's own `GET order-cancel/download`: all orders of its list in an .xlsx file, with the columns of its documentation. */
export async function downloadNgorderCancelledOrders(
  request: ApiRequest,
  needs: DownloadNgorderCancelledOrdersNeeds,
): Promise<ApiReply<Uint8Array>> {
  const filters = parseInput(downloadQuery, request.query, 'query');
  const declarations = needs.connections.names().map((name) => needs.connections.get(name));
  const connection = connectionMeant(isNgorders, request, declarations);

  // By id, because rows can slip from one page to the next while the list is read. Then the list is read once more.
  const orders = new Map<string, OriginalOrder>();
  for (let start = 1, total = 1; orders.size < total; start += 1) {
    if (start > MOST_STARTS) throw providerFailure({ kind: 'lost', problem: 'unreadable_reply' });
    total = 0;
    for (let page = 1, totalPages = 1; page <= totalPages; page += 1) {
      const query = pageMeant({ ...filters, per_page: MOST_PER_PAGE, pagination_offset: page });
      const read = await readOriginalPage(connection, query, needs.reading, request.remainingMs);
      if (read === null) throw new NotSupportedByProvider();
      if (read.kind !== 'page') throw providerFailure(read);
      if (read.total > MOST_ORDERS || orders.size > MOST_ORDERS) throw tooMany();
      if (read.rows.length === 0) break;
      for (const row of read.rows) orders.set(String(row['order_id']), row);
      ({ total, totalPages } = read);
    }
  }

  const shown = seesPersonalData(request.caller) ? [...orders.values()] : [...orders.values()].map(withoutPersonalData);
  const chunks: Uint8Array[] = [];
  for await (const chunk of ngorderWorkbook(shown, new Date(needs.reading.clock.now()))) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  if (bytes.length > MOST_BYTES) throw tooMany();
  return fileReply(`order-cancel-${filters.type.toLowerCase()}.xlsx`, bytes, []);
}

function tooMany(): InvalidInput {
  const message = `must select fewer orders: at most ${MOST_ORDERS}, in a file of at most ${MOST_BYTES} bytes`;
  return new InvalidInput([{ field: 'start_date', message }]);
}

export function contract(): RouteContract {
  return {
    tag: 'Drop-in',
    summary: 'Download cancelled, rejected or expired orders, as ngorder does',
    description:
      'An .xlsx file with the columns of ngorder’s documentation. It has no personal data for a token without the scope `personal-data`.',
    headers: z.object({ 'Countermand-Connection': dropInHeaderFields['Countermand-Connection'] }),
    query: downloadQuery,
    replies: {
      200: { ...fileReplyContract, description: 'A workbook with the sheets Orders and Products.' },
      ...ngorderFailures(),
    },
    problems: OWN_ERRORS,
  };
}

export function newHandler(needs: DownloadNgorderCancelledOrdersNeeds) {
  return httpChain({
    access: 'read',
    problemReply: ngorderProblem,
    log: needs.log,
    handle: (request) => downloadNgorderCancelledOrders(request, needs),
  });
}

export const handler = onColdStart(() => {
  const { connections, reading, log } = partsFor('download-ngorder-cancelled-orders');
  return newHandler({ connections: connections(), reading: reading(), log: log() });
});
