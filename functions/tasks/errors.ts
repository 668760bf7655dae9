import type { OperationView } from '../operations/rules/operation-view.ts';

/** An operation that did not end as it was asked to: Step Functions' `Catch` and `Retry` find it by its name. */
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

/** Thrown when it may have been cancelled and is not proven yet. Not final: ask again with the same key to see how it stands. */
export class OutcomeUnknown extends OperationNotConfirmed {
  override readonly name = 'OutcomeUnknown';

  constructor(operation: OperationView) {
    super(operation, 'whether the order is cancelled is being found out');
  }
}

/** Thrown when the provider still decides, or was surely not reached yet. Not final, as {@link OutcomeUnknown}. */
export class OutcomePending extends OperationNotConfirmed {
  override readonly name = 'OutcomePending';

  constructor(operation: OperationView) {
    super(operation, 'the cancellation is under way');
  }
}

/** Thrown when it could not be found out, and a person has to look. */
export class OperationNeedsAttention extends OperationNotConfirmed {
  override readonly name = 'OperationNeedsAttention';

  constructor(operation: OperationView) {
    super(operation, 'what became of the order could not be found out; a person has to look');
  }
}

/** What a task fails with for an operation as it stands; null where it is confirmed. */
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

/** Thrown when Step Functions did not take how an operation ended. It has the name of its error and not its words, which may quote the token. */
export class TaskNotAnswered extends Error {
  override readonly name = 'TaskNotAnswered';
  /** The name of the error. */
  readonly why: string;
  /** It would fail again. */
  readonly isForGood: boolean;

  constructor(operationId: string, why: string, isForGood: boolean) {
    super(`${operationId} is final, and its task could not be told (${why}).`);
    this.why = why;
    this.isForGood = isForGood;
  }
}
