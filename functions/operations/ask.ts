import type { OpenConnection } from '../providers/connections.ts';
import type { AskLimits, CancelReply, LookUpReply, ProviderClient } from '../providers/provider.ts';
import { callTimeoutMs } from './budget.ts';
import { AccountTurnedAway } from './errors.ts';
import { evidenceOf, keptSnapshot, keptWords } from './evidence.ts';
import type { OperationNeeds } from './needs.ts';
import { readBack } from './read-back.ts';
import type { Move } from './rules/moves.ts';
import { CONFIRMED_DETAILS, type Operation, type OperationKind } from './rules/operation.ts';
import { proofOf, type Proof } from './rules/proof.ts';
import { noteReply } from './standing.ts';

/** The longest wait that a provider can ask for, so that nothing is put off for ever. */
const LONGEST_RETRY_AFTER_MS = 15 * 60_000;
/** How soon the settler first looks at an operation that its ask did not end. An early look can prove that the ask took effect. */
const FIRST_LOOK_MS = 1_000;

/**
 * Asks the provider once, for an operation that is already written as `calling`, and says which move follows. Never throws for what the
 * provider does. Believes a refusal only after it has read the order back (design, section 3).
 */
export async function ask(
  operation: Operation & { state: 'calling' },
  connection: OpenConnection,
  needs: OperationNeeds,
  remainingMs: () => number,
): Promise<Move> {
  const now = () => needs.clock.now();
  const turnedAway = await claimAccount(connection, needs);
  if (turnedAway !== null)
    return { to: 'pending', detail: turnedAway, askReach: 'not_sent', dueAt: now() + FIRST_LOOK_MS };
  // The call must end while the lease still keeps others away, even if this container was paused since it was written.
  const leaseLeftMs = Date.parse(operation.leaseUntil) - needs.clockSkewMs - now();
  const timeoutMs = callTimeoutMs(connection.timeoutMs, Math.min(remainingMs(), leaseLeftMs));
  if (timeoutMs === 0) return { to: 'pending', detail: 'no_time_left', askReach: 'not_sent', dueAt: now() };

  const reply = await callProvider(operation, connection.client, { timeoutMs, historyMark: operation.historyMark });
  const look = () => readBack(operation, connection, needs, remainingMs());
  const verify = async () => proofOf(operation.kind, await look());
  const handleLost = async (reply: Extract<CancelReply, { kind: 'lost' }>): Promise<Move> => {
    await noteReply(reply, connection, operation.orderId, needs);
    const { problem, status } = reply;
    return { to: 'unknown', detail: problem, status, askReach: 'sent', dueAt: now() + FIRST_LOOK_MS };
  };
  switch (reply.kind) {
    case 'cancelled':
    case 'restored':
    case 'deleted':
      return {
        to: 'confirmed',
        detail: reply.kind,
        evidence: evidenceOf('reply', reply.status, needs),
        snapshot: keptSnapshot(reply.listed, needs),
      };
    case 'unproven':
      return unprovenMove(operation.kind, await verify(), now() + connection.quietPeriodMs + needs.clockSkewMs, needs);
    case 'not_offered':
      // Callers check capabilities first, so reaching this is a bug: a person has to look.
      return { to: 'needs_attention', detail: 'not_supported_by_provider', dueAt: now() + FIRST_LOOK_MS };
    case 'accepted':
      return {
        to: 'pending',
        detail: 'accepted',
        askReach: 'accepted',
        dueAt: now() + FIRST_LOOK_MS,
        historyMark: reply.historyMark,
      };
    case 'refused':
    case 'order_not_found':
      return verified(operation.kind, reply, await verify(), needs);
    case 'credential_rejected': {
      const seen = await look();
      if (isShown(seen)) return handleLost({ kind: 'lost', problem: 'unknown_reply', status: 401 });
      // If the look met a 401 too, the look has noted it.
      if (seen.kind !== reply.kind) await noteReply(reply, connection, operation.orderId, needs);
      return { to: 'pending', detail: 'credential_rejected', askReach: 'sent', dueAt: now() + FIRST_LOOK_MS };
    }
    case 'rate_limited':
      return {
        to: 'pending',
        detail: 'rate_limited',
        askReach: 'sent',
        dueAt: now() + retryAfterMs(reply.retryAfterMs, FIRST_LOOK_MS),
      };
    case 'not_sent':
      return { to: 'pending', detail: reply.problem, askReach: 'not_sent', dueAt: now() + FIRST_LOOK_MS };
    case 'lost':
      return handleLost(reply);
  }
}

