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

/** A step of an operation's life, with what has to be known to take it. Times are epoch milliseconds. */
export type Move =
  | {
      to: 'confirmed';
      detail: ConfirmedDetail;
      evidence: Evidence;
      snapshot?: Snapshot | null;
      /** Where the proof is not the answer to the last ask: until when the provider may still act on that. */
      mayActUntil?: number;
    }
  | {
      to: 'refused';
      /**
       * `order_active`, `order_changed`: what was to be deleted is not what is there now. `spared`: the rule that asked does not
       * mean the order any more. All three without a word of the provider, whose ask is proven to have had no effect.
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
      /** The HTTP status of the reply to the ask, where that is not surely the provider's own. */
      status?: number | undefined;
    }
  | { to: 'needs_attention'; detail: string; dueAt: number };

export interface Writer {
  /** Unique for every function invocation. */
  owner: string;
  now: number;
}

/** The operation after a move, not yet written. Throws where the move is not allowed: that is a defect of ours. */
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
 * The same operation about to be asked, or asked again. Written before the socket is opened. `historyMark` is the mark of the order as it is
 * now.
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

/** A rule's operation as the one of somebody who asks for the same: from now on it is driven to its end whatever the rule says. */
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
 * The same operation, taken by a settler for as long as its lease. Where the invocation that was calling has died, the ask
 * may have gone out until its lease ended: from then on the operation is `unknown`.
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

/** Asks whose answers got lost. One that the provider turned away (429, 401) is none, nor is one that never reached it. */
export function lostAsksOf({ lostAsks, attempts, state }: OpenOperation): number {
  // Of an ask that is under way nobody knows yet.
  return lostAsks ?? attempts - (state === 'calling' ? 1 : 0);
}

function assertMay(operation: Operation, to: Operation['state']): void {
  if (!mayMove(operation.state, to)) throw new Error(`An operation may not move from ${operation.state} to ${to}.`);
}

function nextVersion<O extends Operation>(operation: O, writer: Writer): O {
  return { ...operation, version: operation.version + 1, owner: writer.owner };
}

/** The timeline tells changes; that the settler looked once more and saw the same is not one. */
function extended(operation: Operation, move: Move, at: string): TimelineEntry[] {
  if (operation.state === move.to && operation.detail === move.detail) return operation.timeline;
  const status = 'status' in move ? move.status : undefined;
  const entry = { at, event: move.to, detail: move.detail, ...(status !== undefined && { status }) };
  return extendTimeline(operation.timeline, entry);
}

/** What is settled is not due, leased or looked at any more. */
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
