import type { OperationView } from '../operations/rules/operation-view.ts';
import { OrderNotCancellable, OrderNotDeletable, OrderNotFound, OrderNotRestorable } from './errors.ts';
import type { ApiReply } from './request.ts';

interface Answered {
  readonly operation: OperationView;
  /** Whether the same ask was answered before. `operation` is its current state. */
  readonly replayed: boolean;
  /** When it is worth looking again at an operation that is not settled. */
  readonly retryAfterSeconds: number;
}

/**
 * Returns the reply that fits an operation (design, section 4). For a refusal it throws `OrderNotCancellable`, `OrderNotRestorable`,
 * `OrderNotDeletable` or `OrderNotFound`.
 */
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
