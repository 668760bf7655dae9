import { describe, expect, it } from '@jest/globals';
import type { Batch, BatchRow } from '../../functions/batches/batch.ts';
import { batchView } from '../../functions/http/batch-reply.ts';
import { dryRunReply } from '../../functions/http/dry-run-reply.ts';
import {
  CancelledOrderNotFound,
  OrderNotCancelled,
  OrderNotFound,
  ProviderFailed,
  ProviderUnavailable,
} from '../../functions/http/errors.ts';
import { listedOrThrow } from '../../functions/http/listed-order.ts';
import { nothingRead } from '../../functions/http/nothing-read.ts';
import { providerFailure } from '../../functions/http/provider-failure.ts';
import { acknowledged, ignored } from '../../functions/http/webhook-reply.ts';
import type { DryRun } from '../../functions/operations/dry-run.ts';
import { AccountTurnedAway } from '../../functions/operations/errors.ts';
import type { Operation } from '../../functions/operations/rules/operation.ts';
import { viewOf } from '../../functions/operations/rules/view-of.ts';
import type { CallFailure } from '../../functions/providers/call-failure.ts';
import type { ListedOrder, LookUpReply } from '../../functions/providers/provider.ts';
import { SecretUnreadable } from '../../functions/runtime/errors.ts';
import { ACTIVE, CONFIRMED, facts, PENDING, shownOrder } from '../operations/world.ts';
import { fieldsOf, thrownBy } from '../support/thrown.ts';

describe('a batch', () => {
  const money = (amount: number, currency = 'BRL') => ({ amount, currency });
  const batch: Batch = {
    ...{ id: 'b1', connection: 'loja-rio', provider: 'estoka', dryRun: false, orderIds: ['340'] },
    ...{ reason: null, note: null, actor: null, fingerprint: 'f' },
    ...{ requestedAt: '2026-03-01T12:00:00.000Z', queuedAt: null },
  };
  const found = {
    operations: new Map<string, Operation>([
      ['loja-rio:340:1', CONFIRMED],
      ['loja-rio:341:1', { ...PENDING, orderId: '341' }],
    ]),
    unreadable: new Set(['loja-rio:342:1']),
  };
  const viewed = (changes: Partial<Batch>, rows: readonly BatchRow[]) =>
    batchView({ ...batch, ...changes }, new Map(rows.map((row) => [row.orderId, row])), found);
  const operation = (orderId: string): BatchRow => ({
    kind: 'operation',
    orderId,
    operationId: `loja-rio:${orderId}:1`,
  });
  const problem = { code: 'invalid', text: 'must be digits' };
  const nothing = { operation: null, problem: null, plan: null };

  it('shows how each of its orders stands, counts them, and is final when all are', () => {
    const rows: BatchRow[] = [
      operation('340'),
      operation('341'),
      operation('342'),
      { kind: 'problem', orderId: 'x', problem },
    ];
    expect(viewed({ orderIds: ['340', '341', '342', 'x', '9'] }, rows)).toEqual({
      ...{ id: 'b1', connection: 'loja-rio', provider: 'estoka', dryRun: false },
      ...{ requestedAt: '2026-03-01T12:00:00.000Z', total: 5, final: false },
      counts: { waiting: 1, confirmed: 1, refused: 0, pending: 1, unknown: 1, needs_attention: 0, failed: 1 },
      orders: [
        {
          ...nothing,
          orderId: '340',
          operation: { id: 'loja-rio:340:1', outcome: 'confirmed', detail: 'cancelled', final: true },
        },
        {
          ...nothing,
          orderId: '341',
          operation: { id: 'loja-rio:341:1', outcome: 'pending', detail: 'timed_out', final: false },
        },
        {
          ...nothing,
          orderId: '342',
          operation: { id: 'loja-rio:342:1', outcome: 'unknown', detail: 'unreadable', final: false },
        },
        { ...nothing, orderId: 'x', problem },
        { ...nothing, orderId: '9' },
      ],
    });
    expect(viewed({ orderIds: ['340', 'x'] }, rows).final).toBe(true);
    for (const open of ['341', '342', '9']) expect(viewed({ orderIds: ['340', open] }, rows).final).toBe(false);
  });

  it('is planned: what each cancel would come to, and what is at stake', () => {
    const plan = (orderId: string, part: Partial<Extract<BatchRow, { kind: 'plan' }>>): BatchRow => ({
      ...{ kind: 'plan', orderId, wouldCancel: false, status: 's', warnings: [], total: money(5) },
      ...part,
    });
    const rows = [
      plan('1', { verdict: 'would', wouldCancel: true }),
      plan('2', { verdict: 'would', wouldCancel: true, total: null }),
      plan('3', { verdict: 'likely_refused' }),
      plan('4', { verdict: 'would_not' }),
      // As they were kept before there were three verdicts.
      plan('5', { wouldCancel: true, total: money(7, 'IDR') }),
      plan('6', {}),
      { kind: 'problem' as const, orderId: '7', problem },
    ];
    const view = viewed({ dryRun: true, orderIds: ['1', '2', '3', '4', '5', '6', '7', '8'] }, rows);
    expect(view).toMatchObject({
      counts: { waiting: 1, wouldCancel: 3, likelyRefused: 1, wouldNotCancel: 2, failed: 1 },
      final: false,
      atStake: [
        { ...money(5), orders: 1 },
        { ...money(7, 'IDR'), orders: 1 },
      ],
    });
    expect(Object.keys(view.counts)).toHaveLength(5);
    expect(view.orders.map((order) => order.plan?.verdict)).toEqual([
      ...['would', 'would', 'likely_refused', 'would_not', 'would', 'would_not', undefined, undefined],
    ]);
    expect(view.orders[3]).toEqual({
      ...{ ...nothing, orderId: '4' },
      plan: { verdict: 'would_not', wouldCancel: false, status: 's', warnings: [], total: money(5) },
    });
    expect(viewed({ dryRun: true, orderIds: ['1', '7'] }, rows)).toMatchObject({
      final: true,
      counts: { waiting: 0, wouldCancel: 1, likelyRefused: 0, wouldNotCancel: 0, failed: 1 },
    });
    expect(viewed({}, [])).not.toHaveProperty('atStake');
  });

  it('that names an operation which the ledger does not hold is a fault of ours', () => {
    expect(() => viewed({ orderIds: ['7'] }, [operation('7')])).toThrow(
      'The ledger does not hold loja-rio:7:1, which a batch names.',
    );
  });
});

