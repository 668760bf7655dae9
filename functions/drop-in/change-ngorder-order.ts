import { connectionMeant } from './drop-in.ts';
import { isNgorders, ngorderReply } from './ngorder-dialect.ts';
import type { ApiReply, ApiRequest } from '../http/request.ts';
import type { OperationKind } from '../operations/rules/operation.ts';
import { readOriginal } from '../operations/read-original.ts';
import type { Connections } from '../providers/connections.ts';
import { changeOrder, type ChangeOrderNeeds } from './change-order.ts';

export interface ChangeNgorderOrderNeeds extends ChangeOrderNeeds {
  readonly connections: Pick<Connections, 'names' | 'get' | 'providerOf' | 'checkOrderId'>;
}

/** Handles an ask that came over one of ngorder's own routes, and answers in its envelope. */
export async function changeNgorderOrder(
  { kind, orderId }: { kind: OperationKind; orderId: string },
  request: ApiRequest,
  needs: ChangeNgorderOrderNeeds,
): Promise<ApiReply> {
  const declarations = needs.connections.names().map((name) => needs.connections.get(name));
  const connection = connectionMeant(isNgorders, request, declarations);
  const answer = await changeOrder({ connection, orderId, kind }, request, needs);
  const { outcome, tombstone } = answer.operation;
  const isShown = outcome === 'confirmed' && kind !== 'delete';
  const original = isShown ? await readOriginal({ connection, orderId }, needs.operations, request.remainingMs) : null;
  return ngorderReply(answer, { id: orderId, number: original?.['po_number'] ?? tombstone?.number ?? null });
}
