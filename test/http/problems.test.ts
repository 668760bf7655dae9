import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { QueueUnavailable } from '../../functions/commands/errors.ts';
import * as errors from '../../functions/http/errors.ts';
import { problemBody, problemOf, PROBLEMS } from '../../functions/http/problems.ts';
import { InvalidIdempotencyKey } from '../../functions/idempotency/errors.ts';
import {
  AccountTurnedAway,
  IdempotencyKeyReused,
  LedgerUnavailable,
  NotSupportedByProvider,
  OperationInProgress,
  OrderWasDeleted,
} from '../../functions/operations/errors.ts';
import { OperationUnreadable } from '../../functions/operations/ledger/errors.ts';
import type { OperationView } from '../../functions/operations/rules/operation-view.ts';
import { viewOf } from '../../functions/operations/rules/view-of.ts';
import { InvalidOrderId, UnknownConnection } from '../../functions/providers/errors.ts';
import { SecretUnreadable } from '../../functions/runtime/errors.ts';
import { UnknownWebhook, WebhookNotVerified, WebhookSecretUnusable } from '../../functions/webhooks/errors.ts';
import { CONFIRMED, PENDING } from '../operations/world.ts';

const VIEW = viewOf(CONFIRMED);
const refused = (part: Partial<OperationView>): OperationView => ({ ...VIEW, ...part });
const TOKENS = ['missing', 'unknown', 'expired', 'revoked'] as const;
const FAILURES = [
  ...['credential_rejected', 'connection_cut', 'provider_error', 'foreign_reply', 'unknown_reply'],
  ...['unreadable_reply', 'stale_reply', 'look_up_too_large', 'wrong_order'],
] as errors.ProviderFailed['problem'][];
const ABSENCES = ['provider_unreachable', 'timed_out', 'rate_limited'] as const;

/** One error of each kind that a caller is told of in words of its own. */
const ERRORS: readonly Error[] = [
  new errors.InvalidInput([
    { field: 'a', message: 'is missing' },
    { field: 'b.0', message: 'must be a text' },
  ]),
  new InvalidOrderId('must be 1 to 18 digits'),
  new InvalidIdempotencyKey(),
  new errors.BodyNotJson(),
  ...TOKENS.map((why) => new errors.TokenRequired(why)),
  new WebhookNotVerified('The signature is wrong.'),
  new errors.AccessDenied('This access token is for other connections.'),
  new UnknownConnection('x'.repeat(80)),
  new UnknownConnection('x'.repeat(81)),
  new UnknownConnection('a\ud83d'),
  new UnknownWebhook(),
  new errors.OperationNotFound('There is no operation of this order.'),
  new errors.BatchNotFound(),
  new errors.OrderNotFound(null, false),
  new errors.OrderNotFound(VIEW, true),
  new errors.ExportNotFound(),
  new OrderWasDeleted(CONFIRMED),
  new errors.CancelledOrderNotFound(),
  new errors.NoSuchRoute(),
  new errors.MethodNotAllowed(['GET', 'HEAD']),
  AccountTurnedAway.byHolder('loja', 'loja-rio', true),
  AccountTurnedAway.byHolder('loja', 'secret', true),
  AccountTurnedAway.byName('loja', { places: ['https://a.example'], place: 'https://b.example' }),
  new OperationInProgress(PENDING, 7, true),
  new OperationInProgress(CONFIRMED, 60, false),
  new errors.OrderNotCancellable(refused({ words: 'already delivered' }), false),
  new errors.OrderNotCancellable(refused({ words: null }), true),
  new errors.OrderNotCancellable(refused({ detail: 'spared' }), false),
  new errors.OrderNotRestorable(refused({ words: 'too late' }), true),
  new errors.OrderNotDeletable(refused({ detail: 'order_active' }), false),
  new errors.OrderNotDeletable(refused({ detail: 'order_changed' }), true),
  new errors.OrderNotCancelled(),
  new errors.PreconditionFailed(),
  new errors.BodyTooLarge(),
  new errors.UnsupportedMediaType(),
  new IdempotencyKeyReused(),
  new errors.PreconditionRequired(),
  new NotSupportedByProvider(),
  ...FAILURES.map((problem) => new errors.ProviderFailed(problem)),
  ...ABSENCES.map((problem) => new errors.ProviderUnavailable(problem, null)),
  new errors.ProviderUnavailable('rate_limited', 30),
  new LedgerUnavailable(new Error('throttled')),
  new OperationUnreadable('loja:1'),
  new QueueUnavailable(new Error('throttled')),
  new errors.AccessUnknown(),
  new WebhookSecretUnusable('The secret of the webhook stock cannot be used.'),
  new SecretUnreadable('stack key'),
  new TypeError('Cannot read properties of undefined'),
];

/** What is told of an error; the operation by a word, where it is the error's own. */
function told(error: Error) {
  const problem = problemOf(error, (connection) => connection !== 'secret');
  const { operation, ...body } = problemBody(problem, 'request-1');
  const shown = operation === undefined ? {} : { operation: (operation as OperationView).id };
  return { error: String(error), body: { ...body, ...shown }, headers: problem.headers ?? {} };
}

describe('each error', () => {
  it('is told in the same words as ever, with the headers that go with them', () => {
    const fixture = new URL('fixtures/problems.json', import.meta.url);
    expect(ERRORS.map(told)).toEqual(JSON.parse(readFileSync(fixture, 'utf8')));
  });

  it('of the table is among those', () => {
    const rows = new Set(ERRORS.map((error) => PROBLEMS.find(({ describe: of }) => of(error, () => true) !== null)));
    expect(PROBLEMS.filter((row) => !rows.has(row))).toEqual([]);
  });

  it('with an operation carries it whole', () => {
    const view = refused({ words: 'already delivered' });
    for (const error of [
      new errors.OrderNotFound(view, false),
      new errors.OrderNotCancellable(view, false),
      new errors.OrderNotRestorable(view, false),
      new errors.OrderNotDeletable(view, false),
    ]) {
      expect(problemOf(error, () => true).members).toEqual({ operation: view });
    }
    expect(problemOf(new OrderWasDeleted(CONFIRMED), () => true).members).toEqual({ operation: VIEW });
    expect(problemOf(new OperationInProgress(CONFIRMED, 1, true), () => true).members).toEqual({ operation: VIEW });
  });
});
