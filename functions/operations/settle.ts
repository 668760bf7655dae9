import type { OpenConnection } from '../providers/connections.ts';
import type { LookUpReply, OrderFacts } from '../providers/provider.ts';
import { ask, retryAfterMs } from './ask.ts';
import type { OperationNeeds } from './needs.ts';
import { callTimeoutMs, LEDGER_WRITE_MS, leaseMs } from './budget.ts';
import { evidenceOf, keptSnapshot, keptWords } from './evidence.ts';
import { calling, lostAsksOf, taken, type Move } from './rules/moves.ts';
import { CONFIRMED_DETAILS, isOpen, mayBeWithdrawn, type OpenOperation } from './rules/operation.ts';
import { isOutage } from './outage.ts';
import { LOOK_MS, readBack } from './read-back.ts';
import { proofOf, type Proof } from './rules/proof.ts';
import { recordMove } from './record.ts';
import { noteReply } from './standing.ts';

/** What one look at an open operation came to. `halted`: its connection cannot be used now, so its others wait too. */
export type Looked = 'settled' | 'open' | 'halted' | 'taken_by_another';

type Held = Exclude<OpenOperation, { state: 'calling' }>;
/** What a look-up told: a move, or that the ask is proven to have had no effect and may be made again. */
type Verdict = { kind: 'move'; move: Move; halt?: boolean } | { kind: 'ask_again'; historyMark: string | null };

const SHORTEST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 15 * 60_000;
/** What the third ask waits beyond the quiet period, where the first two met an outage. */
const FIRST_BACK_OFF_MS = 60_000;
/** What is parked is still looked at, though never asked again: a late proof settles it. */
const PARKED_WAIT_MS = 6 * 3_600_000;
/** Asks whose answers got lost. */
const MOST_LOST_ASKS = 5;
/** Looks since the last ask after which what is too much to read is left to a person: a quarter of an hour or so, in which pages were slow perhaps. */
const MOST_LOOKS_AT_TOO_MUCH = 8;
/** A week-end's outage is waited out. */
const TOO_OLD_MS = 72 * 3_600_000;

/** What an ask comes to where its connection cannot be used now. */
const HALTING: readonly string[] = ['credential_rejected', 'rate_limited', 'provider_unreachable', 'foreign_reply'];

/** The least time that {@link settle} needs for one operation of a connection: a look, an ask and its read-back, and the writes. */
export function settlingTimeMs(connection: Pick<OpenConnection, 'timeoutMs'>): number {
  return LOOK_MS + 2 * connection.timeoutMs + 3 * LEDGER_WRITE_MS;
}

/**
 * Drives one open operation towards a proven end: takes it, reads its order back, and writes what that proves. Asks again only
 * where a read-back after the quiet period shows that the earlier ask had no effect.
 */
export async function settle(
  operation: OpenOperation,
  connection: OpenConnection,
  needs: OperationNeeds,
  remainingMs: () => number,
): Promise<Looked> {
  const writer = { owner: needs.newOwner(), now: needs.clock.now() };
  const lease = () =>
    needs.clock.now() + leaseMs(Math.min(remainingMs(), settlingTimeMs(connection)), needs.clockSkewMs);
  const take = taken(operation, lease(), writer);
  const taking = await needs.ledger.write(operation, take);
  if (taking.kind === 'lost') return 'taken_by_another';
  if (!(await needs.accounts.isOwn(take))) {
    // A person has to look: whatever this account shows of the order, it is not what was asked for.
    await recordMove(take, parked('other_account', needs), writer.owner, needs);
    return 'open';
  }

  const lookedAt = needs.clock.now();
  const quiet = isQuiet(take, connection, needs, lookedAt);
  const provenFrom = madeAfter(take, quiet, connection, needs);
  const seen = await readBack(take, connection, needs, remainingMs(), { madeAfter: provenFrom });
  const proven = verdictOf(take, seen, quiet, connection, needs);
  const verdict = await applyRule(proven, take, seen, connection, needs, () =>
    Math.min(lookedAt + LOOK_MS - needs.clock.now(), remainingMs()),
  );
  if (verdict.kind === 'move') {
    const end = await recordMove(take, verdict.move, writer.owner, needs);
    if (verdict.halt === true) return 'halted';
    return isOpen(end) ? 'open' : 'settled';
  }

  await needs.accounts.claim(connection);
  const asker = { owner: writer.owner, now: needs.clock.now() };
  const account = needs.accounts.markOf(connection.name);
  const again = { ...calling(take, verdict.historyMark, lease(), asker), account };
  const begun = await needs.ledger.write(take, again);
  if (begun.kind === 'lost') return 'taken_by_another';
  const end = await recordMove(again, await ask(again, connection, needs, remainingMs), writer.owner, needs);
  if (HALTING.includes(end.detail)) return 'halted';
  return isOpen(end) ? 'open' : 'settled';
}

