import type { OperationView } from '../operations/rules/operation-view.ts';
import { OrderNotCancellable, OrderNotDeletable, OrderNotFound, OrderNotRestorable } from './errors.ts';
import type { ApiReply } from './request.ts';

interface Answered {
  readonly operation: OperationView;
  /** The same ask was answered before; this is how its operation stands now. */
  readonly replayed: boolean;
  /** When it is worth looking again at what is not settled. */
  readonly retryAfterSeconds: number;
}

/** The reply that fits an operation (design, section 4). Throws what a refusal is answered as: `OrderNotCancellable`, `OrderNotRestorable`, `OrderNotDeletable`, `OrderNotFound`. */
export function operationReply({ operation, replayed, retryAfterSeconds }: Answered): ApiReply<OperationView> {
  const headers: Record<string, string> = replayed ? { 'idempotent-replayed': 'true' } : {};
  switch (operation.outcome) {
    case 'confirmed':
      return { status: 200, headers, body: operation };
    case 'pending':
    case 'unknown':
      return {
        status: 202,
        headers: { ...headers, location: locationOf(operation), 'retry-after': String(retryAfterSeconds) },
        body: operation,
      };
    case 'needs_attention':
      return { status: 202, headers: { ...headers, location: locationOf(operation) }, body: operation };
    case 'refused':
      throw refusalOf(operation, replayed);
  }
}

function refusalOf(operation: OperationView, replayed: boolean): Error {
  if (operation.detail === 'order_not_found') return new OrderNotFound(operation, replayed);
  switch (operation.kind) {
    case 'cancel':
      return new OrderNotCancellable(operation, replayed);
    case 'restore':
      return new OrderNotRestorable(operation, replayed);
    case 'delete':
      return new OrderNotDeletable(operation, replayed);
  }
}

function locationOf(operation: OperationView): string {
  return `/v1/operations/${operation.id}`;
}
