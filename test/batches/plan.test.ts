import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Batch, BatchRow } from '../../functions/batches/batch.ts';
import { batchView } from '../../functions/http/batch-reply.ts';
import { planOf } from '../../functions/batches/plan.ts';
import type { Operation } from '../../functions/operations/rules/operation.ts';
import type { LookUpReply } from '../../functions/providers/provider.ts';
import { ACTIVE, CANCELLED, CONFIRMED, facts, PENDING, timeLeft, world } from '../operations/world.ts';
import { declaredConnections } from '../support/connections.ts';
import { startDynamoDB, type TestDynamoDB } from '../support/dynamodb.ts';

let database: TestDynamoDB;
beforeAll(async () => {
  database = await startDynamoDB();
});
afterAll(() => database.stop());

let orders = 0;
describe('what a cancel of an order would come to', () => {
  const makePlan = async (seen: LookUpReply, orderId = `${9_000 + (orders += 1)}`) => {
    const { needs, clock, lookUp } = world(database);
    lookUp.mockResolvedValue(seen);
    // Each test has a connection's health to itself.
    const health = { ...needs.health, read: () => Promise.resolve(null), markRejected: () => Promise.resolve() };
    const operations = { ...needs, health, pause: () => Promise.resolve() };
    const row = await planOf(
      { connection: 'loja-rio', orderId },
      { connections: declaredConnections(), operations },
      timeLeft(clock),
    );
    expect(row.orderId).toBe(orderId);
    return row;
  };

  it('is a verdict, with what the order is worth', async () => {
    const order = { ...facts('billing'), total: { amount: 62.5, currency: 'BRL' } };
    expect(await makePlan({ kind: 'not_cancelled', order, refusal: null, historyMark: null })).toMatchObject({
      ...{ kind: 'plan', verdict: 'would', wouldCancel: true, status: 'billing', warnings: [] },
      total: { amount: 62.5, currency: 'BRL' },
    });
    expect(await makePlan(CANCELLED)).toMatchObject({
      kind: 'plan',
      verdict: 'would_not',
      wouldCancel: false,
      total: null,
    });
  });

  it.each<[LookUpReply, string, string]>([
    [
      { kind: 'order_not_found' },
      'order_not_found',
      'The provider shows no order with this id on this connection now.',
    ],
    [{ kind: 'credential_rejected' }, 'credential_rejected', "The provider rejects this connection's credential."],
    [{ kind: 'rate_limited', retryAfterMs: null }, 'rate_limited', 'The provider limits the rate of calls.'],
    [{ kind: 'not_sent', problem: 'provider_unreachable' }, 'provider_unreachable', 'The order could not be read.'],
    [{ kind: 'lost', problem: 'timed_out' }, 'timed_out', 'The order could not be read.'],
  ])('is a problem where it cannot be read: %j', async (seen, code, text) => {
    expect(await makePlan(seen)).toMatchObject({ kind: 'problem', problem: { code, text } });
  });

  it('is not looked for under what is no order id', async () => {
    await expect(makePlan(ACTIVE, 'abc')).rejects.toMatchObject({ name: 'InvalidOrderId' });
  });
});

describe('a batch, as it is shown', () => {
  const batch = (orderIds: string[], dryRun = false): Batch => ({
    ...{ id: 'b', connection: 'loja-rio', provider: 'estoka', dryRun, orderIds, reason: null, note: null, actor: null },
    ...{ fingerprint: 'f', requestedAt: '2026-11-30T12:00:00.000Z', queuedAt: null },
  });
  const row = (orderId: string): [string, BatchRow] => [
    orderId,
    { kind: 'operation', orderId, operationId: `loja-rio:${orderId}:1` },
  ];
  const shown = (ids: string[], operations: Operation[], unreadable: string[] = []) =>
    batchView(batch(ids), new Map(ids.map(row)), {
      operations: new Map(operations.map((one) => [`loja-rio:${one.orderId}:1`, one])),
      unreadable: new Set(unreadable),
    });

  it('names an operation that cannot be read, of which it knows no end', () => {
    expect(shown(['340', '341'], [CONFIRMED], ['loja-rio:341:1'])).toMatchObject({
      total: 2,
      counts: { confirmed: 1, unknown: 1, waiting: 0 },
      final: false,
      orders: [
        { orderId: '340', operation: { id: 'loja-rio:340:1', outcome: 'confirmed', final: true } },
        {
          orderId: '341',
          operation: { id: 'loja-rio:341:1', outcome: 'unknown', detail: 'unreadable', final: false },
          problem: null,
          plan: null,
        },
      ],
    });
    expect(shown(['340'], [PENDING])).toMatchObject({ counts: { pending: 1 }, final: false });
  });

  it('fails where the ledger does not hold an operation that it names', () => {
    expect(() => shown(['340'], [])).toThrow('The ledger does not hold loja-rio:340:1, which a batch names.');
  });

  it('has a verdict for a plan that was kept before there were three', () => {
    const plan = (orderId: string, wouldCancel: boolean): [string, BatchRow] => [
      orderId,
      { kind: 'plan', orderId, wouldCancel, status: 'x', warnings: [], total: null },
    ];
    const rows = new Map([plan('1', true), plan('2', false)]);
    const view = batchView(batch(['1', '2'], true), rows, { operations: new Map(), unreadable: new Set() });
    expect(view.orders.map((order) => order.plan?.verdict)).toEqual(['would', 'would_not']);
    expect(view).toMatchObject({ counts: { wouldCancel: 1, wouldNotCancel: 1 }, final: true });
  });
});
