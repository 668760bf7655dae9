import type { OperationView } from '../operations/rules/operation-view.ts';
import type { LostProblem } from '../providers/call-failure.ts';

export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** Thrown when an ask's path, query, headers or body are not what the route takes. Nothing was done. */
export class InvalidInput extends Error {
  override readonly name = 'InvalidInput';
  readonly errors: readonly FieldError[];

  constructor(errors: readonly FieldError[]) {
    super('The request is not valid.');
    this.errors = errors;
  }
}

/** Thrown when a body is not JSON. */
export class BodyNotJson extends Error {
  override readonly name = 'BodyNotJson';
}

/** Thrown when a body is said to be of another media type than JSON. */
export class UnsupportedMediaType extends Error {
  override readonly name = 'UnsupportedMediaType';
}

/** Thrown when a body is larger than a route reads. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}

/** Thrown when a route that needs an access token is asked without one that counts. */
export class TokenRequired extends Error {
  override readonly name = 'TokenRequired';
  readonly why: 'missing' | 'unknown' | 'expired' | 'revoked';

  constructor(why: TokenRequired['why']) {
    super('An access token is needed.');
    this.why = why;
  }
}

/** Thrown when the access token is good, but not for this. `message` is shown to the caller. */
export class AccessDenied extends Error {
  override readonly name = 'AccessDenied';
}

/** Thrown when it could not be found out whose token it is. */
export class AccessUnknown extends Error {
  override readonly name = 'AccessUnknown';
}

/** Thrown when the ledger holds no such operation, or none of such an order. */
export class OperationNotFound extends Error {
  override readonly name = 'OperationNotFound';
}

/** Thrown when there is no batch of such an id. */
export class BatchNotFound extends Error {
  override readonly name = 'BatchNotFound';
}

/** Thrown when there is no such export, it is another caller's, or what it made has expired. */
export class ExportNotFound extends Error {
  override readonly name = 'ExportNotFound';
}

/** Thrown when the provider refused to cancel the order. */
export class OrderNotCancellable extends Error {
  override readonly name = 'OrderNotCancellable';
  readonly operation: OperationView;
  readonly replayed: boolean;

  constructor(operation: OperationView, replayed: boolean) {
    super('The provider refused to cancel this order.');
    this.operation = operation;
    this.replayed = replayed;
  }
}

/** Thrown when the provider refused to make the order active again. */
export class OrderNotRestorable extends Error {
  override readonly name = 'OrderNotRestorable';
  readonly operation: OperationView;
  readonly replayed: boolean;

  constructor(operation: OperationView, replayed: boolean) {
    super('The provider refused to restore this order.');
    this.operation = operation;
    this.replayed = replayed;
  }
}

/** Thrown when the provider refused to delete the order, or when it is not what was to be deleted any more. */
export class OrderNotDeletable extends Error {
  override readonly name = 'OrderNotDeletable';
  readonly operation: OperationView;
  readonly replayed: boolean;

  constructor(operation: OperationView, replayed: boolean) {
    super('This order was not deleted.');
    this.operation = operation;
    this.replayed = replayed;
  }
}

/** Thrown when an order that is to be deleted is not cancelled, as its provider shows it now. Nothing was asked of it. */
export class OrderNotCancelled extends Error {
  override readonly name = 'OrderNotCancelled';
}

/** Thrown when no cancelled order has this id at its provider. */
export class CancelledOrderNotFound extends Error {
  override readonly name = 'CancelledOrderNotFound';
}

/** Thrown when a request that needs an `If-Match` comes without one. Nothing was done. */
export class PreconditionRequired extends Error {
  override readonly name = 'PreconditionRequired';
}

/** Thrown when what an `If-Match` names is not what is there now. Nothing was done. */
export class PreconditionFailed extends Error {
  override readonly name = 'PreconditionFailed';
}

/** Thrown when the provider has no such order; a dry run has no operation. */
export class OrderNotFound extends Error {
  override readonly name = 'OrderNotFound';
  readonly operation: OperationView | null;
  readonly replayed: boolean;

  constructor(operation: OperationView | null, replayed: boolean) {
    super('The provider has no such order.');
    this.operation = operation;
    this.replayed = replayed;
  }
}

/** Thrown when an order could not be read because its provider cannot be reached, is too slow, or wants fewer calls for now. */
export class ProviderUnavailable extends Error {
  override readonly name = 'ProviderUnavailable';
  readonly problem: 'provider_unreachable' | 'timed_out' | 'rate_limited';
  readonly retryAfterSeconds: number | null;

  constructor(problem: ProviderUnavailable['problem'], retryAfterSeconds: number | null) {
    super('The provider is not available.');
    this.problem = problem;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Thrown when an order could not be read because of what its provider answered. */
export class ProviderFailed extends Error {
  override readonly name = 'ProviderFailed';
  readonly problem: 'credential_rejected' | Exclude<LostProblem, 'timed_out'>;

  constructor(problem: ProviderFailed['problem']) {
    super('The provider failed.');
    this.problem = problem;
  }
}

/** Thrown for a path that no route has. */
export class NoSuchRoute extends Error {
  override readonly name = 'NoSuchRoute';
}

/** Thrown for a path that only other methods have. */
export class MethodNotAllowed extends Error {
  override readonly name = 'MethodNotAllowed';
  readonly allowed: readonly string[];

  constructor(allowed: readonly string[]) {
    super('This path does not take this method.');
    this.allowed = allowed;
  }
}
