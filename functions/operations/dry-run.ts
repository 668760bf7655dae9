import type { OpenConnection } from '../providers/connections.ts';
import type { CallFailure, Effect, LookUpReply, OrderFacts, Warning } from '../providers/provider.ts';
import type { OperationNeeds } from './ask.ts';
import { callTimeoutMs } from './budget.ts';
import { operationId, type Operation } from './operation.ts';

/** What a cancel would come to. */
export type DryRun =
  | {
      readonly kind: 'read';
      /** Whether the provider would be asked. */
      readonly wouldCancel: boolean;
      /** The provider's own word for the order's status. */
      readonly status: string;
      /** What the ask would touch; nothing where it would not be made. */
      readonly effects: readonly Effect[];
      /** What speaks against it. */
      readonly warnings: readonly Warning[];
      /** What the order is worth, where its provider tells. */
      readonly total: OrderFacts['total'];
      /** The operation that a cancel would be answered with instead of an ask. */
      readonly operation: string | null;
    }
  | { readonly kind: 'order_not_found' }
  | CallFailure;

/**
 * Reads the order and says what a cancel would do. Changes nothing, here or at the provider, and opens no operation. Reads the
 * credential anew when it is rejected, as an ask would be tried again with a changed one.
 */
export async function dryRun(
  order: { connection: string; orderId: string },
  needs: Pick<OperationNeeds, 'ledger' | 'openConnection' | 'clock'>,
  remainingMs: () => number,
): Promise<DryRun> {
  const [entry, connection] = await Promise.all([
    needs.ledger.find(order.connection, order.orderId),
    needs.openConnection(order.connection),
  ]);
  let reply = await lookUp(order.orderId, connection, needs, remainingMs);
  if (reply.kind === 'credential_rejected') {
    const reopened = await needs.openConnection(order.connection, { fresh: true });
    if (reopened.credentialDigest !== connection.credentialDigest) {
      reply = await lookUp(order.orderId, reopened, needs, remainingMs);
    }
  }

  switch (reply.kind) {
    case 'cancelled':
    case 'deciding':
    case 'not_cancelled': {
      const standing = standingOperation(entry?.current);
      const wouldCancel = reply.kind === 'not_cancelled' && standing === null;
      const effects = wouldCancel ? connection.provider.capabilities.cancel.effects : [];
      return {
        kind: 'read',
        wouldCancel,
        status: reply.order.status,
        effects,
        warnings: reply.order.warnings,
        total: reply.order.total,
        operation: standing,
      };
    }
    case 'order_not_found':
    case 'nowhere':
      return { kind: 'order_not_found' };
    case 'credential_rejected':
    case 'rate_limited':
    case 'not_sent':
    case 'lost':
      return reply;
  }
}

function lookUp(
  orderId: string,
  connection: OpenConnection,
  { clock }: Pick<OperationNeeds, 'clock'>,
  remainingMs: () => number,
): Promise<LookUpReply> {
  const timeoutMs = callTimeoutMs(connection.timeoutMs, remainingMs());
  return connection.client.lookUp({ orderId, askedAt: clock.now(), mark: null }, { timeoutMs });
}

/** Only a refused operation makes room for another ask. */
function standingOperation(current: Operation | undefined): string | null {
  return current === undefined || current.state === 'refused' ? null : operationId(current);
}
