import type { OpenConnection } from '../providers/connections.ts';
import { awaitLater, type Settled } from '../runtime/settled.ts';
import { admit } from './accounts.ts';
import { ask } from './ask.ts';
import { keptActor, keptNote } from './ask-fields.ts';
import type { OperationNeeds } from './needs.ts';
import { leaseMs } from './budget.ts';
import type { ConnectionState } from './connection-health.ts';
import {
  AccountTurnedAway,
  IdempotencyKeyReused,
  LedgerUnavailable,
  OperationInProgress,
  OrderWasDeleted,
} from './errors.ts';
import { OperationUnreadable } from './ledger/errors.ts';
import type { Claim, KeyClaim } from './ledger/ledger.ts';
import { takenOver, type Move } from './rules/moves.ts';
import {
  isLeased,
  isOpen,
  mayBeWithdrawn,
  mayActFor,
  operationId,
  secondsUntilDue,
  type CancelReason,
  type Operation,
  type OperationKind,
  type Trigger,
} from './rules/operation.ts';
import { recordMove } from './record.ts';
import type { Snapshot } from './rules/snapshot.ts';
import { confirmedLast, succession } from './rules/succession.ts';
import { standingOf } from './standing.ts';

/** An ask to change one order, whoever brought it. A delete brings the tombstone that is written before it. */
export type Command = CommandFields &
  (({ kind: 'cancel' | 'restore' } & { tombstone?: never }) | { kind: 'delete'; tombstone: Snapshot });

interface CommandFields {
  connection: string;
  provider: string;
  orderId: string;
  reason: CancelReason | null;
  note: string | null;
  actor: string | null;
  trigger: Trigger;
  idempotency: KeyClaim | null;
}

/** What claiming an order needs. */
export type ClaimNeeds = Pick<OperationNeeds, 'accounts' | 'ledger' | 'clock' | 'newOwner' | 'redact'>;

export interface Performed {
  operation: Operation;
  /** The operation was there before this ask, and nothing was called for it. */
  replayed: boolean;
}

type Calling = Operation & { state: 'calling' };

/** Opening the next operation can be overtaken by another ask; then that ask's operation is the answer. */
const CLAIM_ROUNDS = 3;
const RETRY_AFTER_SECONDS = 1;
const LONGEST_RETRY_AFTER_SECONDS = 60;

/**
 * Claims the order, asks its provider once, and writes down what came of it: two round trips to the ledger. Where the order or
 * the key has an operation already, that one is answered and nothing is called: one round trip.
 *
 * What it returns stands in the ledger. Throws {@link OperationInProgress} where another invocation works on the order now,
 * {@link IdempotencyKeyReused}, {@link AccountTurnedAway}, {@link LedgerUnavailable} where nothing could be claimed, and
 * {@link OperationUnreadable} where the order has an operation that this version of the code cannot read.
 */
export async function perform(command: Command, needs: OperationNeeds, remainingMs: () => number): Promise<Performed> {
  const owner = needs.newOwner();
  // Beside the claim. The credential is read anew: an ask with one that was rotated meanwhile would have to wait for its quiet period.
  const connecting = awaitLater(needs.openConnection(command.connection, { fresh: true }));
  const stating = awaitLater(needs.health.read(command.connection));
  await orLedgerUnavailable(() => admit(command.connection, connecting, needs.accounts));

  const claim = await claimOrder(command, needs, (previous) => ({
    ...newOperation(command, previous, owner, needs),
    ...beingAsked(needs, remainingMs()),
  }));
  if (claim.kind === 'replay') return { operation: standing(claim.operation, needs), replayed: true };

  const move = await firstMove(claim.operation, await connecting, await stating, needs, remainingMs);
  return { operation: await recordMove(claim.operation, move, owner, needs), replayed: false };
}

/**
 * What an ask is answered with without anything being done, or null where {@link perform} would open an operation for it. Throws as
 * `perform` does. For asks that have to read the order first, and need not where the answer stands already: a key that was used before
 * stands above the order, as in `perform`.
 */
export async function answerWithoutAsking(
  ask: Pick<Command, 'connection' | 'orderId' | 'kind' | 'idempotency'>,
  needs: OperationNeeds,
): Promise<Performed | null> {
  const { accounts, ledger } = needs;
  const key = ask.idempotency;
  await orLedgerUnavailable(() => accounts.checkDeclared(ask.connection));
  const [current, known] = await Promise.all([
    ledger.findCurrent(ask.connection, ask.orderId),
    key === null ? null : ledger.findKey(key),
  ]);
  await orLedgerUnavailable(() => accounts.refuseForeign(current));
  const operation =
    known !== null
      ? await findBoundOperation({ bound: known, current }, key, needs)
      : current !== null
        ? await answerOf(ask.kind, current, key, needs)
        : null;
  return operation === null ? null : { operation: standing(operation, needs), replayed: true };
}

