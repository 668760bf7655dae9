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