describe('a dry run', () => {
  const read = (part: object = {}): DryRun => ({
    ...{ kind: 'read', verdict: 'would', status: 'billing', effects: [], warnings: [], total: null, operation: null },
    ...part,
  });
  const found = { verdict: 'would', order: { status: 'billing' }, effects: [], warnings: [] };

  it.each([
    ['cancel', 'wouldCancel'],
    ['restore', 'wouldRestore'],
    ['delete', 'wouldDelete'],
  ] as const)('of a %s says whether it %s', (kind, field) => {
    expect(dryRunReply(kind, read())).toEqual({ status: 200, body: { dryRun: true, [field]: true, ...found } });
    const refused = dryRunReply(kind, read({ verdict: 'likely_refused', operation: 'loja:1:1' }));
    expect(refused.body).toEqual({
      ...{ dryRun: true, [field]: false, ...found },
      ...{ verdict: 'likely_refused', operation: 'loja:1:1' },
    });
  });

  it('is a problem where the order is not there, or cannot be read', () => {
    expect(thrownBy(() => dryRunReply('cancel', { kind: 'order_not_found' }))).toEqual(
      fieldsOf(new OrderNotFound(null, false)),
    );
    expect(() => dryRunReply('cancel', { kind: 'credential_rejected' })).toThrow(ProviderFailed);
  });
});

