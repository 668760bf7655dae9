import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Batch, BatchRow } from '../functions/batches/batch.ts';
import { createBatches, type Batches } from '../functions/batches/batches.ts';
import { newHandler } from '../functions/get-batch.ts';
import type { Verdict } from '../functions/operations/rules/verdict.ts';
import { operationId } from '../functions/operations/rules/operation.ts';
import { perform } from '../functions/operations/perform.ts';
import { cancelCommand, TIMED_OUT, timeLeft, world } from './operations/world.ts';
import { askRoute, EVERYTHING, keepingLog } from './support/api-event.ts';
import { startDynamoDB, type TestDynamoDB } from './support/dynamodb.ts';

describe('get-batch', () => {
  let database: TestDynamoDB;
  let provider: ReturnType<typeof world>;
  let batches: Batches;
  let handler: ReturnType<typeof newHandler>;
  let ids = 0;

  beforeAll(async () => {
    database = await startDynamoDB();
  });
  afterAll(() => database.stop());
  beforeEach(() => {
    provider = world(database);
    batches = createBatches({ dynamodb: database.client, table: database.tables.batches });
    handler = newHandler({ batches, ledger: provider.needs.ledger, log: keepingLog() });
  });

  const open = (orderIds: string[], changes: Partial<Batch> = {}) =>
    batches.open({
      id: String((ids += 1)).padStart(24, '0'),
      ...{ connection: 'loja-rio', provider: 'estoka', dryRun: false, orderIds },
      ...{ reason: null, note: null, actor: 'shop', fingerprint: 'f' },
      ...{ requestedAt: '2026-03-01T12:00:00.000Z', queuedAt: null },
      ...changes,
    });
  const note = async (batch: Batch, ...rows: BatchRow[]) => {
    for (const row of rows) await batches.note(batch.id, row);
  };
  const read = (batchId: string, authorizer: Record<string, string> = EVERYTHING) =>
    askRoute('get-batch', handler, { params: { batchId }, authorizer });

  it('shows what waits, what became of the rest, and how each operation stands now', async () => {
    const [first, second] = [cancelCommand(), cancelCommand()];
    const batch = await open([first.orderId, second.orderId, '777', '888']);
    const waiting = { waiting: 4, confirmed: 0, refused: 0, pending: 0, unknown: 0, needs_attention: 0, failed: 0 };
    expect((await read(batch.id)).json).toMatchObject({ total: 4, counts: waiting, final: false });

    const done = await perform(first, provider.needs, timeLeft(provider.clock));
    provider.cancel.mockResolvedValueOnce(TIMED_OUT);
    const lost = await perform(second, provider.needs, timeLeft(provider.clock));
    await note(
      batch,
      { kind: 'operation', orderId: first.orderId, operationId: operationId(done.operation) },
      { kind: 'operation', orderId: second.orderId, operationId: operationId(lost.operation) },
      { kind: 'problem', orderId: '777', problem: { code: 'gave-up', text: 'Not carried out in 6 deliveries.' } },
    );
    const reply = await read(batch.id);
    expect(reply.json).toMatchObject({
      counts: { ...waiting, waiting: 1, confirmed: 1, unknown: 1, failed: 1 },
      final: false,
      orders: [
        { operation: { outcome: 'confirmed', final: true } },
        { operation: { outcome: 'unknown', detail: 'timed_out', final: false } },
        { operation: null, problem: { code: 'gave-up' } },
        { operation: null, problem: null, plan: null },
      ],
    });
    expect(reply.headers['retry-after']).toBe('2');
  });

  it('goes on showing what came of an order when a second delivery of it fails, and what came of one that failed first', async () => {
    const command = cancelCommand();
    const { operation } = await perform(command, provider.needs, timeLeft(provider.clock));
    const problem = (orderId: string, code: string): BatchRow => ({
      kind: 'problem',
      orderId,
      problem: { code, text: code },
    });
    const done = { kind: 'operation' as const, orderId: command.orderId, operationId: operationId(operation) };
    const batch = await open([command.orderId, '777']);
    await note(batch, problem(command.orderId, 'gave-up'), done, problem(command.orderId, 'gave-up'));
    await note(batch, problem('777', 'gave-up'), problem('777', 'order-was-deleted'));
    expect((await read(batch.id)).json).toMatchObject({
      counts: { confirmed: 1, failed: 1 },
      orders: [{ operation: { outcome: 'confirmed' }, problem: null }, { problem: { code: 'order-was-deleted' } }],
    });
  });

  it('adds what is at stake up in each currency, to the cent', async () => {
    const batch = await open(['1', '2', '3', '4', '5', '6'], { dryRun: true });
    const plan = (
      orderId: string,
      verdict: Verdict,
      total: { amount: number; currency: string } | null,
    ): BatchRow & { kind: 'plan' } => ({
      ...{ kind: 'plan', orderId, wouldCancel: verdict === 'would', verdict },
      ...{ status: 'billing', warnings: [], total },
    });
    const { verdict, ...keptByAnEarlierVersion } = plan('6', 'would_not', null);
    await note(
      batch,
      plan('1', 'would', { amount: 0.1, currency: 'BRL' }),
      plan('2', 'would', { amount: 0.2, currency: 'BRL' }),
      plan('3', 'would_not', { amount: 50, currency: 'BRL' }),
      plan('4', 'would', null),
      plan('5', 'likely_refused', { amount: 70, currency: 'BRL' }),
      keptByAnEarlierVersion,
    );
    const { json } = await read(batch.id);
    expect(json).toMatchObject({
      counts: { waiting: 0, wouldCancel: 3, likelyRefused: 1, wouldNotCancel: 2, failed: 0 },
      atStake: [{ currency: 'BRL', amount: 0.3, orders: 2 }],
      final: true,
    });
    expect((json['orders'] as { plan: object }[]).slice(4)).toMatchObject([
      { plan: { verdict: 'likely_refused', wouldCancel: false } },
      { plan: { verdict, wouldCancel: false } },
    ]);
  });

  it('is for who may use the connection', async () => {
    const batch = await open(['1']);
    expect((await read(batch.id, { ...EVERYTHING, connections: 'toko-jaya' })).statusCode).toBe(403);
    expect((await read(batch.id, { ...EVERYTHING, connections: 'loja-rio' })).statusCode).toBe(200);
  });

  it('says that there is no such batch, or that this is no id of one', async () => {
    expect((await read('z'.repeat(24))).json).toMatchObject({ type: '/problems/batch-not-found', status: 404 });
    expect((await read('nonsense')).json).toMatchObject({ status: 400, errors: [{ field: 'batchId' }] });
  });
});
