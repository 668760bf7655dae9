/**
 * Thrown when the ledger holds an operation in a form that this version of the code cannot read, because a newer version wrote it and was
 * then rolled back. Nothing was called or changed. The order stays closed, since a second operation could repeat the first one's effect.
 */
export class OperationUnreadable extends Error {
  override readonly name = 'OperationUnreadable';
  /** The operation's id. If its number cannot be read: its connection and order id. */
  readonly operation: string;

  constructor(operation: string) {
    super(`The operation ${operation} was written by another version of Countermand, and this one cannot read it.`);
    this.operation = operation;
  }
}

/** Returns the log fields for operations that were passed over because they cannot be read: how many, and the first one's name. */
export function unreadableIn(operations: readonly string[]): { count: number; operation: string | undefined } {
  return { count: operations.length, operation: operations[0] };
}
