import { QueueUnavailable } from '../commands/errors.ts';
import type { OperationView } from '../operations/rules/operation-view.ts';
import {
  AccountTurnedAway,
  IdempotencyKeyReused,
  LedgerUnavailable,
  NotSupportedByProvider,
  OperationInProgress,
  OrderWasDeleted,
} from '../operations/errors.ts';
import { OperationUnreadable } from '../operations/ledger/errors.ts';
import { InvalidIdempotencyKey } from '../idempotency/errors.ts';
import { InvalidOrderId, UnknownConnection } from '../providers/errors.ts';
import { cut } from '../runtime/cut.ts';
import { SecretUnreadable } from '../runtime/errors.ts';
import { UnknownWebhook, WebhookNotVerified, WebhookSecretUnusable } from '../webhooks/errors.ts';
import * as errors from './errors.ts';
import type { ProblemMembers, ProblemSlug } from './problem-types.ts';

/** An RFC 9457 problem, before it is put into a reply. */
export interface Problem {
  readonly slug: ProblemSlug;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  /** Members of the body beside the standard ones. */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

type Description = Pick<Problem, 'detail' | 'members' | 'headers'>;
type DescriptionOf<Slug extends ProblemSlug> = Description & { readonly members?: ProblemMembers<Slug> };

interface Row extends Pick<Problem, 'slug' | 'status' | 'title'> {
  /** Null if the error is not of this row's class. A 5xx row never shows the error's text. */
  readonly describe: (error: unknown, mayKnow: MayKnow) => Description | null;
}

/** Whether the caller may know of the connection with this name. */
type MayKnow = (connection: string) => boolean;

function row<Thrown extends Error, Slug extends ProblemSlug>(
  thrown: abstract new (...parameters: never[]) => Thrown,
  status: number,
  slug: Slug,
  title: string,
  describe: (error: Thrown, mayKnow: MayKnow) => DescriptionOf<Slug>,
): Row {
  return {
    status,
    slug,
    title,
    describe: (error, mayKnow) => (error instanceof thrown ? describe(error, mayKnow) : null),
  };
}

/** THE table of errors and the problems that answer them. `type` is `/problems/{slug}` and never changes its meaning. */
export const PROBLEMS: readonly Row[] = [
  row(errors.InvalidInput, 400, 'invalid-request', 'The request is not valid', (error) => ({
    detail: `Wrong: ${error.errors.map(({ field }) => field).join(', ')}.`,
    members: { errors: error.errors },
  })),
  row(InvalidOrderId, 400, 'invalid-request', 'The request is not valid', (error) => ({
    detail: 'Wrong: orderId.',
    members: { errors: [{ field: 'orderId', message: error.message }] },
  })),
  row(InvalidIdempotencyKey, 400, 'invalid-request', 'The request is not valid', (error) => ({
    detail: 'Wrong: Idempotency-Key.',
    members: { errors: [{ field: 'Idempotency-Key', message: error.message }] },
  })),
  row(errors.BodyNotJson, 400, 'body-not-json', 'The body is not JSON', () => ({
    detail: 'The body must be one JSON object in UTF-8, or empty.',
    members: { errors: [{ field: 'body', message: 'is not JSON' }] },
  })),
  row(errors.TokenRequired, 401, 'access-token-required', 'An access token is required', (error) => ({
    detail: TOKEN_DETAILS[error.why],
    headers: { 'www-authenticate': error.why === 'missing' ? 'Bearer' : 'Bearer error="invalid_token"' },
  })),
  row(WebhookNotVerified, 401, 'webhook-not-verified', 'The sender is not proven', (error) => ({
    detail: error.message,
    // RFC 9110 requires a scheme with a 401; none is registered for signed bodies.
    headers: { 'www-authenticate': 'Webhook' },
  })),
  row(errors.AccessDenied, 403, 'access-denied', 'The access token does not allow this', (error) => ({
    detail: error.message,
  })),
  row(UnknownConnection, 404, 'unknown-connection', 'There is no such connection', (error) => ({
    detail: `There is no connection named ${shortened(error.connection)}.`,
    members: { errors: [{ field: 'connection', message: 'is not a declared connection' }] },
  })),
  row(UnknownWebhook, 404, 'unknown-webhook', 'There is no such webhook', () => ({
    detail: 'No webhook of this name and kind is declared.',
  })),
  row(errors.OperationNotFound, 404, 'operation-not-found', 'There is no such operation', (error) => ({
    detail: error.message,
  })),
  row(errors.BatchNotFound, 404, 'batch-not-found', 'There is no such batch', () => ({
    detail: 'There is no batch with this id.',
  })),
  row(errors.OrderNotFound, 404, 'order-not-found', 'The provider has no such order', (error) => ({
    detail: 'The provider shows no order with this id on this connection now.',
    ...(error.operation && operationMembers(error.operation)),
    headers: replayedHeader(error.replayed),
  })),
  row(errors.ExportNotFound, 404, 'export-not-found', 'There is no such export', () => ({
    detail: 'There is no export with this id, or its file has expired. Ask for the export again.',
  })),
  row(OrderWasDeleted, 404, 'order-not-found', 'The provider has no such order', (error) => ({
    detail: 'This order was deleted. No call was made to the provider.',
    ...operationMembers(error.view),
  })),
  row(errors.CancelledOrderNotFound, 404, 'cancelled-order-not-found', 'There is no such cancelled order', () => ({
    detail: 'The provider shows no cancelled, rejected or expired order with this id on this connection.',
  })),
  row(errors.NoSuchRoute, 404, 'not-found', 'There is nothing at this path', () => ({
    detail: 'No route has this path.',
  })),
  row(errors.MethodNotAllowed, 405, 'method-not-allowed', 'This path does not take this method', ({ allowed }) => ({
    detail: `This path takes ${allowed.join(', ')}.`,
    headers: { allow: allowed.join(', ') },
  })),
  row(AccountTurnedAway, 409, 'connection-turned-away', 'This connection is not used', (error, mayKnow) => ({
    detail: (error.holder === null || mayKnow(error.holder)
      ? error
      : AccountTurnedAway.because(error.connection, error.why)
    ).message,
    members: { problem: error.why },
  })),
  row(OperationInProgress, 409, 'operation-in-progress', 'This order is being worked on right now', (error) => ({
    detail: inTheWay(error.view),
    ...operationMembers(error.view),
    headers: { 'retry-after': String(error.retryAfterSeconds) },
  })),
  row(
    errors.OrderNotCancellable,
    409,
    'order-not-cancellable',
    'The provider refused to cancel this order',
    (error) => ({
      detail: refusalOf(error.operation),
      ...operationMembers(error.operation),
      headers: replayedHeader(error.replayed),
    }),
  ),
  row(
    errors.OrderNotRestorable,
    409,
    'order-not-restorable',
    'The provider refused to make this order active again',
    (error) => ({
      detail: refusalOf(error.operation),
      ...operationMembers(error.operation),
      headers: replayedHeader(error.replayed),
    }),
  ),
  row(errors.OrderNotDeletable, 409, 'order-not-deletable', 'This order was not deleted', (error) => ({
    detail: refusalOf(error.operation),
    ...operationMembers(error.operation),
    headers: replayedHeader(error.replayed),
  })),
  row(errors.OrderNotCancelled, 409, 'order-not-cancelled', 'Only a cancelled order can be deleted', () => ({
    detail: 'The provider does not show this order as cancelled, rejected or expired. It was not asked to delete it.',
  })),
  row(errors.PreconditionFailed, 412, 'precondition-failed', 'The order has changed', () => ({
    detail:
      'The provider does not show the version that If-Match names any more. It was not asked to delete the order. Read the order again.',
  })),
  row(errors.BodyTooLarge, 413, 'body-too-large', 'The body is too large', () => ({
    detail: 'A body may have at most 1 MB.',
    members: { errors: [{ field: 'body', message: 'is larger than 1 MB' }] },
  })),
  row(errors.UnsupportedMediaType, 415, 'unsupported-media-type', 'The media type of the body is not JSON', () => ({
    detail: 'Send a body with Content-Type: application/json.',
    headers: { 'accept-post': 'application/json' },
  })),
  row(IdempotencyKeyReused, 422, 'idempotency-key-reused', 'This idempotency key was used for another ask', () => ({
    detail: 'The same Idempotency-Key was used for another request. No call was made to the provider.',
  })),
  row(errors.PreconditionRequired, 428, 'precondition-required', 'Say which version of the order you mean', () => ({
    detail: 'Send the ETag that a GET of this path returned as If-Match.',
  })),
  row(NotSupportedByProvider, 501, 'not-supported-by-provider', 'The provider cannot do this', () => ({
    detail: 'The provider of this connection does not offer this at all. No call was made to it.',
  })),
  row(errors.ProviderFailed, 502, 'provider-failed', 'The order could not be read at its provider', ({ problem }) => ({
    detail: PROVIDER_DETAILS[problem],
    members: { problem },
  })),
  row(errors.ProviderUnavailable, 503, 'provider-unavailable', 'The provider is not available', (error) => ({
    detail: PROVIDER_DETAILS[error.problem],
    members: { problem: error.problem },
    headers: { 'retry-after': String(error.retryAfterSeconds ?? 5) },
  })),
  row(LedgerUnavailable, 503, 'temporarily-unavailable', 'Not possible at the moment', () => ({
    detail:
      'The ledger did not confirm that it recorded the ask. If it did, the ask will be carried out: ask again, or read the order.',
    headers: { 'retry-after': '2' },
  })),
  row(
    OperationUnreadable,
    503,
    'operation-unreadable',
    'The ledger holds this order in a form that cannot be read',
    () => ({
      detail:
        'Another version of Countermand wrote the operation of this order. No call was made to the provider, and none is made until ' +
        'that version is deployed again.',
      headers: { 'retry-after': '60' },
    }),
  ),
  row(QueueUnavailable, 503, 'temporarily-unavailable', 'Not possible at the moment', () => ({
    detail:
      'Not all of the orders could be queued. Ask again with the same Idempotency-Key: no order is asked for twice.',
    headers: { 'retry-after': '2' },
  })),
  row(errors.AccessUnknown, 503, 'temporarily-unavailable', 'Not possible at the moment', () => ({
    detail: 'The access token could not be checked. Nothing was done. It is safe to ask again.',
    headers: { 'retry-after': '2' },
  })),
  row(WebhookSecretUnusable, 503, 'temporarily-unavailable', 'Not possible at the moment', () => ({
    detail: "The webhook's secret could not be read, so nothing was done. Send it again.",
    headers: { 'retry-after': '10' },
  })),
  row(SecretUnreadable, 503, 'temporarily-unavailable', 'Not possible at the moment', () => ({
    detail: 'A secret could not be read, so the provider was not called.',
    headers: { 'retry-after': '10' },
  })),
];

export const INTERNAL_ERROR: Problem = {
  slug: 'internal-error',
  status: 500,
  title: 'Something went wrong here',
  detail:
    'The log has more under this request id. A recorded ask is not lost: read the order to see its current state.',
};

const TOKEN_DETAILS = {
  missing: 'Send a token as Authorization: Bearer <access token>.',
  unknown: 'This access token is not known.',
  expired: 'This access token has expired.',
  revoked: 'This access token was revoked.',
};

const PROVIDER_DETAILS = {
  credential_rejected: "The provider rejects this connection's credential.",
  rate_limited: 'The provider limits the rate of calls.',
  provider_unreachable: 'The provider could not be reached.',
  timed_out: 'The provider did not answer in time.',
  connection_cut: 'The provider cut the connection.',
  provider_error: 'The provider answered with an error of its own.',
  foreign_reply: "The reply is not the provider's own: something between here and the provider answered.",
  unknown_reply: 'The reply has a form that this provider is not known to use.',
  unreadable_reply: "The provider's reply cannot be read.",
  stale_reply: 'Something between here and the provider answered with an outdated reply.',
  look_up_too_large:
    'Finding this order would mean reading too many others, so its state is not known. Look it up at the provider.',
  wrong_order: 'The provider answered with another order.',
};

/** Returns the problem that answers an error. An error without a row is a 500. `mayKnow`: which connections the caller may know of. */
export function problemOf(error: unknown, mayKnow: MayKnow): Problem {
  for (const { describe, ...rest } of PROBLEMS) {
    const description = describe(error, mayKnow);
    if (description) return { ...rest, ...description };
  }
  return INTERNAL_ERROR;
}

/** Returns the body of a reply with this problem. */
export function problemBody(problem: Problem, requestId: string): Record<string, unknown> {
  const { slug, status, title, detail, members } = problem;
  return { type: `/problems/${slug}`, title, status, detail, requestId, ...members };
}

function refusalOf({ detail, words }: OperationView): string {
  if (detail === 'order_active') return 'The order is active again, so it was not deleted.';
  if (detail === 'spared')
    return 'A rule asked for this, and the rule no longer applies to the order. Ask for it again.';
  if (detail === 'order_changed')
    return 'The order is no longer the version that was to be deleted, so it was left as it is.';
  return words ? `The provider says: ${words}` : 'The provider gave no reason.';
}

function operationMembers(operation: OperationView): { members: { operation: OperationView } } {
  return { members: { operation } };
}

function replayedHeader(replayed: boolean): Record<string, string> {
  return replayed ? { 'idempotent-replayed': 'true' } : {};
}

function shortened(name: string): string {
  return name.length <= 80 ? name.toWellFormed() : `${cut(name, 80)}…`;
}

function inTheWay({ id, kind, final }: OperationView): string {
  if (final)
    return `The answer to an ask of ${id} (${kind}) was lost, and that ask may still take effect. Ask again after Retry-After.`;
  return `${id} (${kind}) is not settled yet. Ask again, or read that operation.`;
}
