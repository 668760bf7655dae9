import type { OperationView } from './rules/operation-view.ts';
import type { Operation } from './rules/operation.ts';
import { viewOf } from './rules/view-of.ts';

/** Thrown when another invocation is working on the order's operation, or another operation is in the ask's way. No calls were made. */
export class OperationInProgress extends Error {
  override readonly name = 'OperationInProgress';
  readonly operation: Operation;
  /** Whole seconds until it is worth asking again. */
  readonly retryAfterSeconds: number;
  /** Whether the operation is the one that was asked for. Then nothing is lost if the caller does not ask again. */
  readonly isSameKind: boolean;

  constructor(operation: Operation, retryAfterSeconds: number, isSameKind: boolean) {
    super('An operation of this order is being worked on right now.');
    this.operation = operation;
    this.retryAfterSeconds = retryAfterSeconds;
    this.isSameKind = isSameKind;
  }

  /** What a caller may see of it. */
  get view(): OperationView {
    return viewOf(this.operation);
  }
}

/** Thrown when the order was deleted through us, so nothing more can be asked for it. No calls were made. */
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

/** Thrown when an idempotency key comes with another ask than the first time. No calls were made, and nothing was changed. */
export class IdempotencyKeyReused extends Error {
  override readonly name = 'IdempotencyKeyReused';

  constructor() {
    super('This idempotency key was used before, for another ask.');
  }
}

/**
 * Thrown when the ledger did not confirm the claim. No calls were made. If the claim was written anyway, the settler picks it up. It is safe
 * to ask again.
 */
export class LedgerUnavailable extends Error {
  override readonly name = 'LedgerUnavailable';

  constructor(cause: unknown) {
    super('The ledger did not confirm the claim, so the provider was not called.', { cause });
  }
}

/**
 * Thrown when a connection must not be used, because its account has another name or its name has another account. No calls were made.
 * `message` is one line for an operator.
 */
export class AccountTurnedAway extends Error {
  override readonly name = 'AccountTurnedAway';
  readonly connection: string;
  readonly why: 'account_has_another_name' | 'name_has_another_account';
  /** The connection whose name the account has; null if the fault is another one. */
  readonly holder: string | null;

  constructor(connection: string, why: AccountTurnedAway['why'], line: string, holder: string | null = null) {
    super(`The connection ${connection} is not used: ${line}`);
    this.connection = connection;
    this.why = why;
    this.holder = holder;
  }

  /** For an account that has another name. `isDeclared`: whether the connection with that name is still declared. */
  static byHolder(connection: string, holder: string, isDeclared: boolean): AccountTurnedAway {
    const whatToDo = isDeclared
      ? `Use ${holder} instead. If ${connection} is another account, store its own credential.`
      : `Declare it as ${holder} again: its earlier operations are kept under that name.`;
    const line = `its account already has the name ${holder}, and an account has one name only. ${whatToDo}`;
    return new AccountTurnedAway(connection, 'account_has_another_name', line, holder);
  }

  /** For a name that has another account. `places`: that account's places. */
  static byName(
    connection: string,
    { places, place }: { places: readonly string[]; place: string },
  ): AccountTurnedAway {
    const line =
      `its name belongs to the account at ${places.join(', ')}, but it is now declared for ${place}. ` +
      'If that account has moved, list its earlier base URL in "formerly". Another account needs a name of its own.';
    return new AccountTurnedAway(connection, 'name_has_another_account', line);
  }

  /** For cases in which only the reason is known, and for callers who may not know of other connections. */
  static because(connection: string, why: AccountTurnedAway['why']): AccountTurnedAway {
    const line =
      why === 'account_has_another_name'
        ? 'its account has another name already, and an account has one name only.'
        : 'its name belongs to another account.';
    return new AccountTurnedAway(connection, why, line);
  }
}

/** Thrown when a provider cannot make such a change for any order. */
export class NotSupportedByProvider extends Error {
  override readonly name = 'NotSupportedByProvider';
}
