import type { OperationView } from './operation-view.ts';
import { viewOf, type Operation } from './operation.ts';

/** Thrown when an ask finds the order's operation being worked on by another invocation at this moment, or another one in its way. Nothing was called. */
export class OperationInProgress extends Error {
  override readonly name = 'OperationInProgress';
  readonly operation: Operation;
  /** When it is worth asking again, in whole seconds. */
  readonly retryAfterSeconds: number;
  /** Whether the operation is what was asked for, so that nothing is lost where nobody asks again. */
  readonly isMeant: boolean;

  constructor(operation: Operation, retryAfterSeconds: number, isMeant: boolean) {
    super('An operation of this order is being worked on right now.');
    this.operation = operation;
    this.retryAfterSeconds = retryAfterSeconds;
    this.isMeant = isMeant;
  }

  /** What a caller may see of it. */
  get view(): OperationView {
    return viewOf(this.operation);
  }
}

/** Thrown when an order was deleted through us, so that nothing can be asked for it any more. Nothing was called. */
export class OrderWasDeleted extends Error {
  override readonly name = 'OrderWasDeleted';
  /** The delete. */
  readonly operation: Operation;

  constructor(operation: Operation) {
    super('This order was deleted.');
    this.operation = operation;
  }

  /** What a caller may see of it. */
  get view(): OperationView {
    return viewOf(this.operation);
  }
}

/** Thrown when an idempotency key comes back with another ask than it first came with. Nothing was called or changed. */
export class IdempotencyKeyReused extends Error {
  override readonly name = 'IdempotencyKeyReused';

  constructor() {
    super('This idempotency key was used before, for another ask.');
  }
}

/**
 * Thrown when the ledger did not confirm the claim. Nothing was called; where the claim was written all the same, the settler
 * takes it up. Safe to ask again.
 */
export class LedgerUnavailable extends Error {
  override readonly name = 'LedgerUnavailable';

  constructor(cause: unknown) {
    super('The ledger did not confirm the claim, so nothing was asked of the provider.', { cause });
  }
}

/**
 * Thrown when the ledger holds an operation of an order in a form that this version of the code cannot read: a newer version wrote it,
 * and was rolled back. Nothing was called or changed; the order stays closed, for a second operation could repeat the first one's effect.
 */
export class OperationUnreadable extends Error {
  override readonly name = 'OperationUnreadable';
  /** Its id, or its order's where its number cannot be read. */
  readonly operation: string;

  constructor(operation: string) {
    super(`The operation ${operation} was written by another version of Countermand, and this one cannot read it.`);
    this.operation = operation;
  }
}

/** What the log says of operations that were passed over because they cannot be read. */
export function unreadableIn(operations: readonly string[]): { count: number; operation: string | undefined } {
  return { count: operations.length, operation: operations[0] };
}
