import type { OpenConnection } from '../providers/connections.ts';
import type { AskLimits, CancelReply, ListedOrder, LookUpReply, ProviderClient } from '../providers/provider.ts';
import { callTimeoutMs } from './budget.ts';
import { AccountTurnedAway } from './errors.ts';
import { keptStatus, keptWords } from './kept-words.ts';
import type { OperationNeeds } from './needs.ts';
import { pauseAfter } from './outage.ts';
import type { Move } from './rules/moves.ts';
import {
  CONFIRMED_DETAILS,
  type Evidence,
  type OpenOperation,
  type Operation,
  type OperationKind,
} from './rules/operation.ts';
import { proofOf, type Proof } from './rules/proof.ts';
import { listedSnapshot, type Snapshot } from './rules/snapshot.ts';

/** What a provider says to wait is believed up to this: nothing may be put off for ever. */
const LONGEST_RETRY_AFTER_MS = 15 * 60_000;
/** When the settler first looks after an ask that did not end it. Soon: an early look can prove that it was done. */
const FIRST_LOOK_MS = 1_000;

/**
 * Asks the provider, once, on behalf of an operation that is already written as `calling`, and says what move follows.
 * Never throws for what the provider does. A refusal is believed only after the order was read back (design, section 3).
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
  const lost = async (reply: Extract<CancelReply, { kind: 'lost' }>): Promise<Move> => {
    await pauseAfter(reply, connection, operation.orderId, needs);
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
      // Whoever asks has to see to it that this does not come about: a person has to look.
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
      if (isShown(seen)) return lost({ kind: 'lost', problem: 'unknown_reply', status: 401 });
      // A 401 to the look is noted already.
      if (seen.kind !== 'credential_rejected') await rejectCredential(connection, needs);
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
      return lost(reply);
  }
}

/** Whether a look was shown what no rejected credential is shown. A 404 may be the answer to one. */
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

/** Keeps the account for the connection's name: nothing is asked of an account that has another one. Null where it has it, else why it is not asked. */
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

/** A look may be through many pages. */
export const LOOK_MS = 30_000;

/**
 * Reads the operation's order back, within {@link LOOK_MS} and the time that is left. What shows that it was made before `madeAfter` (epoch
 * milliseconds), or without it before now, is lost. A credential that is rejected here is noted as in an ask.
 */
export async function readBack(
  operation: OpenOperation,
  connection: OpenConnection,
  needs: OperationNeeds,
  remainingMs: number,
  madeAfter?: number,
): Promise<LookUpReply> {
  const timeoutMs = callTimeoutMs(LOOK_MS, remainingMs);
  if (timeoutMs === 0) return { kind: 'lost', problem: 'timed_out' };
  const { orderId, askedAt, historyMark } = operation;
  const query = { orderId, askedAt: Date.parse(askedAt), historyMark, ...(madeAfter !== undefined && { madeAfter }) };
  const seen = await connection.client.lookUp(query, { timeoutMs });
  if (seen.kind === 'credential_rejected') await rejectCredential(connection, needs);
  await pauseAfter(seen, connection, orderId, needs);
  return seen;
}

/** How long to wait where the provider says how long, and where it does not. */
export function retryAfterMs(told: number | null, otherwise: number): number {
  return Math.min(told ?? otherwise, LONGEST_RETRY_AFTER_MS);
}

/** Notes that the provider rejected the credential, unless another one is stored by now: then calls go on with that one. */
export async function rejectCredential(
  connection: OpenConnection,
  needs: Pick<OperationNeeds, 'openConnection' | 'health' | 'log'>,
): Promise<void> {
  const stored = await needs.openConnection(connection.name, { fresh: true }).catch(() => connection);
  if (stored.credentialDigest !== connection.credentialDigest) return;
  const names = { connection: connection.name, provider: connection.provider.name };
  try {
    await needs.health.markRejected(connection.name, connection.credentialDigest);
  } catch (error) {
    // What came of the ask must be written all the same; the next call meets the 401 again.
    needs.log.error('CONNECTION_HEALTH_NOT_WRITTEN', { ...names, error: String(error) });
  }
  needs.log.error('CONNECTION_NEEDS_REAUTH', names);
}

export function evidenceOf(source: Evidence['source'], status: string | null, needs: OperationNeeds): Evidence {
  const kept = status === null ? null : keptStatus(status, needs.redact);
  return { source, status: kept, at: new Date(needs.clock.now()).toISOString() };
}

/** What is kept of an order that the provider showed. */
export function keptSnapshot(
  listed: ListedOrder | null | undefined,
  { redact }: Pick<OperationNeeds, 'redact'>,
): Snapshot | null {
  return listed ? listedSnapshot(listed, redact) : null;
}

/**
 * What a reply is worth that seems to say that it is done, after the order was read back. It may have been so before the ask,
 * which the provider may then still act on.
 */
function unprovenMove(kind: OperationKind, proof: Proof, mayActUntil: number, needs: OperationNeeds): Move {
  if (proof.kind === 'done') {
    const evidence = evidenceOf('read_back', proof.status, needs);
    return { to: 'confirmed', detail: CONFIRMED_DETAILS[kind].done, evidence, mayActUntil };
  }
  return { to: 'unknown', detail: 'unproven_reply', askReach: 'sent', dueAt: needs.clock.now() + FIRST_LOOK_MS };
}

/** What a "no" is worth after the order was read back. */
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
