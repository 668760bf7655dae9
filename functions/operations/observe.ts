import type { OpenConnection } from '../providers/connections.ts';
import type { LookUpReply } from '../providers/provider.ts';
import type { CallFailure } from '../providers/call-failure.ts';
import { evidenceOf, keptSnapshot } from './evidence.ts';
import type { OperationNeeds } from './needs.ts';
import { isLeased, isOpen, operationId, type Operation, type Trigger } from './rules/operation.ts';
import { readBack } from './read-back.ts';
import { settle } from './settle.ts';
import { confirmedLast, succession } from './rules/succession.ts';
import { standingOf } from './standing.ts';

/** An order of which somebody says that something happened to it at its provider. It is a hint, and proves nothing. */
export interface Hint {
  readonly connection: string;
  readonly provider: string;
  readonly orderId: string;
  readonly trigger: Trigger;
}

export type Observed =
  /** The order's operation: settled by this look, still open, known before, or noted now. */
  | { readonly kind: 'operation'; readonly operation: Operation }
  /** The order is not cancelled, and nobody asked here: there is nothing to note. */
  | { readonly kind: 'nothing' }
  /** The order could not be read. */
  | { readonly kind: 'unread'; readonly failure: CallFailure };

/** Somebody else may be at the order right now, with an answer that is older than the hint. */
const PATIENCE_MS = 5_000;
const PAUSE_MS = 200;
/** Each round is lost only to another writer of the same order. */
const ROUNDS = 3;

/**
 * Follows a hint: reads the order back, and writes what that proves. An open operation is settled now, in the settler's own way,
 * instead of at its next run. A cancel that nobody asked for here is noted as a confirmed operation without an attempt, so that
 * a later ask gets it as its answer. Throws `AccountTurnedAway`.
 */
export async function observe(hint: Hint, needs: OperationNeeds, remainingMs: () => number): Promise<Observed> {
  const { connection, failure } = await usableConnection(hint.connection, needs);
  let current = await freeOperation(hint, needs);
  for (let round = 0; round < ROUNDS; round += 1) {
    if (current !== null && isOpen(current)) {
      if (connection === null || isLeased(current, needs.clock.now())) break;
      const looked = await settle(current, connection, needs, remainingMs);
      current = await operationNow(hint, needs);
      if (looked !== 'taken_by_another') break;
      continue;
    }
    // What was confirmed last says already that it is cancelled, or deleted.
    if (current !== null && succession('cancel', current).kind !== 'next') break;

    if (connection === null) return { kind: 'unread', failure };
    const seen = await look(hint, current, connection, needs, remainingMs());
    switch (seen.kind) {
      case 'cancelled': {
        const noted = await note(hint, current, seen, needs);
        if (noted.kind === 'claimed') return { kind: 'operation', operation: noted.operation };
        current = await operationNow(hint, needs);
        continue;
      }
      case 'deciding':
      case 'not_cancelled':
      case 'closed':
      case 'order_not_found':
      case 'nowhere':
        return current === null ? { kind: 'nothing' } : { kind: 'operation', operation: current };
      case 'credential_rejected':
      case 'rate_limited':
      case 'not_sent':
      case 'lost':
        return { kind: 'unread', failure: seen };
    }
  }
  return current === null ? { kind: 'nothing' } : { kind: 'operation', operation: current };
}

/** The connection if it may be called now, else the failure that a call is taken to end with. */
async function usableConnection(
  name: string,
  needs: OperationNeeds,
): Promise<{ connection: OpenConnection; failure: null } | { connection: null; failure: CallFailure }> {
  const [connection, state] = await Promise.all([needs.openConnection(name, { fresh: true }), needs.health.read(name)]);
  switch (standingOf(connection, state, needs.clock.now()).kind) {
    case 'usable':
      return { connection, failure: null };
    case 'needs_reauth':
      return { connection: null, failure: { kind: 'credential_rejected' } };
    case 'paused':
      return { connection: null, failure: { kind: 'not_sent', problem: 'provider_unreachable' } };
  }
}

/** The order's operation once nobody works on it any more, or as it stands when patience ends. */
async function freeOperation(hint: Hint, needs: OperationNeeds): Promise<Operation | null> {
  const giveUpAt = needs.clock.now() + PATIENCE_MS;
  for (;;) {
    const current = await operationNow(hint, needs);
    if (current === null || !isOpen(current)) return current;
    if (!isLeased(current, needs.clock.now()) || needs.clock.now() >= giveUpAt) return current;
    await needs.clock.sleep(PAUSE_MS);
  }
}

async function operationNow({ connection, orderId }: Hint, needs: OperationNeeds): Promise<Operation | null> {
  const current = await needs.ledger.findCurrent(connection, orderId);
  await needs.accounts.refuseForeign(current);
  return current;
}

function look(
  { orderId }: Hint,
  previous: Operation | null,
  connection: OpenConnection,
  needs: OperationNeeds,
  remainingMs: number,
): Promise<LookUpReply> {
  const askedAt = new Date(needs.clock.now()).toISOString();
  const order = { orderId, askedAt, historyMark: previous?.historyMark ?? null };
  return readBack(order, connection, needs, remainingMs, { within: 'call' });
}

/** Keeps a cancel that was made elsewhere, on the evidence of the read-back. */
async function note(
  { connection, provider, orderId, trigger }: Hint,
  previous: Operation | null,
  seen: Extract<LookUpReply, { kind: 'cancelled' }>,
  needs: OperationNeeds,
) {
  const evidence = evidenceOf('read_back', seen.order.status, needs);
  const { at } = evidence;
  const noted: Operation = {
    state: 'confirmed',
    connection,
    provider,
    account: needs.accounts.markOf(connection),
    orderId,
    number: previous === null ? 1 : previous.number + 1,
    kind: 'cancel',
    reason: null,
    note: null,
    actor: null,
    trigger,
    requestedAt: at,
    settledAt: at,
    mayActUntil: null,
    attempts: 0,
    detail: 'already_cancelled',
    words: null,
    evidence,
    timeline: [
      { at, event: 'seen' },
      { at, event: 'confirmed', detail: 'already_cancelled' },
    ],
    version: 1,
    owner: needs.newOwner(),
    historyMark: previous?.historyMark ?? null,
    lastConfirmed: previous === null ? null : confirmedLast(previous),
    snapshot: keptSnapshot(seen.order.listed, needs),
  };
  const { ledger, log } = needs;
  const claim = await (previous === null ? ledger.claim(noted, null) : ledger.claimNext(previous, noted, null));
  if (claim.kind === 'claimed') log.info('CANCEL_SEEN', { operation: operationId(noted) });
  return claim;
}