/**
 * Takes an ask without asking the provider, for a sender that cannot wait for one: it stands in the ledger as `pending`, due at
 * once, and the settler's next run carries it out. Where the order or the key has an operation already, that one is answered,
 * also while it is being worked on. One round trip. Throws as {@link perform}, but not for an operation of the same kind.
 */
export async function performLater(command: Command, needs: ClaimNeeds): Promise<Performed> {
  const owner = needs.newOwner();
  await orLedgerUnavailable(() => needs.accounts.checkDeclared(command.connection));
  const claim = await claimOrder(command, needs, (previous) => ({
    ...newOperation(command, previous, owner, needs),
    state: 'pending',
    attempts: 0,
    detail: 'queued',
    dueAt: new Date(needs.clock.now()).toISOString(),
    leaseUntil: null,
  }));
  return { operation: claim.operation, replayed: claim.kind === 'replay' };
}

/** Either the order is ours to ask for now, or there is an operation to answer with. */
async function claimOrder<Opening extends Operation>(
  command: Command,
  needs: ClaimNeeds,
  open: (previous: Operation | null) => Opening,
): Promise<{ kind: 'ours'; operation: Opening } | { kind: 'replay'; operation: Operation }> {
  const key = command.idempotency;
  let opening = open(null);
  let claim = await orLedgerUnavailable(() => needs.ledger.claim(opening, key));
  for (let round = 0; round < CLAIM_ROUNDS; round += 1) {
    if (claim.kind === 'claimed') return { kind: 'ours', operation: opening };
    const { current } = claim;
    await orLedgerUnavailable(() => needs.accounts.refuseForeign(current));
    if (claim.kind === 'key_known') return { kind: 'replay', operation: await findBoundOperation(claim, key, needs) };
    const previous = await takeOverFromRule(claim.current, command, needs);
    const answer = await answerOf(command.kind, previous, key, needs);
    if (answer !== null) return { kind: 'replay', operation: answer };
    const next = open(previous);
    opening = next;
    claim = await orLedgerUnavailable(() => needs.ledger.claimNext(previous, next, key));
  }
  throw new LedgerUnavailable(new Error('The order was claimed by others again and again.'));
}

/**
 * The order's operation, which is no rule's any more where somebody asks for the same: what a rule asked for is given up as soon as the
 * rule does not mean it any more, and what somebody asks for is not.
 */
async function takeOverFromRule(current: Operation, command: Command, needs: ClaimNeeds): Promise<Operation> {
  if (!isOpen(current) || !mayBeWithdrawn(current)) return current;
  if (mayBeWithdrawn(command) || command.kind !== current.kind) return current;
  // Whoever works on it writes over what it was; soon nobody does.
  if (isLeased(current, needs.clock.now())) throw new OperationInProgress(current, RETRY_AFTER_SECONDS, false);
  const writer = { owner: needs.newOwner(), now: needs.clock.now() };
  const written = await orLedgerUnavailable(() =>
    needs.ledger.write(current, takenOver(current, { ...command, ...redactTexts(command, needs) }, writer)),
  );
  if (written.kind === 'written') return written.operation;
  return takeOverFromRule(written.current, command, needs);
}

/** The operation that an ask gets where its order's current one is `current`; null where it opens the next one (`succession.ts`). */
async function answerOf(
  kind: OperationKind,
  current: Operation,
  key: KeyClaim | null,
  needs: ClaimNeeds,
): Promise<Operation | null> {
  const follows = succession(kind, current);
  switch (follows.kind) {
    case 'next': {
      // What the provider may still do on behalf of the last operation would undo what is asked for now.
      const leftMs = mayActFor(current, needs.clock.now());
      if (leftMs > 0)
        throw new OperationInProgress(current, Math.min(LONGEST_RETRY_AFTER_SECONDS, Math.ceil(leftMs / 1_000)), false);
      return null;
    }
    case 'in_the_way':
      throw new OperationInProgress(current, secondsUntilDue(current, needs.clock.now()), false);
    case 'deleted':
      throw new OrderWasDeleted(await findNumbered(follows.number, current, needs));
    case 'replay':
      return bindKey(await findNumbered(follows.number, current, needs), key, needs);
  }
}

async function findNumbered(number: number, current: Operation, needs: ClaimNeeds): Promise<Operation> {
  if (number === current.number) return current;
  const id = operationId({ ...current, number });
  const operation = await needs.ledger.findOperation(id);
  if (operation === null) throw new Error(`The ledger does not hold ${id}, which its order's current operation names.`);
  return operation;
}

