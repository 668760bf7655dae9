import type { OperationView } from '../operations/rules/operation-view.ts';
import type { LostProblem } from '../providers/call-failure.ts';

export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** Thrown when a request's path, query, headers or body are not what the route takes. Nothing was done. */
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

/** Thrown when a body's declared media type is not JSON. */
export class UnsupportedMediaType extends Error {
  override readonly name = 'UnsupportedMediaType';
}

/** Thrown when a body is larger than 1 MB. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}

/** Thrown when a request to a route that needs an access token carries none, or none that is valid. */
export class TokenRequired extends Error {
  override readonly name = 'TokenRequired';
  readonly why: 'missing' | 'unknown' | 'expired' | 'revoked';

  constructor(why: TokenRequired['why']) {
    super('An access token is needed.');
    this.why = why;
  }
}

/** Thrown when the access token is valid but does not allow this. `message` is shown to the caller. */
export class AccessDenied extends Error {
  override readonly name = 'AccessDenied';
}

/** Thrown when the access token could not be looked up, so the caller is not known. */
export class AccessUnknown extends Error {
  override readonly name = 'AccessUnknown';
}

/** Thrown when the ledger holds no such operation, or no operation of such an order. */
export class OperationNotFound extends Error {
  override readonly name = 'OperationNotFound';
}

/** Thrown when no batch has this id. */
export class BatchNotFound extends Error {
  override readonly name = 'BatchNotFound';
}

/** Thrown when there is no such export, it belongs to another caller, or its file has expired. */
export class ExportNotFound extends Error {
  override readonly name = 'ExportNotFound';
}

/** An operation that the provider did not carry out, for good. `replayed`: an earlier request with the same key was told so too. */
abstract class OperationNotConfirmed extends Error {
  readonly operation: OperationView;
  readonly replayed: boolean;

  constructor(message: string, operation: OperationView, replayed: boolean) {
    super(message);
    this.operation = operation;
    this.replayed = replayed;
  }
}

/** Thrown when the provider refused to cancel the order. */
export class OrderNotCancellable extends OperationNotConfirmed {
  override readonly name = 'OrderNotCancellable';

  constructor(operation: OperationView, replayed: boolean) {
    super('The provider refused to cancel this order.', operation, replayed);
  }
}

/** Thrown when the provider refused to make the order active again. */
export class OrderNotRestorable extends OperationNotConfirmed {
  override readonly name = 'OrderNotRestorable';

  constructor(operation: OperationView, replayed: boolean) {
    super('The provider refused to restore this order.', operation, replayed);
  }
}

/** Thrown when the provider refused to delete the order, or the order is no longer the version that the caller wanted to delete. */
export class OrderNotDeletable extends OperationNotConfirmed {
  override readonly name = 'OrderNotDeletable';

  constructor(operation: OperationView, replayed: boolean) {
    super('This order was not deleted.', operation, replayed);
  }
}

/** Thrown when a caller wants to delete an order that the provider does not show as cancelled now. The provider was not asked to delete it. */
export class OrderNotCancelled extends Error {
  override readonly name = 'OrderNotCancelled';
}

/** Thrown when no cancelled order has this id at its provider. */
export class CancelledOrderNotFound extends Error {
  override readonly name = 'CancelledOrderNotFound';
}

/** Thrown when a request lacks the `If-Match` that it needs. Nothing was done. */
export class PreconditionRequired extends Error {
  override readonly name = 'PreconditionRequired';
}

/** Thrown when the version that an `If-Match` names is not the current one. Nothing was done. */
export class PreconditionFailed extends Error {
  override readonly name = 'PreconditionFailed';
}

/** Thrown when the provider has no such order. `operation` is null for a dry run. */
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

/** Thrown when an order could not be read because its provider cannot be reached, is too slow, or limits the rate of calls. */
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

/** Thrown when an order could not be read because its provider's reply was an error or unusable. */
export class ProviderFailed extends Error {
  override readonly name = 'ProviderFailed';
  readonly problem: 'credential_rejected' | Exclude<LostProblem, 'timed_out'>;

  constructor(problem: ProviderFailed['problem']) {
    super('The provider failed.');
    this.problem = problem;
  }
}

/** Thrown when no route has the request's path. */
export class NoSuchRoute extends Error {
  override readonly name = 'NoSuchRoute';
}

/** Thrown when the request's path does not take its method. */
export class MethodNotAllowed extends Error {
  override readonly name = 'MethodNotAllowed';
  readonly allowed: readonly string[];

  constructor(allowed: readonly string[]) {
    super('This path does not take this method.');
    this.allowed = allowed;
  }
}