/** Parks what has been open too long, without a look: its connection cannot be asked, and nobody has heard of that yet. `why`: as a detail. */
export async function parkIfTooOld(operation: OpenOperation, needs: OperationNeeds, why?: string): Promise<void> {
  const now = needs.clock.now();
  if (operation.state === 'needs_attention' || !isTooOld(operation, now)) return;
  const owner = needs.newOwner();
  const take = taken(operation, now, { owner, now });
  const taking = await needs.ledger.write(operation, take);
  if (taking.kind === 'lost') return;
  await recordMove(take, parked(why ?? take.detail, needs), owner, needs);
}

function parked(detail: string, needs: OperationNeeds): Move {
  return { to: 'needs_attention', detail, dueAt: needs.clock.now() + PARKED_WAIT_MS };
}

function isTooOld(operation: OpenOperation, now: number): boolean {
  return now - Date.parse(operation.requestedAt) > TOO_OLD_MS;
}

/** Has the quiet period passed: can the provider no longer be working on the last ask when a look begins at `at`? */
function isQuiet(operation: Held, connection: OpenConnection, needs: OperationNeeds, at: number): boolean {
  return at >= quietUntil(operation, connection, needs);
}

function quietUntil(operation: Held, connection: OpenConnection, needs: OperationNeeds): number {
  if (operation.askReach === 'not_sent' || operation.lastAskEndedAt === null) return 0;
  return Date.parse(operation.lastAskEndedAt) + connection.quietPeriodMs + needs.clockSkewMs;
}

/**
 * The moment after which a look has to be made (epoch milliseconds), so that it proves something of the last ask: that the ask was done,
 * after its end; that it was not, after its quiet period. Undefined where nothing was sent.
 */
function madeAfter(
  { askReach, lastAskEndedAt }: Held,
  quiet: boolean,
  connection: OpenConnection,
  needs: OperationNeeds,
): number | undefined {
  if (askReach === 'not_sent' || lastAskEndedAt === null) return undefined;
  return Date.parse(lastAskEndedAt) + (quiet ? connection.quietPeriodMs : 0) + needs.clockSkewMs;
}