/** A key that was used before answers with the operation that it was bound to then, whatever the order's current one is. */
async function findBoundOperation(
  claim: Pick<Extract<Claim, { kind: 'key_known' }>, 'bound' | 'current'>,
  key: KeyClaim | null,
  needs: ClaimNeeds,
): Promise<Operation> {
  if (claim.bound.fingerprint !== key?.fingerprint) throw new IdempotencyKeyReused();
  const { current } = claim;
  if (current !== null && claim.bound.operationId.endsWith(`:${current.number}`)) return current;
  const operation = await needs.ledger.findOperation(claim.bound.operationId);
  if (operation === null)
    throw new Error(`The ledger does not hold ${claim.bound.operationId}, to which a key is bound.`);
  return operation;
}

/** A new key on an order that has an operation stands for that operation from now on. */
async function bindKey(current: Operation, key: KeyClaim | null, needs: ClaimNeeds): Promise<Operation> {
  if (key === null) return current;
  const held = await orLedgerUnavailable(() => needs.ledger.bindKey(key, current));
  // Another ask may have bound it in between, to an operation that it opened.
  return findBoundOperation({ bound: held, current }, key, needs);
}

/** An operation as an answer, unless somebody is calling the provider for it at this moment. */
function standing(operation: Operation, needs: OperationNeeds): Operation {
  if (operation.state !== 'calling') return operation;
  const leaseLeftMs = Date.parse(operation.leaseUntil) - needs.clock.now();
  if (leaseLeftMs <= 0) return operation;
  throw new OperationInProgress(operation, RETRY_AFTER_SECONDS, true);
}

async function firstMove(
  operation: Calling,
  connecting: Settled<OpenConnection>,
  stating: Settled<ConnectionState | null>,
  needs: OperationNeeds,
  remainingMs: () => number,
): Promise<Move> {
  const now = needs.clock.now();
  const notAsked = (detail: string, dueAt = now): Move => ({ to: 'pending', detail, askReach: 'not_sent', dueAt });
  if (!connecting.ok && connecting.error instanceof AccountTurnedAway) return notAsked(connecting.error.why);
  if (!connecting.ok || !stating.ok) {
    const [error] = [connecting, stating].flatMap((one) => (one.ok ? [] : [one.error]));
    needs.log.error('CONNECTION_NOT_OPENED', { connection: operation.connection, error });
    return notAsked('connection_unavailable');
  }
  const standing = standingOf(connecting.value, stating.value, now);
  switch (standing.kind) {
    case 'usable':
      return ask(operation, connecting.value, needs, remainingMs);
    case 'needs_reauth':
      return notAsked('credential_rejected');
    case 'paused':
      return notAsked('connection_paused', standing.until);
  }
}

/** What every new operation has, before it is said how it begins. */
function newOperation(command: Command, previous: Operation | null, owner: string, needs: ClaimNeeds) {
  const at = new Date(needs.clock.now()).toISOString();
  return {
    connection: command.connection,
    provider: command.provider,
    account: needs.accounts.markOf(command.connection),
    orderId: command.orderId,
    number: previous === null ? 1 : previous.number + 1,
    kind: command.kind,
    reason: command.reason,
    ...redactTexts(command, needs),
    trigger: command.trigger,
    requestedAt: at,
    words: null,
    timeline: [{ at, event: 'requested' as const }],
    version: 1,
    owner,
    askReach: 'not_sent' as const,
    askedAt: at,
    lastAskEndedAt: null,
    lostAsks: 0,
    looksSinceAsk: 0,
    historyMark: previous?.historyMark ?? null,
    lastConfirmed: previous === null ? null : confirmedLast(previous),
    snapshot: command.tombstone ?? null,
  };
}

function redactTexts({ note, actor }: Command, { redact }: ClaimNeeds): Pick<Operation, 'note' | 'actor'> {
  return {
    note: note === null ? null : keptNote(note, redact),
    actor: actor === null ? null : keptActor(actor, redact),
  };
}

function beingAsked(needs: OperationNeeds, remainingMs: number) {
  const leaseUntil = new Date(needs.clock.now() + leaseMs(remainingMs, needs.clockSkewMs)).toISOString();
  return { state: 'calling' as const, attempts: 1, detail: 'in_progress', dueAt: leaseUntil, leaseUntil };
}

async function orLedgerUnavailable<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof AccountTurnedAway || error instanceof OperationUnreadable) throw error;
    throw new LedgerUnavailable(error);
  }
}
