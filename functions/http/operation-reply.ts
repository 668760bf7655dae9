import type { OperationView } from '../operations/operation-view.ts';
import { OrderNotCancellable, OrderNotFound } from './errors.ts';
import type { HttpReply } from './request.ts';

interface Answered {
  readonly operation: OperationView;
  /** The same ask was answered before; this is how its operation stands now. */
  readonly replayed: boolean;
  /** When it is worth looking again at what is not settled. */
  readonly retryAfterSeconds: number;
}

/** The reply that fits an operation (design, section 4). Throws what a refusal is answered as: `OrderNotCancellable`, `OrderNotFound`. */
export function operationReply({ operation, replayed, retryAfterSeconds }: Answered): HttpReply<OperationView> {
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
      throw operation.detail === 'order_not_found'
        ? new OrderNotFound(operation, replayed)
        : new OrderNotCancellable(operation, replayed);
  }
}

function locationOf(operation: OperationView): string {
  return `/v1/operations/${operation.id}`;
}