/** What a look-up proves of an operation (design, section 3). */
function verdictOf(
  operation: Held,
  seen: LookUpReply,
  quiet: boolean,
  connection: OpenConnection,
  needs: OperationNeeds,
): Verdict {
  const now = needs.clock.now();
  const wasSent = operation.askReach !== 'not_sent';
  const later = (move?: { dueAt?: number; halt?: boolean }): Verdict => ({
    kind: 'move',
    move: waiting(operation, connection, needs, move?.dueAt),
    halt: move?.halt ?? false,
  });
  const proof = proofOf(operation.kind, seen);
  switch (proof.kind) {
    case 'done':
      return { kind: 'move', move: confirmed(operation, wasSent ? 'done' : 'already', proof, connection, needs) };
    case 'deciding':
      return { kind: 'move', move: stillDeciding(operation, needs) };
    case 'undone':
      // A mark tells it from what was there before the ask, but not from what somebody else asked for since: while an ask whose
      // answer got lost may still be worked on, this is not the last word on it.
      if (
        proof.refusal !== null &&
        wasSent &&
        (quiet || (operation.askReach === 'accepted' && operation.historyMark !== null))
      ) {
        const words = keptWords(proof.refusal, proof.order, needs.redact);
        return refused('refused_by_provider', words, proof, needs);
      }
      if (operation.kind === 'delete') {
        const now = keptSnapshot(proof.order.listed, needs);
        // Whoever asked saw the order as its tombstone has it: another version of it was not meant.
        if (now === null) return later();
        if (now.sha256 !== operation.snapshot?.sha256) {
          return quiet ? refused('order_changed', null, proof, needs) : later();
        }
      }
      if (quiet && isUnknownTwice(operation)) return { kind: 'move', move: parked(operation.detail, needs) };
      // An order that is turned away (429) for days ends with a person too.
      if (isTooOld(operation, now)) return later();
      return mayAskAgain(operation, quiet) && now >= askableFrom(operation, connection, needs)
        ? { kind: 'ask_again', historyMark: proof.historyMark }
        : later();
    case 'ruled_out':
      return quiet && operation.askReach !== 'accepted'
        ? refused('order_active', null, { order: proof.order, historyMark: null }, needs)
        : later();
    case 'order_not_found':
      // The provider's own word on this id. While it may still be working on an ask, or accepted one, that is not the last word.
      return operation.askReach !== 'accepted' && quiet ? refused('order_not_found', null, null, needs) : later();
    case 'nowhere':
      // Not proof: an order on its way from one list to the other is in neither. Only what was never sent may be asked.
      return !wasSent && mayAskAgain(operation, quiet) ? { kind: 'ask_again', historyMark: null } : later();
    case 'unclear':
      return later();
    case 'rate_limited':
      return later({ dueAt: now + retryAfterMs(proof.retryAfterMs, waitMs(operation, needs)), halt: true });
    case 'credential_rejected':
    case 'not_sent':
      return later({ halt: true });
    case 'lost':
      return proof.problem === 'look_up_too_large'
        ? tooLarge(operation, quiet, needs, later())
        : later({ halt: isOutage(proof) });
  }
}

/** What is to be done where an order cannot be looked up among so many. As with one that is nowhere, only what was never sent may be asked. */
function tooLarge(operation: Held, quiet: boolean, needs: OperationNeeds, later: Verdict): Verdict {
  const { state, askReach, kind, looksSinceAsk } = operation;
  // Not a delete: it is meant for one version of the order, which was not seen.
  if (askReach === 'not_sent' && kind !== 'delete' && mayAskAgain(operation, quiet))
    return { kind: 'ask_again', historyMark: null };
  if (!quiet || looksSinceAsk < MOST_LOOKS_AT_TOO_MUCH || state === 'needs_attention') return later;
  return { kind: 'move', move: parked('look_up_too_large', needs) };
}

/** What a rule asked for is asked for again only while the rule still means the order. */
async function applyRule(
  verdict: Verdict,
  operation: Held,
  seen: LookUpReply,
  connection: OpenConnection,
  needs: OperationNeeds,
  remainingMs: () => number,
): Promise<Verdict> {
  if (verdict.kind !== 'ask_again' || !mayBeWithdrawn(operation)) return verdict;
  const timeoutMs = callTimeoutMs(connection.timeoutMs, remainingMs());
  const later = (halt: boolean): Verdict => ({ kind: 'move', move: waiting(operation, connection, needs), halt });
  if (timeoutMs === 0) return later(false);
  const ruling = await needs.stillMeant(operation, seen, connection, { timeoutMs });
  switch (ruling.kind) {
    case 'meant':
      return verdict;
    case 'spared':
      return refused('spared', null, 'order' in seen ? { order: seen.order, historyMark: null } : null, needs);
    case 'moved':
      return later(false);
    case 'lost':
    case 'credential_rejected':
    case 'rate_limited':
    case 'not_sent':
      await noteReply(ruling, connection, operation.orderId, needs);
      return later(ruling.kind !== 'lost' || isOutage(ruling));
  }
}

