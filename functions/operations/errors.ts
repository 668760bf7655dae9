import type { OperationView } from './rules/operation-view.ts';
import type { Operation } from './rules/operation.ts';
import { viewOf } from './rules/view-of.ts';

/** Thrown when an ask finds the order's operation being worked on by another invocation at this moment, or another one in its way. Nothing was called. */
export class OperationInProgress extends Error {
  override readonly name = 'OperationInProgress';
  readonly operation: Operation;
  /** When it is worth asking again, in whole seconds. */
  readonly retryAfterSeconds: number;
  /** Whether the operation is what was asked for, so that nothing is lost where nobody asks again. */
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
 * Thrown when a connection may not be used: its account has another name, or its name another account. Nothing was called. `message` is
 * one line for an operator.
 */
export class AccountTurnedAway extends Error {
  override readonly name = 'AccountTurnedAway';
  readonly connection: string;
  readonly why: 'account_has_another_name' | 'name_has_another_account';
  /** The connection whose name the account has; null where that is not what is wrong. */
  readonly holder: string | null;

  constructor(connection: string, why: AccountTurnedAway['why'], line: string, holder: string | null = null) {
    super(`The connection ${connection} is not used: ${line}`);
    this.connection = connection;
    this.why = why;
    this.holder = holder;
  }

  /** `isDeclared`: whether the connection that has the account's name is still declared. */
  static byHolder(connection: string, holder: string, isDeclared: boolean): AccountTurnedAway {
    const whatToDo = isDeclared
      ? `Ask ${holder}; if ${connection} is another account, store its own credential.`
      : `Declare it as ${holder} again: what was asked before is remembered under that name.`;
    const line = `its account has the name ${holder} already, and an account has one name only. ${whatToDo}`;
    return new AccountTurnedAway(connection, 'account_has_another_name', line, holder);
  }

  /** `places`: where the account lies that the name belongs to. */
  static byName(
    connection: string,
    { places, place }: { places: readonly string[]; place: string },
  ): AccountTurnedAway {
    const line =
      `its name belongs to the account at ${places.join(', ')}, and it is declared for ${place} now. ` +
      'If that account has moved, list its earlier base URL in "formerly"; another account needs a name of its own.';
    return new AccountTurnedAway(connection, 'name_has_another_account', line);
  }

  /** Where no more is known than why, and for who may not know of other connections. */
  static because(connection: string, why: AccountTurnedAway['why']): AccountTurnedAway {
    const line =
      why === 'account_has_another_name'
        ? 'its account has another name already, and an account has one name only.'
        : 'its name belongs to another account.';
    return new AccountTurnedAway(connection, why, line);
  }
}

/** Thrown when a provider cannot do what is asked for any order. */
export class NotSupportedByProvider extends Error {
  override readonly name = 'NotSupportedByProvider';
}
