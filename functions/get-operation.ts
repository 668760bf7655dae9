import * as z from 'zod';
import { onColdStart } from './assembly/cold-start.ts';
import { partsFor } from './assembly/parts.ts';
import { admitTo } from './http/caller.ts';
import { httpChain } from './http/chain.ts';
import type { RouteContract } from './http/contract.ts';
import { OperationNotFound } from './http/errors.ts';
import { parseInput } from './http/input.ts';
import type { ApiReply, ApiRequest } from './http/request.ts';
import type { Ledger } from './operations/ledger/ledger.ts';
import { operationViewSchema, type OperationView } from './operations/rules/operation-view.ts';
import { viewOf } from './operations/rules/view-of.ts';
import type { InvocationLogger } from './runtime/logger.ts';

export interface GetOperationNeeds {
  readonly ledger: Pick<Ledger, 'findOperation'>;
  readonly log: InvocationLogger;
}

const pathSchema = z.object({
  operationId: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}:[\w.-]{1,100}:[1-9]\d{0,8}$/, {
    error: 'must be {connection}:{orderId}:{number}, as an operation shows its id',
  }),
});

/** Returns one operation as the ledger has it now. */
export async function getOperation(request: ApiRequest, needs: GetOperationNeeds): Promise<ApiReply<OperationView>> {
  const { operationId } = parseInput(pathSchema, request.params, 'path');
  const [connection = ''] = operationId.split(':');
  admitTo(connection, request.caller);

  const operation = await needs.ledger.findOperation(operationId);
  if (operation === null) throw new OperationNotFound('The ledger has no operation with this id.');
  return { status: 200, body: viewOf(operation) };
}

export function contract(): RouteContract {
  return {
    tag: 'Operations',
    summary: 'One operation',
    description: 'The operation as the ledger has it now. The `Location` of a 202 points here.',
    path: pathSchema,
    replies: { 200: { description: 'The operation.', body: operationViewSchema } },
    problems: ['operation-not-found', 'operation-unreadable'],
  };
}

export function newHandler(needs: GetOperationNeeds) {
  return httpChain({ access: 'read', log: needs.log, handle: (request) => getOperation(request, needs) });
}

export const handler = onColdStart(() => {
  const { ledger, log } = partsFor('get-operation');
  return newHandler({ ledger: ledger(), log: log() });
});
