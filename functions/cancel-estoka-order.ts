import * as z from 'zod';
import { onColdStart } from './assembly/cold-start.ts';
import { partsFor } from './assembly/parts.ts';
import { changeOrder } from './drop-in/change-order.ts';
import { httpChain } from './http/chain.ts';
import { OWN_ERRORS, type RouteContract } from './http/contract.ts';
import { connectionMeant, seesPersonalData } from './drop-in/drop-in.ts';
import { dropInHeaderFields } from './drop-in/drop-in-contract.ts';
import { estokaProblem, estokaReply, isOfOrganization, withoutPersonalData } from './drop-in/estoka-dialect.ts';
import { estokaReplies } from './drop-in/estoka-contract.ts';
import { parseInput } from './http/input.ts';
import type { ApiReply, ApiRequest } from './http/request.ts';
import type { OperationNeeds } from './operations/needs.ts';
import { readOriginal } from './operations/read-original.ts';
import type { Connections } from './providers/connections.ts';
import type { InvocationLogger } from './runtime/logger.ts';

export interface CancelEstokaOrderNeeds {
  readonly connections: Pick<Connections, 'names' | 'get' | 'providerOf' | 'checkOrderId'>;
  readonly operations: OperationNeeds;
  readonly log: InvocationLogger;
}

const pathSchema = z.object({
  organization_id: z
    .string()
    .regex(/^\d{1,15}$/, { error: 'must be a number' })
    .transform(Number),
  order_id: z.string(),
});

/** Estoka's own `POST …/cancel`: makes the same operation as any other cancel, and answers with the order as Estoka shows it now. */
export async function cancelEstokaOrder(request: ApiRequest, needs: CancelEstokaOrderNeeds): Promise<ApiReply> {
  const { organization_id: organizationId, order_id: orderId } = parseInput(pathSchema, request.params, 'path');
  const declarations = needs.connections.names().map((name) => needs.connections.get(name));
  const connection = connectionMeant(isOfOrganization(organizationId), request, declarations);
  const answer = await changeOrder({ connection, orderId, kind: 'cancel' }, request, needs);
  const isRefused = answer.operation.outcome === 'refused';
  const order = isRefused ? null : await readOriginal({ connection, orderId }, needs.operations, request.remainingMs);
  const original = order === null || seesPersonalData(request.caller) ? order : withoutPersonalData(order);
  return estokaReply(answer, { id: orderId, organizationId, original });
}

export function contract(): RouteContract {
  return {
    tag: 'Drop-in',
    summary: 'Cancel an order, once, as Estoka takes it',
    description:
      'Send the token as `Authorization: Token token=…` or as a bearer token. `organization_id` selects the connection. Personal data is ' +
      'null for a token without the scope `personal-data`.',
    path: pathSchema,
    headers: z.object(dropInHeaderFields),
    replies: estokaReplies(),
    problems: OWN_ERRORS,
  };
}

export function newHandler(needs: CancelEstokaOrderNeeds) {
  return httpChain({
    access: 'cancel',
    body: 'ignored',
    problemReply: estokaProblem,
    log: needs.log,
    handle: (request) => cancelEstokaOrder(request, needs),
  });
}

export const handler = onColdStart(() => {
  const { connections, operations, log } = partsFor('cancel-estoka-order');
  return newHandler({ connections: connections(), operations: operations(), log: log() });
});
