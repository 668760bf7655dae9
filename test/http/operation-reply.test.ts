import { describe, expect, it } from '@jest/globals';
import {
  OrderNotCancellable,
  OrderNotDeletable,
  OrderNotFound,
  OrderNotRestorable,
} from '../../functions/http/errors.ts';
import { operationReply } from '../../functions/http/operation-reply.ts';
import { problemBody, problemOf } from '../../functions/http/problems.ts';
import type { OperationView } from '../../functions/operations/rules/operation-view.ts';

const VIEW: OperationView = {
  id: 'loja-rio:340:1',
  connection: 'loja-rio',
  provider: 'estoka',
  orderId: '340',
  kind: 'cancel',
  outcome: 'confirmed',
  detail: 'cancelled',
  final: true,
  reason: null,
  note: null,
  actor: null,
  trigger: 'http',
  requestedAt: '2026-08-01T00:00:00.000Z',
  settledAt: '2026-08-01T00:00:01.000Z',
  attempts: 1,
  words: null,
  evidence: null,
  timeline: [],
};
const replyTo = (part: Partial<OperationView>, replayed = false) =>
  operationReply({ operation: { ...VIEW, ...part }, replayed, retryAfterSeconds: 7 });

describe('the reply to an operation', () => {
  it('is 200 when it is confirmed', () => {
    expect(replyTo({})).toEqual({ status: 200, headers: {}, body: VIEW });
  });

  it.each(['pending', 'unknown'] as const)('is 202 with where and when to look when it is %s', (outcome) => {
    expect(replyTo({ outcome })).toMatchObject({
      status: 202,
      headers: { location: '/v1/operations/loja-rio:340:1', 'retry-after': '7' },
    });
  });

  it('is 202 when it needs attention', () => {
    const view = { ...VIEW, outcome: 'needs_attention' };
    const headers = { 'idempotent-replayed': 'true', location: '/v1/operations/loja-rio:340:1' };
    expect(replyTo({ outcome: 'needs_attention' }, true)).toEqual({ status: 202, headers, body: view });
  });

  it('says when it was answered before', () => {
    expect(replyTo({}, true).headers).toEqual({ 'idempotent-replayed': 'true' });
    expect(replyTo({ outcome: 'unknown' }, true).headers).toMatchObject({ 'idempotent-replayed': 'true' });
  });

  it.each([
    ['order_not_found', OrderNotFound, 404, '/problems/order-not-found'],
    ['not_cancellable', OrderNotCancellable, 409, '/problems/order-not-cancellable'],
    ['restore', OrderNotRestorable, 409, '/problems/order-not-restorable'],
    ['delete', OrderNotDeletable, 409, '/problems/order-not-deletable'],
  ])('is a problem that carries the operation when it is refused as %s', (detail, thrown, status, type) => {
    const kind = detail === 'restore' || detail === 'delete' ? detail : 'cancel';
    const refused: OperationView = { ...VIEW, kind, outcome: 'refused', detail, words: 'já entregue' };
    let error: unknown;
    try {
      operationReply({ operation: refused, replayed: true, retryAfterSeconds: 0 });
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(thrown);
    const problem = problemOf(error, () => true);
    expect(problem).toMatchObject({ status, headers: { 'idempotent-replayed': 'true' } });
    expect(problemBody(problem, 'request-1')).toMatchObject({ type, status, operation: refused });
  });
});
