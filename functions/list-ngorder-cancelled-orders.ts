import * as z from 'zod';
import { onColdStart } from './assembly/cold-start.ts';
import { partsFor } from './assembly/parts.ts';
import { httpChain } from './http/chain.ts';
import { OWN_ERRORS, type RouteContract } from './http/contract.ts';
import { connectionMeant, seesPersonalData } from './drop-in/drop-in.ts';
import { dropInHeaderFields } from './drop-in/drop-in-contract.ts';
import { isNgorders, ngorderPage, ngorderProblem, pageMeant, withoutPersonalData } from './drop-in/ngorder-dialect.ts';
import { ngorderPageReplies } from './drop-in/ngorder-contract.ts';
import { listQuery } from './drop-in/ngorder-input.ts';
import { NotSupportedByProvider } from './operations/errors.ts';
import { parseInput } from './http/input.ts';
import { providerFailure } from './http/provider-failure.ts';
import { baseUrlOf, type ApiReply, type ApiRequest } from './http/request.ts';
import { readOriginalPage } from './operations/read-original.ts';
import type { ReadNeeds } from './operations/needs.ts';
import type { Connections } from './providers/connections.ts';
import type { InvocationLogger } from './runtime/logger.ts';

export interface ListNgorderCancelledOrdersNeeds {
  readonly connections: Pick<Connections, 'names' | 'get'>;
  readonly reading: ReadNeeds;
  readonly log: InvocationLogger;
}

/** Answers ngorder's own `GET order-cancel` with a page of ngorder's list as it is now. Links to other pages point here and keep the filters. */
export async function listNgorderCancelledOrders(
  request: ApiRequest,
  { connections, reading }: ListNgorderCancelledOrdersNeeds,
): Promise<ApiReply> {
  const query = parseInput(listQuery, request.query, 'query');
  const declarations = connections.names().map((name) => connections.get(name));
  const connection = connectionMeant(isNgorders, request, declarations);

  const page = await readOriginalPage(connection, pageMeant(query), reading, request.remainingMs);
  if (page === null) throw new NotSupportedByProvider();
  if (page.kind !== 'page') throw providerFailure(page);

  const rows = seesPersonalData(request.caller) ? page.rows : page.rows.map(withoutPersonalData);
  return ngorderPage({ ...page, rows }, query, baseUrlOf(request));
}

export function contract(): RouteContract {
  return {
    tag: 'Drop-in',
    summary: 'List cancelled, rejected or expired orders, as ngorder does',
    description:
      'The connection is the one that `Countermand-Connection` names, or else the only ngorder connection that the token may use. Personal ' +
      'data is null for a token without the scope `personal-data`.',
    headers: z.object({ 'Countermand-Connection': dropInHeaderFields['Countermand-Connection'] }),
    query: listQuery,
    replies: ngorderPageReplies(),
    problems: OWN_ERRORS,
  };
}

export function newHandler(needs: ListNgorderCancelledOrdersNeeds) {
  return httpChain({
    access: 'read',
    problemReply: ngorderProblem,
    log: needs.log,
    handle: (request) => listNgorderCancelledOrders(request, needs),
  });
}

export const handler = onColdStart(() => {
  const { connections, reading, log } = partsFor('list-ngorder-cancelled-orders');
  return newHandler({ connections: connections(), reading: reading(), log: log() });
});
