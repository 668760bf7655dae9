import type { OperationView } from '../operations/rules/operation-view.ts';

/** Thrown when an operation is not confirmed. Step Functions' `Catch` and `Retry` find the error by its name. */
abstract class OperationNotConfirmed extends Error {
  constructor({ id, detail, words }: OperationView, what: string) {
    super(`${id}: ${what} (${detail}).${words === null ? '' : ` The provider says: ${words}`}`);
  }
}

/** Thrown when the provider refused to cancel the order. Final: asking again with the same key gives the same answer. */
export class OrderNotCancellable extends OperationNotConfirmed {
  override readonly name = 'OrderNotCancellable';

  constructor(operation: OperationView) {
    super(operation, 'the order cannot be cancelled');
  }
}

/** Thrown when the provider has no such order. Final. */
export class OrderNotFound extends OperationNotConfirmed {
  override readonly name = 'OrderNotFound';

  constructor(operation: OperationView) {
    super(operation, 'the provider has no such order');
  }
}

/** Thrown when the order may have been cancelled but that is not proven yet. Not final: ask again with the same key to see the current state. */
export class OutcomeUnknown extends OperationNotConfirmed {
  override readonly name = 'OutcomeUnknown';

  constructor(operation: OperationView) {
    super(operation, 'it is not known yet whether the order is cancelled');
  }
}

/** Thrown when the provider is still deciding, or was surely not reached yet. Not final, like {@link OutcomeUnknown}. */
export class OutcomePending extends OperationNotConfirmed {
  override readonly name = 'OutcomePending';

  constructor(operation: OperationView) {
    super(operation, 'the cancellation is under way');
  }
}

/** Thrown when the outcome could not be found out, so a person has to look. */
export class OperationNeedsAttention extends OperationNotConfirmed {
  override readonly name = 'OperationNeedsAttention';

  constructor(operation: OperationView) {
    super(operation, 'what became of the order could not be found out; a person has to look');
  }
}

/** Returns the error that a task fails with for an operation's current state; null if it is confirmed. */
export function taskErrorOf(operation: OperationView): Error | null {
  switch (operation.outcome) {
    case 'confirmed':
      return null;
    case 'refused':
      return operation.detail === 'order_not_found' ? new OrderNotFound(operation) : new OrderNotCancellable(operation);
    case 'unknown':
      return new OutcomeUnknown(operation);
    case 'pending':
      return new OutcomePending(operation);
    case 'needs_attention':
      return new OperationNeedsAttention(operation);
  }
}

/** Thrown when Step Functions did not take an outcome. It has the name of the cause, and not its message, which may quote the token. */
export class TaskNotAnswered extends Error {
  override readonly name = 'TaskNotAnswered';
  /** The name of the cause. */
  readonly why: string;
  /** Whether another attempt would fail too. */
  readonly isForGood: boolean;

  constructor(operationId: string, why: string, isForGood: boolean) {
    super(`${operationId} is final, but its outcome could not be sent to the task (${why}).`);
    this.why = why;
    this.isForGood = isForGood;
  }
}