/** An ask that the provider accepted may still take effect however long ago it was, and what is parked is left to a person. */
function mayAskAgain(operation: Held, quiet: boolean): boolean {
  if (operation.state === 'needs_attention' || operation.askReach === 'accepted') return false;
  return quiet && !isSpent(operation);
}

/** Was the answer lost so often that one more ask will not help? What the provider did not take on may be asked for while it is young. */
function isSpent(operation: Held): boolean {
  return operation.state === 'unknown' && lostAsksOf(operation) >= MOST_LOST_ASKS;
}

/** Twice answered with JSON of an unknown shape, and seen undone after each: most likely that is how the provider says no. */
function isUnknownTwice({ detail, timeline }: Held): boolean {
  const unknown = timeline.filter((step) => step.event === 'unknown' && step.detail === 'unknown_reply');
  return detail === 'unknown_reply' && unknown.reduce((sum, { count = 1 }) => sum + count, 0) >= 2;
}

/** After an outage each further ask waits longer, up to a quarter of an hour beyond the quiet period. */
function askableFrom(operation: Held, connection: OpenConnection, needs: OperationNeeds): number {
  const lostAsks = operation.detail === 'foreign_reply' ? lostAsksOf(operation) : 1;
  const backOffMs = FIRST_BACK_OFF_MS * (2 ** (lostAsks - 1) - 1);
  return quietUntil(operation, connection, needs) + Math.min(LONGEST_WAIT_MS, backOffMs);
}

/** Nothing new is known: look again later, or park what has been open too long. */
function waiting(operation: Held, connection: OpenConnection, needs: OperationNeeds, dueAt?: number): Move {
  const now = needs.clock.now();
  const isLookedAtInVain = isSpent(operation) && now >= quietUntil(operation, connection, needs);
  if (operation.state === 'needs_attention' || isTooOld(operation, now) || isLookedAtInVain) {
    return parked(operation.detail, needs);
  }
  // The look that may prove that nothing was done comes as soon as the quiet period is over.
  const quietEnd = operation.askReach === 'sent' ? quietUntil(operation, connection, needs) : 0;
  const next = now + waitMs(operation, needs);
  const due = dueAt ?? (quietEnd > now ? Math.min(next, quietEnd) : next);
  return { to: operation.state, detail: operation.detail, askReach: operation.askReach, dueAt: due };
}

function stillDeciding(operation: Held, needs: OperationNeeds): Move {
  const now = needs.clock.now();
  if (operation.state === 'needs_attention' || isTooOld(operation, now)) return parked('accepted', needs);
  return { to: 'pending', detail: 'accepted', askReach: 'accepted', dueAt: now + waitMs(operation, needs) };
}

/** Doubles with every look that told nothing; a fifth of it is chance, so that many operations do not come due together. */
function waitMs(operation: Held, needs: OperationNeeds): number {
  const wait = Math.min(LONGEST_WAIT_MS, SHORTEST_WAIT_MS * 2 ** Math.min(operation.looksSinceAsk, 20));
  return wait * (0.8 + 0.2 * needs.clock.random());
}

function confirmed(
  operation: Held,
  how: 'done' | 'already',
  proof: Extract<Proof, { kind: 'done' }>,
  connection: OpenConnection,
  needs: OperationNeeds,
): Move {
  // It may be so by somebody else's doing, and our ask be still on its way: what undoes it must wait.
  const mayActUntil = quietUntil(operation, connection, needs);
  return {
    to: 'confirmed',
    detail: CONFIRMED_DETAILS[operation.kind][how],
    evidence: evidenceOf('read_back', proof.status, needs),
    snapshot: keptSnapshot(proof.listed, needs),
    ...(mayActUntil > needs.clock.now() ? { mayActUntil } : {}),
  };
}

function refused(
  detail: Extract<Move, { to: 'refused' }>['detail'],
  words: string | null,
  seen: { order: OrderFacts; historyMark: string | null } | null,
  needs: OperationNeeds,
): Verdict {
  const evidence = evidenceOf('read_back', seen?.order.status ?? null, needs);
  return { kind: 'move', move: { to: 'refused', detail, words, evidence, historyMark: seen?.historyMark ?? null } };
}
