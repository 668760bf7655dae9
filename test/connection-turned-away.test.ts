import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SendMessageCommand } from '@aws-sdk/client-sqs';
import { newHandler as newCanceller } from '../functions/cancel-order.ts';
import { newHandler as newConsumer } from '../functions/cancel-queued-orders.ts';
import { createDeadLetters } from '../functions/commands/dead-letters.ts';
import { newHandler as newReader } from '../functions/get-cancelled-order.ts';
import { nothingRead } from '../functions/http/nothing-read.ts';
import { newHandler as newLister } from '../functions/list-cancelled-orders.ts';
import { newHandler as newTask } from '../functions/run-cancel-task.ts';
import { redact } from '../functions/runtime/redact.ts';
import { startFakeNgorder, type FakeNgorder } from './providers/ngorder/fake-ngorder.ts';
import { accounts } from './support/accounts.ts';
import { askRoute, EVERYTHING, keepingLog, lambdaContext } from './support/api-event.ts';
import { cursorsOf } from './support/cursors.ts';
import { startDynamoDB, type TestDynamoDB } from './support/dynamodb.ts';

/** Two names for one account: `toko-jaya` was asked first. Nothing goes to the account in the name of `toko-dua`, whatever triggers it. */
describe('a connection that is turned away', () => {
  let dynamodb: TestDynamoDB;
  let shop: FakeNgorder;
  let two: ReturnType<typeof accounts>;
  let seenBefore: number;
  const log = keepingLog();
  const onlyDua = { ...EVERYTHING, connections: 'toko-dua' };

  beforeAll(async () => {
    dynamodb = await startDynamoDB();
    shop = await startFakeNgorder([
      { id: 6, list: 'ACTIVE', orderDate: '2026-06-01 12:00:00' },
      { id: 7, list: 'CANCEL', orderDate: '2026-06-01 12:00:00' },
    ]);
    two = accounts(dynamodb, {
      'toko-jaya': { provider: 'ngorder', fake: shop },
      'toko-dua': { provider: 'ngorder', fake: shop },
    });
    two.credentials.set('toko-jaya', 'one token').set('toko-dua', 'one token');
    expect((await two.cancel('toko-jaya', '6')).state).toBe('confirmed');
    seenBefore = shop.seen.length;
  });
  afterAll(async () => {
    expect(shop.seen).toHaveLength(seenBefore);
    await shop.close();
    await dynamodb.stop();
  });

  const cancel = (authorizer: Record<string, string>) =>
    askRoute('cancel-order', newCanceller({ connections: two.connections, operations: two.needs, log }), {
      params: { connection: 'toko-dua', orderId: '6' },
      authorizer,
    });

  it('is a 409 over HTTP, in one line that names the account’s name', async () => {
    const { statusCode, json } = await cancel(EVERYTHING);
    expect(statusCode).toBe(409);
    expect(json).toMatchObject({ type: '/problems/connection-turned-away', problem: 'account_has_another_name' });
    expect(json['detail']).toMatch(/^The connection toko-dua is not used: [^\n]*\btoko-jaya\b[^\n]*$/);
  });

  it('does not name a connection that the caller may not know of', async () => {
    const { statusCode, body } = await cancel(onlyDua);
    expect(statusCode).toBe(409);
    expect(body).toContain('another name');
    expect(body).not.toContain('toko-jaya');
  });

  it('is not read either: one order is a 409, and the list of all is told without it', async () => {
    const reader = newReader({ connections: two.connections, reading: two.needs, log });
    const params = { connection: 'toko-dua', orderId: '7' };
    expect((await askRoute('get-cancelled-order', reader, { params })).statusCode).toBe(409);
    const lister = newLister({ connections: two.connections, listing: two.needs, cursors: cursorsOf(), log });
    const { json } = await askRoute('list-cancelled-orders', lister, { authorizer: onlyDua });
    expect(json).toMatchObject({
      orders: [],
      incomplete: [{ connection: 'toko-dua', problem: 'account_has_another_name' }],
    });
    expect(nothingRead('toko-dua', 'account_has_another_name')?.name).toBe('AccountTurnedAway');
  });

  it('buries a queued command with the reason, and tells a batch of it without the other name', async () => {
    const buried: SendMessageCommand['input'][] = [];
    const sqs = {
      send: ({ input }: SendMessageCommand) => {
        buried.push(input);
        return Promise.resolve({});
      },
    };
    const noted: unknown[] = [];
    const { clock } = two.needs;
    const consumer = newConsumer({
      connections: two.connections,
      operations: two.needs,
      batches: {
        note: (_, row) => {
          noted.push(row);
          return Promise.resolve();
        },
      },
      deadLetters: createDeadLetters({ sqs: sqs as never, queueUrl: 'dead', clock, redact }),
      source: { mostReceives: 4, hideFor: () => Promise.reject(new Error('nothing is put off here')) },
      log,
    });
    const body = { batch: { id: 'b1', dryRun: false }, connection: 'toko-dua', orderId: '6' };
    const record = { messageId: 'm', receiptHandle: 'h', body: JSON.stringify(body) };
    const attributes = { ApproximateReceiveCount: '1' };
    await consumer({ Records: [{ ...record, attributes }] }, lambdaContext(100_000));
    expect(buried.map(({ MessageAttributes }) => MessageAttributes)).toMatchObject([
      {
        reason: { StringValue: 'connection-turned-away' },
        explanation: { StringValue: expect.stringMatching('toko-jaya') },
      },
    ]);
    const batch = JSON.stringify(noted);
    expect(batch).toContain('connection-turned-away');
    expect(batch).not.toContain('toko-jaya');
  });

  it('fails a task by a name of its own, and leaves no operation', async () => {
    const never = () => Promise.reject(new Error('nobody waits here'));
    const task = newTask({
      connections: two.connections,
      operations: two.needs,
      ledger: two.needs.ledger,
      waitingTasks: { add: never, markAnswered: never },
      answers: { answer: never },
      log,
    });
    const context = lambdaContext(50_000);
    await expect(task({ connection: 'toko-dua', orderId: '6' }, context)).rejects.toThrow(
      expect.objectContaining({ name: 'AccountTurnedAway', message: expect.stringMatching('toko-jaya') }),
    );
    expect(await two.needs.ledger.find('toko-dua', '6')).toBeNull();
  });
});
