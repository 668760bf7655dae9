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

/** The result of one look at an open operation. `halted`: its connection cannot be used now, so the connection's other operations wait too. */
export type Looked = 'settled' | 'open' | 'halted' | 'taken_by_another';

type Held = Exclude<OpenOperation, { state: 'calling' }>;
/** What follows from a look-up: a move, or another ask, because the earlier one is proven to have had no effect. */
type Verdict = { kind: 'move'; move: Move; halt?: boolean } | { kind: 'ask_again'; historyMark: string | null };

const SHORTEST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 15 * 60_000;
/** How long the third ask waits beyond the quiet period if the first two met an outage. */
const FIRST_BACK_OFF_MS = 60_000;
/** How long a parked operation waits for its next look. It is never asked again, but a late proof settles it. */
const PARKED_WAIT_MS = 6 * 3_600_000;
/** After this many asks whose answers got lost, an operation is parked. */
const MOST_LOST_ASKS = 5;
/**
 * After this many looks since the last ask, a look-up that is too large is left to a person. They take about a quarter of an hour, in case
 * the provider's pages were only slow.
 */
const MOST_LOOKS_AT_TOO_MUCH = 8;
/** At this age an operation is parked. A weekend's outage is waited out. */
const TOO_OLD_MS = 72 * 3_600_000;

/** The details of an ask that show that its connection cannot be used now. */
const HALTING: readonly string[] = ['credential_rejected', 'rate_limited', 'provider_unreachable', 'foreign_reply'];

/** Returns the least time, in milliseconds, that {@link settle} needs for one operation: a look, an ask, its read-back and the writes. */
export function settlingTimeMs(connection: Pick<OpenConnection, 'timeoutMs'>): number {
  return LOOK_MS + 2 * connection.timeoutMs + 3 * LEDGER_WRITE_MS;
}

/**
 * Drives one open operation towards a proven end: takes the operation, reads its order back, and writes what that proves. Asks again only
 * if a read-back after the quiet period shows that the earlier ask had no effect.
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
    // A person has to look: this account's order is not the one that was asked for.
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

/** Parks an operation that has been open too long, without a look, because its connection cannot be used. `why`: the detail to park it with. */
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

/** Whether the quiet period is over when a look begins at `at`: then the provider can no longer be working on the last ask. */
function isQuiet(operation: Held, connection: OpenConnection, needs: OperationNeeds, at: number): boolean {
  return at >= quietUntil(operation, connection, needs);
}

function quietUntil(operation: Held, connection: OpenConnection, needs: OperationNeeds): number {
  if (operation.askReach === 'not_sent' || operation.lastAskEndedAt === null) return 0;
  return Date.parse(operation.lastAskEndedAt) + connection.quietPeriodMs + needs.clockSkewMs;
}

/**
 * Returns the moment (epoch milliseconds) after which a look proves something about the last ask. A look after the ask's end can prove that
 * the ask was carried out. Only a look after its quiet period can prove that it had no effect. Undefined if nothing was sent.
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

/** Returns what follows from a look-up for an operation (design, section 3). */
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
      // The mark shows that this refusal is newer than the ask, but it may belong to somebody else's later ask. While the provider may
      // still be working on a lost ask, the refusal is not the last word on that ask.
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
        // The caller saw the order as the tombstone has it, and meant only that version.
        if (now === null) return later();
        if (now.sha256 !== operation.snapshot?.sha256) {
          return quiet ? refused('order_changed', null, proof, needs) : later();
        }
      }
      if (quiet && isUnknownTwice(operation)) return { kind: 'move', move: parked(operation.detail, needs) };
      // An ask that is turned away (429) for days is left to a person too.
      if (isTooOld(operation, now)) return later();
      return mayAskAgain(operation, quiet) && now >= askableFrom(operation, connection, needs)
        ? { kind: 'ask_again', historyMark: proof.historyMark }
        : later();
    case 'ruled_out':
      return quiet && operation.askReach !== 'accepted'
        ? refused('order_active', null, { order: proof.order, historyMark: null }, needs)
        : later();
    case 'order_not_found':
      // The provider itself does not know this id. While it may still be working on an ask, or has accepted one, that is not the last word.
      return operation.askReach !== 'accepted' && quiet ? refused('order_not_found', null, null, needs) : later();
    case 'nowhere':
      // This is no proof: an order that is moving from one list to the other is in neither. Only an ask that was never sent may be made.
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

/** Returns what follows if there is too much to read to find the order. As with `nowhere`, only an ask that was never sent may be made. */
function tooLarge(operation: Held, quiet: boolean, needs: OperationNeeds, later: Verdict): Verdict {
  const { state, askReach, kind, looksSinceAsk } = operation;
  // A delete must wait: it is meant for one version of the order, and no version was seen.
  if (askReach === 'not_sent' && kind !== 'delete' && mayAskAgain(operation, quiet))
    return { kind: 'ask_again', historyMark: null };
  if (!quiet || looksSinceAsk < MOST_LOOKS_AT_TOO_MUCH || state === 'needs_attention') return later;
  return { kind: 'move', move: parked('look_up_too_large', needs) };
}

/** Lets a rule's ask be repeated only while the rule still means the order. */
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

/** Whether the ask may be repeated. An accepted ask may take effect at any later time, and a parked operation is left to a person. */
function mayAskAgain(operation: Held, quiet: boolean): boolean {
  if (operation.state === 'needs_attention' || operation.askReach === 'accepted') return false;
  return quiet && !isSpent(operation);
}

/** Whether so many answers were lost that one more ask will not help. An ask that the provider turned away may be repeated for longer. */
function isSpent(operation: Held): boolean {
  return operation.state === 'unknown' && lostAsksOf(operation) >= MOST_LOST_ASKS;
}

/** Whether two asks got JSON of an unknown shape and had no effect. Most likely that is how the provider says no. */
function isUnknownTwice({ detail, timeline }: Held): boolean {
  const unknown = timeline.filter((step) => step.event === 'unknown' && step.detail === 'unknown_reply');
  return detail === 'unknown_reply' && unknown.reduce((sum, { count = 1 }) => sum + count, 0) >= 2;
}

/** Returns when the next ask may be made. After an outage each ask waits longer, up to a quarter of an hour beyond the quiet period. */
function askableFrom(operation: Held, connection: OpenConnection, needs: OperationNeeds): number {
  const lostAsks = operation.detail === 'foreign_reply' ? lostAsksOf(operation) : 1;
  const backOffMs = FIRST_BACK_OFF_MS * (2 ** (lostAsks - 1) - 1);
  return quietUntil(operation, connection, needs) + Math.min(LONGEST_WAIT_MS, backOffMs);
}

/** Returns the move if nothing new is known: another look later, or parking if the operation is too old or its answers were lost too often. */
function waiting(operation: Held, connection: OpenConnection, needs: OperationNeeds, dueAt?: number): Move {
  const now = needs.clock.now();
  const isLookedAtInVain = isSpent(operation) && now >= quietUntil(operation, connection, needs);
  if (operation.state === 'needs_attention' || isTooOld(operation, now) || isLookedAtInVain) {
    return parked(operation.detail, needs);
  }
  // A look can prove that nothing was done once the quiet period is over, so one is due then.
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

/** Returns the wait until the next look. It doubles with every look; a fifth of it is random, so that operations do not come due together. */
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
  // Somebody else may have made the change while our ask is still on its way. An operation that would undo the change must wait.
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