describe('a call that told nothing of the order', () => {
  it.each([
    [{ kind: 'credential_rejected' }, new ProviderFailed('credential_rejected')],
    [{ kind: 'rate_limited', retryAfterMs: null }, new ProviderUnavailable('rate_limited', null)],
    [{ kind: 'rate_limited', retryAfterMs: 0 }, new ProviderUnavailable('rate_limited', 1)],
    [{ kind: 'rate_limited', retryAfterMs: 1_001 }, new ProviderUnavailable('rate_limited', 2)],
    [{ kind: 'not_sent', problem: 'provider_unreachable' }, new ProviderUnavailable('provider_unreachable', null)],
    [{ kind: 'lost', problem: 'timed_out' }, new ProviderUnavailable('timed_out', null)],
    [{ kind: 'lost', problem: 'wrong_order' }, new ProviderFailed('wrong_order')],
  ] as [CallFailure, Error][])('%j is answered as such', (failure, error) => {
    expect(fieldsOf(providerFailure(failure))).toEqual(fieldsOf(error));
    expect(thrownBy(() => listedOrThrow(failure, 'get'))).toEqual(fieldsOf(error));
  });

  it.each([
    ['connection_unavailable', new SecretUnreadable('loja')],
    ['account_has_another_name', AccountTurnedAway.because('loja', 'account_has_another_name')],
    ['name_has_another_account', AccountTurnedAway.because('loja', 'name_has_another_account')],
    ['needs_reauth', new ProviderFailed('credential_rejected')],
    ...(
      [
        ...['connection_cut', 'provider_error', 'foreign_reply', 'unknown_reply', 'unreadable_reply'],
        ...['stale_reply', 'look_up_too_large', 'wrong_order'],
      ] as ProviderFailed['problem'][]
    ).map((problem): [string, Error] => [problem, new ProviderFailed(problem)]),
    ...(['provider_unreachable', 'timed_out', 'rate_limited'] as const).map((problem): [string, Error] => [
      problem,
      new ProviderUnavailable(problem, null),
    ]),
    ['out_of_time', null],
    ['kept_moving', null],
  ] as [string, Error | null][])('of a whole connection, %s, is answered as such', (problem, error) => {
    expect(fieldsOf(nothingRead('loja', problem))).toEqual(fieldsOf(error));
  });
});

describe('a cancelled order that is looked up', () => {
  const listed: ListedOrder = { order: shownOrder(), customer: null, version: '1', restoreWarnings: [] };
  const order = { ...facts('cancelled'), listed };
  const notListed = new CancelledOrderNotFound();

  it.each([
    [{ kind: 'cancelled', order }, listed, listed],
    [{ kind: 'closed', order }, listed, listed],
    [{ kind: 'cancelled', order: facts('cancelled') }, notListed, notListed],
    [{ kind: 'deciding', order }, notListed, new OrderNotCancelled()],
    [ACTIVE, notListed, new OrderNotCancelled()],
    [{ kind: 'order_not_found' }, notListed, new OrderNotFound(null, false)],
    [{ kind: 'nowhere' }, notListed, new OrderNotFound(null, false)],
  ] as [LookUpReply, unknown, unknown][])('as %j is shown, or not there', (seen, get, toDelete) => {
    for (const [wanted, expected] of [['get', get] as const, ['delete', toDelete] as const]) {
      expect(thrownBy(() => listedOrThrow(seen, wanted))).toEqual(fieldsOf(expected));
    }
  });
});

describe('a webhook', () => {
  it('is acknowledged with how its operation stands, and nothing that others noted', () => {
    const reply = (operation: Parameters<typeof viewOf>[0]) => acknowledged(viewOf({ ...operation, note: 'private' }));
    const headers = { location: '/v1/operations/loja-rio:340:1' };
    const body = { operation: 'loja-rio:340:1', outcome: 'confirmed', detail: 'cancelled', final: true };
    expect(reply(CONFIRMED)).toEqual({ status: 200, headers, body });
    const open = { ...body, outcome: 'pending', detail: 'timed_out', final: false };
    expect(reply(PENDING)).toEqual({ status: 202, headers, body: open });
    expect(ignored('other_topic')).toEqual({ status: 200, body: { ignored: 'other_topic' } });
  });
});
