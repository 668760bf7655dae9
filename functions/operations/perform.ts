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

/** An ask to change one order, by any trigger. A delete brings its tombstone, which is written before the provider is asked. */
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
  /** The operation was there before this ask, and no calls were made for the ask. */
  replayed: boolean;
}

type Calling = Operation & { state: 'calling' };

/** How often a claim is tried. Another ask may open the next operation first; that operation is then the answer. */
const CLAIM_ROUNDS = 3;
const RETRY_AFTER_SECONDS = 1;
const LONGEST_RETRY_AFTER_SECONDS = 60;

/**
 * Claims the order, asks its provider once, and writes the result: two round trips to the ledger. If the order or the key already has an
 * operation, returns that operation and makes no calls: one round trip.
 *
 * The returned operation is in the ledger. Throws {@link OperationInProgress} if another invocation works on the order now or another
 * operation is in the way, {@link OrderWasDeleted}, {@link IdempotencyKeyReused}, {@link AccountTurnedAway}, {@link LedgerUnavailable} if
 * nothing could be claimed, and {@link OperationUnreadable} if this version of the code cannot read the order's operation.
 */
export async function perform(command: Command, needs: OperationNeeds, remainingMs: () => number): Promise<Performed> {
  const owner = needs.newOwner();
  // Both run beside the claim. The credential is read anew: an ask with an outdated one is rejected and must wait for its quiet period.
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
 * Returns the answer that an ask gets without any effect, or null if {@link perform} would open an operation for it. Throws as `perform`
 * does. For asks that must read the order first, which they can skip if the answer is already known. As in `perform`, a key that was used
 * before takes precedence over the order.
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
 * Takes an ask without asking the provider, for a sender that cannot wait for the provider. Writes a `pending` operation that is due at
 * once, and the settler's next run carries it out. If the order or the key already has an operation, returns that one, even while an
 * invocation works on it. One round trip. Throws as {@link perform}, but not for an operation of the same kind.
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

/** Claims the order. `ours`: the caller now holds the order with a new operation. `replay`: this operation is the answer. */
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
 * If a rule opened the order's open operation and a caller now asks for the same, the caller takes it over. A rule's operation is given up
 * as soon as the rule no longer means the order; a caller's operation is not. Returns the order's operation as it is then.
 */
async function takeOverFromRule(current: Operation, command: Command, needs: ClaimNeeds): Promise<Operation> {
  if (!isOpen(current) || !mayBeWithdrawn(current)) return current;
  if (mayBeWithdrawn(command) || command.kind !== current.kind) return current;
  // The invocation that works on the operation would overwrite the takeover. It will be done soon.
  if (isLeased(current, needs.clock.now())) throw new OperationInProgress(current, RETRY_AFTER_SECONDS, false);
  const writer = { owner: needs.newOwner(), now: needs.clock.now() };
  const written = await orLedgerUnavailable(() =>
    needs.ledger.write(current, takenOver(current, { ...command, ...redactTexts(command, needs) }, writer)),
  );
  if (written.kind === 'written') return written.operation;
  return takeOverFromRule(written.current, command, needs);
}

/** Returns the operation that answers an ask of an order with this current operation; null if the ask opens the next (`succession.ts`). */
async function answerOf(
  kind: OperationKind,
  current: Operation,
  key: KeyClaim | null,
  needs: ClaimNeeds,
): Promise<Operation | null> {
  const follows = succession(kind, current);
  switch (follows.kind) {
    case 'next': {
      // A lost ask of the last operation may still take effect, and would undo this one.
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

/** Finds the operation that a known key is bound to, which need not be the order's current one. */
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

/** Binds a new key to an operation that the order already has. */
async function bindKey(current: Operation, key: KeyClaim | null, needs: ClaimNeeds): Promise<Operation> {
  if (key === null) return current;
  const held = await orLedgerUnavailable(() => needs.ledger.bindKey(key, current));
  // Another ask may have bound the key meanwhile, to an operation that it opened.
  return findBoundOperation({ bound: held, current }, key, needs);
}

/** Returns the operation as an answer. Throws if another invocation is calling the provider for it now. */
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

/** Returns the fields of a new operation that do not depend on how it begins. */
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
