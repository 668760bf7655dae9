import type { OpenConnection } from '../providers/connections.ts';
import type { CallFailure, Effect, LookUpReply, OrderFacts, Provider, Warning } from '../providers/provider.ts';
import type { OperationNeeds } from './ask.ts';
import { callTimeoutMs } from './budget.ts';
import { operationId, type OperationKind } from './operation.ts';
import { proofOf } from './proof.ts';
import { succession } from './succession.ts';

/** What an ask would come to. */
export type DryRun =
  | {
      readonly kind: 'read';
      /** Whether the provider would be asked. */
      readonly wouldAsk: boolean;
      /** The provider's own word for the order's status. */
      readonly status: string;
      /** What the ask would touch; nothing where it would not be made. */
      readonly effects: readonly Effect[];
      /** What speaks against it. */
      readonly warnings: readonly Warning[];
      /** What the order is worth, where its provider tells. */
      readonly total: OrderFacts['total'];
      /** The operation that would be answered with, or stand in the way, instead of an ask. */
      readonly operation: string | null;
    }
  | { readonly kind: 'order_not_found' }
  | CallFailure;

type Needs = Pick<OperationNeeds, 'ledger' | 'openConnection' | 'clock'>;

/** Reads the order and says what an ask would do. Changes nothing, here or at the provider, and opens no operation. */
export async function dryRun(
  wanted: { connection: string; orderId: string; kind: OperationKind },
  needs: Needs,
  remainingMs: () => number,
): Promise<DryRun> {
  const [entry, { seen, provider }] = await Promise.all([
    needs.ledger.find(wanted.connection, wanted.orderId),
    readOrder(wanted, needs, remainingMs),
  ]);
  switch (seen.kind) {
    case 'cancelled':
    case 'closed':
    case 'deciding':
    case 'not_cancelled': {
      const follows = entry === null ? { kind: 'next' as const } : succession(wanted.kind, entry.current);
      const isOpenForIt = proofOf(wanted.kind, seen).kind === 'undone';
      const wouldAsk = isOpenForIt && follows.kind === 'next';
      const number = 'number' in follows ? follows.number : entry?.current.number;
      return {
        kind: 'read',
        wouldAsk,
        status: seen.order.status,
        effects: wouldAsk ? provider.capabilities[wanted.kind].effects : [],
        warnings: warningsOf(wanted.kind, seen.order),
        total: seen.order.total,
        operation: follows.kind === 'next' || number === undefined ? null : operationId({ ...wanted, number }),
      };
    }
    case 'order_not_found':
    case 'nowhere':
      return { kind: 'order_not_found' };
    case 'credential_rejected':
    case 'rate_limited':
    case 'not_sent':
    case 'lost':
      return seen;
  }
}

/** What speaks against an ask. Nothing does against a delete that is not in the order itself: it is for good. */
function warningsOf(kind: OperationKind, { warnings, listed }: OrderFacts): readonly Warning[] {
  switch (kind) {
    case 'cancel':
      return warnings;
    case 'restore':
      return listed?.restoreWarnings ?? [];
    case 'delete':
      return [];
  }
}

/**
 * The order as its provider shows it now. The credential is read anew where it is rejected, as an ask would be tried again with
 * a changed one.
 */
export async function readOrder(
  { connection: name, orderId }: { connection: string; orderId: string },
  needs: Pick<OperationNeeds, 'openConnection' | 'clock'>,
  remainingMs: () => number,
): Promise<{ seen: LookUpReply; provider: Provider }> {
  const lookUp = ({ client, timeoutMs }: OpenConnection) =>
    client.lookUp(
      { orderId, askedAt: needs.clock.now(), mark: null },
      { timeoutMs: callTimeoutMs(timeoutMs, remainingMs()) },
    );
  const connection = await needs.openConnection(name);
  const { provider } = connection;
  const seen = await lookUp(connection);
  if (seen.kind !== 'credential_rejected') return { seen, provider };
  const reopened = await needs.openConnection(name, { fresh: true });
  const isOther = reopened.credentialDigest !== connection.credentialDigest;
  return { seen: isOther ? await lookUp(reopened) : seen, provider };
}
