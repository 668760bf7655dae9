import type { Effect, LookUpReply, OrderFacts, Warning } from '../providers/provider.ts';
import type { CallFailure } from '../providers/call-failure.ts';
import { keptStatus } from './evidence.ts';
import type { OperationNeeds, ReadNeeds } from './needs.ts';
import { readOrder } from './read-back.ts';
import { mayActFor, operationId, type Operation, type OperationKind } from './rules/operation.ts';
import { proofOf } from './rules/proof.ts';
import { succession } from './rules/succession.ts';
import type { Verdict } from './rules/verdict.ts';

/** How an ask would end. */
export type DryRun =
  | {
      readonly kind: 'read';
      readonly verdict: Verdict;
      /** The provider's own word for the order's status, redacted. */
      readonly status: string;
      /** The effects that the ask would have; empty if it would not be made. */
      readonly effects: readonly Effect[];
      /** The warnings against the ask. */
      readonly warnings: readonly Warning[];
      /** The order's total; null if its provider does not show it. */
      readonly total: OrderFacts['total'];
      /** The id of the operation that would be the answer, or in the way, instead of an ask; null if there is none. */
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

/** Returns the number of the operation that is the answer, or in the way, instead of an ask; null if the ask would open the next one. */
function standingInstead(kind: OperationKind, current: Operation, now: number): number | null {
  const follows = succession(kind, current);
  if (follows.kind === 'next') return mayActFor(current, now) > 0 ? current.number : null;
  return 'number' in follows ? follows.number : current.number;
}

/**
 * Warnings on which a provider probably refuses, or on which nobody knows what it does. No provider documents when it refuses, so these are
 * conclusions. An issued invoice is not among them: an invoice can be cancelled for a while.
 */
const REFUSED_FOR: readonly Warning['code'][] = ['shipped', 'refused_before', 'not_active', 'status_unknown'];

const NOT_ACTIVE: Warning = { code: 'not_active', text: 'The order was rejected or has expired: it is not active.' };
const REFUSED_BEFORE: Warning = {
  code: 'refused_before',
  text: 'The provider refused this before, and the order has the same status as then.',
};

/** Returns the warnings against an ask, from the order as it was read and from its current operation. */
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

/** Returns the order's own warnings. A delete has none: nothing speaks against it except that it is for good. */
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
