import { NotSupportedByProvider } from '../operations/errors.ts';
import { listedOrThrow } from '../http/listed-order.ts';
import type { ApiRequest } from '../http/request.ts';
import { keyClaimOf } from '../idempotency/idempotency-key.ts';
import type { OperationNeeds } from '../operations/needs.ts';
import { readOrder } from '../operations/read-back.ts';
import { performOrFollow, type Followed } from '../operations/follow.ts';
import type { OperationKind } from '../operations/rules/operation.ts';
import { answerWithoutAsking, perform } from '../operations/perform.ts';
import { listedSnapshot } from '../operations/rules/snapshot.ts';
import type { Connections } from '../providers/connections.ts';

export interface ChangeOrderNeeds {
  readonly connections: Pick<Connections, 'providerOf' | 'checkOrderId'>;
  readonly operations: OperationNeeds;
}

/**
 * Handles an ask that came over a drop-in route. It is the same operation as over any other route, but the caller can only name the
 * order. An order to be deleted is read first, and deleted only if it is cancelled, rejected or expired then.
 */
export async function changeOrder(
  wanted: { connection: string; orderId: string; kind: OperationKind },
  request: ApiRequest,
  { connections, operations }: ChangeOrderNeeds,
): Promise<Followed> {
  const { connection, orderId, kind } = wanted;
  connections.checkOrderId(connection, orderId);
  const provider = connections.providerOf(connection);
  if (provider.capabilities[kind].evidence === 'absent') throw new NotSupportedByProvider();

  const caller = request.caller.name;
  const route = `${kind} ${connection}:${orderId}`;
  const idempotency = keyClaimOf(request.headers['idempotency-key'], { caller, route, body: {} });
  const fields = {
    connection,
    orderId,
    provider: provider.name,
    reason: null,
    note: null,
    actor: caller,
    trigger: 'http',
    idempotency,
  } as const;

  const ask = async (remainingMs: () => number) => {
    if (kind !== 'delete') return perform({ ...fields, kind }, operations, remainingMs);
    const standing = await answerWithoutAsking({ ...wanted, idempotency }, operations);
    if (standing !== null) return standing;
    const listed = listedOrThrow((await readOrder(wanted, operations, remainingMs)).seen, 'delete');
    return perform({ ...fields, kind, tombstone: listedSnapshot(listed, operations.redact) }, operations, remainingMs);
  };
  return performOrFollow(ask, operations, request.remainingMs);
}
