import type { Effect, LookUpReply, OrderFacts, Warning } from '../providers/provider.ts';
import type { CallFailure } from '../providers/call-failure.ts';
import { keptStatus } from './evidence.ts';
import type { OperationNeeds, ReadNeeds } from './needs.ts';
import { readOrder } from './read-back.ts';
import { mayActFor, operationId, type Operation, type OperationKind } from './rules/operation.ts';
import { proofOf } from './rules/proof.ts';
import { succession } from './rules/succession.ts';
import type { Verdict } from './rules/verdict.ts';

/** What an ask would come to. */
export type DryRun =
  | {
      readonly kind: 'read';
      readonly verdict: Verdict;
      /** The provider's own word for the order's status, as it may be kept. */
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

type SeenOrder = Extract<LookUpReply, { readonly order: OrderFacts }>;

/** Reads the order and says what an ask would do. Changes nothing, here or at the provider, and opens no operation. */
export async function dryRun(
  wanted: { connection: string; orderId: string; kind: OperationKind },
  needs: ReadNeeds & Pick<OperationNeeds, 'ledger' | 'redact'>,
  remainingMs: () => number,
): Promise<DryRun> {
  const [current, { seen, provider }] = await Promise.all([
    needs.ledger.findCurrent(wanted.connection, wanted.orderId),
    readOrder(wanted, needs, remainingMs),
  ]);
  switch (seen.kind) {
    case 'cancelled':
    case 'closed':
    case 'deciding':
    case 'not_cancelled': {
      const standing = current === null ? null : standingInstead(wanted.kind, current, needs.clock.now());
      const isOpenForIt = proofOf(wanted.kind, seen).kind === 'undone';
      const wouldAsk = isOpenForIt && standing === null;
      const warnings = warningsOf(wanted.kind, seen, current);
      const isLikelyRefused = warnings.some(({ code }) => REFUSED_FOR.includes(code));
      return {
        kind: 'read',
        verdict: wouldAsk ? (isLikelyRefused ? 'likely_refused' : 'would') : 'would_not',
        status: keptStatus(seen.order.status, needs.redact),
        effects: wouldAsk ? provider.capabilities[wanted.kind].effects : [],
        warnings,
        total: seen.order.total,
        operation: standing === null ? null : operationId({ ...wanted, number: standing }),
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

/** The number of the operation that is answered with, or stands in the way, instead of an ask; null where the next one would be opened. */
function standingInstead(kind: OperationKind, current: Operation, now: number): number | null {
  const follows = succession(kind, current);
  if (follows.kind === 'next') return mayActFor(current, now) > 0 ? current.number : null;
  return 'number' in follows ? follows.number : current.number;
}

/**
 * Warnings for which a provider likely refuses, or of which nobody knows. No provider documents when it refuses, so these are conclusions. An issued invoice is not
 * among them: it can be cancelled for a while.
 */
const REFUSED_FOR: readonly Warning['code'][] = ['shipped', 'refused_before', 'not_active', 'status_unknown'];

const NOT_ACTIVE: Warning = { code: 'not_active', text: 'The order was rejected or has expired: it is not active.' };
const REFUSED_BEFORE: Warning = {
  code: 'refused_before',
  text: 'The provider refused this before, and the order has the same status as then.',
};

/** What speaks against an ask, by the order as it is seen and by the order's operation. */
function warningsOf(kind: OperationKind, { kind: seenAs, order }: SeenOrder, current: Operation | null): Warning[] {
  const warnings = [...shownWarnings(kind, order)];
  if (kind === 'cancel' && seenAs === 'closed') warnings.push(NOT_ACTIVE);
  const isRefusedAsSeen =
    current?.state === 'refused' &&
    current.kind === kind &&
    current.detail === 'refused_by_provider' &&
    current.evidence.status === order.status;
  if (isRefusedAsSeen && !warnings.some(({ code }) => code === REFUSED_BEFORE.code)) warnings.push(REFUSED_BEFORE);
  return warnings;
}

/** Nothing in an order speaks against deleting it but that it is for good. */
function shownWarnings(kind: OperationKind, { warnings, listed }: OrderFacts): readonly Warning[] {
  switch (kind) {
    case 'cancel':
      return warnings;
    case 'restore':
      return listed?.restoreWarnings ?? [];
    case 'delete':
      return [];
  }
}
