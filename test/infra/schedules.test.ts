import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Context } from 'aws-lambda';
import { newHandler as cancelUnpaidOrders } from '../../functions/cancel-unpaid-orders.ts';
import { newExportJob, type ExportJob } from '../../functions/exports/export-job.ts';
import { perform } from '../../functions/operations/perform.ts';
import { newHandler as runExports } from '../../functions/run-exports.ts';
import { newHandler as settleOperations } from '../../functions/settle-operations.ts';
import { newHandler as startDailyExports } from '../../functions/start-daily-exports.ts';
import { newHandler as watchContradictions } from '../../functions/watch-contradictions.ts';
import { FUNCTIONS } from '../../infra/functions.ts';
import { sampleEvent } from '../events/sample.ts';
import { readerOf, startExportWorld, type ExportWorld } from '../exports/export-world.ts';
import { unpaid, openUnpaidShop } from '../operations/unpaid/unpaid-shop.ts';
import { ACTIVE, CANCELLED, cancelCommand, TIMED_OUT, timeLeft, world } from '../operations/world.ts';
import { keepingLog, lambdaContext } from '../support/api-event.ts';
import { startDynamoDB, type TestDynamoDB } from '../support/dynamodb.ts';

let database: TestDynamoDB;
let exporting: ExportWorld;
let connections = 0;
beforeAll(async () => {
  [database, exporting] = await Promise.all([startDynamoDB(), startExportWorld()]);
});
afterAll(() => Promise.all([database.stop(), exporting.stop()]));

type Handler = (event: unknown, context: Context) => Promise<unknown>;
/** A function with one thing to do, and what it answers when it has done it. */
type Prepared = { handler: Handler; done: object };

const named = () => `connection-${(connections += 1)}`;
const log = keepingLog();

const SCHEDULED: Record<string, () => Promise<Prepared>> = {
  'settle-operations': async () => {
    const connection = named();
    const { needs, clock, cancel, lookUp } = world(database);
    cancel.mockResolvedValueOnce(TIMED_OUT);
    await perform(cancelCommand({ connection }), needs, timeLeft(clock));
    clock.advance(3_600_000);
    lookUp.mockResolvedValue(CANCELLED);
    const handler = settleOperations({ connections: { names: () => [connection] }, operations: needs, log });
    return { handler, done: { settled: 1, failed: 0 } };
  },
  'watch-contradictions': async () => {
    const connection = named();
    const { needs, clock, lookUp } = world(database);
    await perform(cancelCommand({ connection }), needs, timeLeft(clock));
    clock.advance(3_600_000);
    lookUp.mockResolvedValue(ACTIVE);
    const bus = { publish: () => Promise.resolve([]) };
    const handler = watchContradictions({ connections: { names: () => [connection] }, watch: needs, bus, log });
    return { handler, done: { read: 1, contradictions: 1, failed: [] } };
  },
  'cancel-unpaid-orders': async () => {
    const shop = await openUnpaidShop(database, [unpaid(2)]);
    const run = cancelUnpaidOrders({ connections: shop.connections, operations: shop.needs, log });
    const handler: Handler = (...invocation) => run(...invocation).finally(() => shop.fake.close());
    return { handler, done: { reports: [{ connection: shop.name, orders: [{ orderId: '2' }] }], failed: [] } };
  },
  'run-exports': async () => {
    const { jobs, files, clock } = exporting;
    const exportId = named();
    const query = { connections: ['toko-jaya'], type: null, from: '2026-11-01', to: '2026-11-02' };
    const file = { fileName: 'orders.xlsx', fileKey: `exports/${exportId}/orders.xlsx` };
    const ask = { exportId, owner: 'shop', query: { ...query, includeCustomer: false }, ...file };
    await jobs.create(newExportJob(ask, clock.now()), 'ended');
    const handler = runExports({ jobs, files, clock, readPage: readerOf(3), newOwner: () => 'runner', log });
    return { handler, done: { workedOn: 1 } };
  },
  'start-daily-exports': () => {
    const name = named();
    const facts = { quietPeriodSeconds: 1, timeoutSeconds: 1, settings: {}, timeZone: 'Asia/Jakarta' };
    const declared = { names: () => [name], get: () => ({ name, provider: 'ngorder', baseUrl: '', ...facts }) };
    // Whatever works on exports beside is not to find them.
    const jobs = { create: (job: ExportJob) => Promise.resolve(job) };
    const handler = startDailyExports({ connections: declared, jobs, clock: exporting.clock, log });
    const started = ['25', '24', '23'].map((day) => `daily-${name}-2026-11-${day}`);
    return Promise.resolve({ handler, done: { started } });
  },
};

describe('a function with a schedule', () => {
  it('has its place in the table below', () => {
    const rows = FUNCTIONS.filter(({ trigger }) => trigger.kind === 'schedule').map(({ name }) => name);
    expect(Object.keys(SCHEDULED).sort()).toEqual(rows.sort());
  });

  describe.each(['scheduled', 'scheduler'] as const)('invoked with AWS’s sample of an event, %s,', (sample) => {
    it.each(Object.entries(SCHEDULED))('does its work: %s', async (_, prepared) => {
      const { handler, done } = await prepared();
      expect(await handler(sampleEvent(sample), lambdaContext(900_000))).toMatchObject(done);
    });
  });
});