/** Whether the reply shows the order's place, which no rejected credential is shown. A 404 may answer a rejected credential. */
function isShown({ kind }: LookUpReply): boolean {
  switch (kind) {
    case 'cancelled':
    case 'closed':
    case 'deciding':
    case 'not_cancelled':
    case 'nowhere':
      return true;
    case 'order_not_found':
    case 'credential_rejected':
    case 'rate_limited':
    case 'not_sent':
    case 'lost':
      return false;
  }
}

/** Claims the account for the connection's name. Null if the account has this name now, else why the account is not asked. */
async function claimAccount(connection: OpenConnection, needs: OperationNeeds): Promise<string | null> {
  try {
    await needs.accounts.claim(connection);
    return null;
  } catch (error) {
    if (error instanceof AccountTurnedAway) return error.why;
    needs.log.error('CONNECTION_NOT_OPENED', { connection: connection.name, error: String(error) });
    return 'connection_unavailable';
  }
}

/** The one changing call of an operation. */
async function callProvider({ kind, orderId }: Operation, client: ProviderClient, limits: AskLimits) {
  const notOffered = { kind: 'not_offered' } as const;
  switch (kind) {
    case 'cancel':
      return client.cancel(orderId, limits);
    case 'restore':
      return client.restore.offered ? client.restore.call(orderId, limits) : notOffered;
    case 'delete':
      return client.delete.offered ? client.delete.call(orderId, limits) : notOffered;
  }
}

/** How long to wait: what the provider told, up to {@link LONGEST_RETRY_AFTER_MS}, or `otherwise` if it told nothing. */
export function retryAfterMs(told: number | null, otherwise: number): number {
  return Math.min(told ?? otherwise, LONGEST_RETRY_AFTER_MS);
}

/**
 * The move after a reply that seems to say "done", by the order as it was read back. The order may have been as wanted before the ask,
 * and then the provider may still act on the ask.
 */
function unprovenMove(kind: OperationKind, proof: Proof, mayActUntil: number, needs: OperationNeeds): Move {
  if (proof.kind === 'done') {
    const evidence = evidenceOf('read_back', proof.status, needs);
    return { to: 'confirmed', detail: CONFIRMED_DETAILS[kind].done, evidence, mayActUntil };
  }
  return { to: 'unknown', detail: 'unproven_reply', askReach: 'sent', dueAt: needs.clock.now() + FIRST_LOOK_MS };
}

/** The move after the provider's "no", by the order as it was read back. */
function verified(
  kind: OperationKind,
  no: Extract<CancelReply, { kind: 'refused' | 'order_not_found' }>,
  proof: Proof,
  needs: OperationNeeds,
): Move {
  const now = needs.clock.now();
  switch (proof.kind) {
    case 'done':
      return {
        to: 'confirmed',
        detail: CONFIRMED_DETAILS[kind].already,
        evidence: evidenceOf('read_back', proof.status, needs),
        snapshot: keptSnapshot(proof.listed, needs),
      };
    case 'deciding':
      return { to: 'pending', detail: 'accepted', askReach: 'accepted', dueAt: now + FIRST_LOOK_MS };
    case 'undone':
    case 'ruled_out':
      return {
        to: 'refused',
        detail: 'refused_by_provider',
        words: keptWords(no.words, proof.order, needs.redact),
        historyMark: proof.kind === 'undone' ? proof.historyMark : null,
        evidence: evidenceOf('read_back', proof.order.status, needs),
      };
    case 'order_not_found':
    case 'nowhere':
      return {
        to: 'refused',
        detail: 'order_not_found',
        words: keptWords(no.words, null, needs.redact),
        historyMark: null,
        evidence: evidenceOf('read_back', null, needs),
      };
    case 'unclear':
    case 'credential_rejected':
    case 'rate_limited':
    case 'not_sent':
    case 'lost':
      return { to: 'unknown', detail: 'refusal_not_verified', askReach: 'sent', dueAt: now + FIRST_LOOK_MS };
  }
}
