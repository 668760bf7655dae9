import {
  mayMove,
  type ConfirmedDetail,
  type Evidence,
  type Operation,
  type OpenOperation,
  type Reach,
  type TimelineEntry,
} from './operation.ts';
import type { Snapshot } from './snapshot.ts';
import { extendTimeline } from './timeline.ts';

/** A step of an operation's life, with the facts that the step needs. Times are epoch milliseconds. */
export type Move =
  | {
      to: 'confirmed';
      detail: ConfirmedDetail;
      evidence: Evidence;
      snapshot?: Snapshot | null;
      /** Until when the provider may still act on the last ask. Set only if something other than its answer proved the outcome. */
      mayActUntil?: number;
    }
  | {
      to: 'refused';
      /**
       * `order_active`, `order_changed`: the order is no longer the one that the delete meant. `spared`: the rule that opened the
       * operation no longer means the order. These three need no words from the provider: the ask is proven to have had no effect.
       */
      detail: 'refused_by_provider' | 'order_not_found' | 'order_active' | 'order_changed' | 'spared';
      words: string | null;
      evidence: Evidence;
      historyMark: string | null;
    }
  | {
      to: 'pending' | 'unknown';
      detail: string;
      askReach: Reach;
      dueAt: number;
      historyMark?: string | null;
      /** The HTTP status of the reply to the ask, if the reply is not surely the provider's own. */
      status?: number | undefined;
    }
  | { to: 'needs_attention'; detail: string; dueAt: number };

export interface Writer {
  /** Unique for every function invocation. */
  owner: string;
  now: number;
}

/** Returns the operation after a move, not yet written. Throws if the move is not allowed, which is a bug. */
export function moved(operation: OpenOperation, move: Move, writer: Writer): Operation {
  assertMay(operation, move.to);
  const at = iso(writer.now);
  const next = { ...nextVersion(operation, writer), detail: move.detail, timeline: extended(operation, move, at) };
  switch (move.to) {
    case 'confirmed':
      return {
        ...settledFields(next),
        state: 'confirmed',
        settledAt: at,
        evidence: move.evidence,
        snapshot: move.snapshot ?? operation.snapshot,
        mayActUntil: move.mayActUntil === undefined ? null : iso(move.mayActUntil),
      };
    case 'refused':
      return {
        ...settledFields(next),
        state: 'refused',
        settledAt: at,
        evidence: move.evidence,
        words: move.words,
        mayActUntil: null,
        historyMark: move.historyMark ?? operation.historyMark,
      };
    case 'pending':
    case 'unknown':
      return {
        ...next,
        state: move.to,
        askReach: move.askReach,
        dueAt: iso(move.dueAt),
        leaseUntil: null,
        lostAsks: lostAsksOf(operation) + (operation.state === 'calling' && move.to === 'unknown' ? 1 : 0),
        looksSinceAsk: operation.state === 'calling' ? 0 : operation.looksSinceAsk + 1,
        historyMark: move.historyMark ?? operation.historyMark,
        lastAskEndedAt: operation.state === 'calling' ? at : operation.lastAskEndedAt,
      };
    case 'needs_attention':
      return {
        ...next,
        state: 'needs_attention',
        dueAt: iso(move.dueAt),
        leaseUntil: null,
        looksSinceAsk: operation.looksSinceAsk + 1,
      };
  }
}

/**
 * Returns the operation as it is written before the socket is opened, to ask or to ask again. `historyMark` is the mark of the order as
 * it is now.
 */
export function calling(
  operation: OpenOperation,
  historyMark: string | null,
  leaseUntil: number,
  writer: Writer,
): Operation & { state: 'calling' } {
  assertMay(operation, 'calling');
  const at = iso(writer.now);
  return {
    ...nextVersion(operation, writer),
    state: 'calling',
    detail: 'in_progress',
    attempts: operation.attempts + 1,
    lostAsks: lostAsksOf(operation),
    askedAt: at,
    historyMark: historyMark ?? operation.historyMark,
    leaseUntil: iso(leaseUntil),
    dueAt: iso(leaseUntil),
    timeline: extendTimeline(operation.timeline, { at, event: operation.attempts === 0 ? 'asked' : 'asked_again' }),
  };
}

/**
 * Returns a rule's operation as taken over by a caller who asks for the same. From then on it is driven to its end, even if the rule no
 * longer means the order.
 */
export function takenOver(
  operation: OpenOperation,
  by: Pick<Operation, 'reason' | 'note' | 'actor' | 'trigger'>,
  writer: Writer,
): OpenOperation {
  const { reason, note, actor, trigger } = by;
  return {
    ...nextVersion(operation, writer),
    reason,
    note,
    actor,
    trigger,
    timeline: extendTimeline(operation.timeline, { at: iso(writer.now), event: 'requested', detail: trigger }),
  };
}

/**
 * Returns the operation as held by a settler until `leaseUntil`. If the operation was `calling`, its invocation died, and its ask may
 * have gone out at any time until its lease ended. So it becomes `unknown`.
 */
export function taken(
  operation: OpenOperation,
  leaseUntil: number,
  writer: Writer,
): Exclude<OpenOperation, { state: 'calling' }> {
  const held = { ...nextVersion(operation, writer), leaseUntil: iso(leaseUntil), dueAt: iso(leaseUntil) };
  if (held.state !== 'calling') return held;
  return {
    ...held,
    state: 'unknown',
    detail: 'interrupted',
    askReach: 'sent',
    lostAsks: lostAsksOf(operation) + 1,
    looksSinceAsk: 0,
    lastAskEndedAt: operation.leaseUntil,
    timeline: extendTimeline(operation.timeline, { at: iso(writer.now), event: 'unknown', detail: 'interrupted' }),
  };
}

/** Counts the asks whose answers got lost. Asks that the provider turned away (429, 401) or that never reached it do not count. */
export function lostAsksOf({ lostAsks, attempts, state }: OpenOperation): number {
  // Nobody knows yet how an ask that is under way will end.
  return lostAsks ?? attempts - (state === 'calling' ? 1 : 0);
}

function assertMay(operation: Operation, to: Operation['state']): void {
  if (!mayMove(operation.state, to)) throw new Error(`An operation may not move from ${operation.state} to ${to}.`);
}

function nextVersion<O extends Operation>(operation: O, writer: Writer): O {
  return { ...operation, version: operation.version + 1, owner: writer.owner };
}

/** The timeline records changes only. A look that saw the same as before adds no step. */
function extended(operation: Operation, move: Move, at: string): TimelineEntry[] {
  if (operation.state === move.to && operation.detail === move.detail) return operation.timeline;
  const status = 'status' in move ? move.status : undefined;
  const entry = { at, event: move.to, detail: move.detail, ...(status !== undefined && { status }) };
  return extendTimeline(operation.timeline, entry);
}

/** A settled operation is no longer due, leased or looked at, so it drops these fields. */
function settledFields({
  dueAt,
  leaseUntil,
  askReach,
  askedAt,
  lastAskEndedAt,
  lostAsks,
  looksSinceAsk,
  state,
  ...rest
}: OpenOperation) {
  return rest;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
