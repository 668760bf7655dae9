import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createExportJobs } from '../../functions/exports/export-jobs.ts';
import { newExportJob, withPage } from '../../functions/exports/export-job.ts';
import { MOST_ORDERS, ORDERS_OF_A_PAGE } from '../../functions/exports/run-export.ts';
import { EXPORT_JOBS_TABLE, startDynamoDB, type TestDynamoDB } from '../support/dynamodb.ts';
import { LARGEST_ITEM, weighingClient } from '../support/item-bytes.ts';
import { startExportWorld } from './export-world.ts';

let dynamodb: TestDynamoDB;
beforeAll(async () => {
  dynamodb = await startDynamoDB();
});
afterAll(() => dynamodb.stop());

const PROBLEMS = ['kept_moving', 'timed_out', 'connection_cut', 'rate_limited', 'foreign_reply', 'unreadable_items'];

describe('the largest export that there can be', () => {
  // As many connections as a stack can hold (CloudFormation: 500 resources), with the longest names.
  const connections = Array.from({ length: 80 }, (_, at) => `${'shop-'.repeat(12)}${String(at).padStart(3, '0')}`);

  it('has an item that is smaller than a tenth of what DynamoDB takes, and every gap in it', async () => {
    const world = await startExportWorld();
    const tag = await world.files.putPage('one', 0, []);
    await world.stop();
    const exportId = 'x'.repeat(22);
    const query = { connections, type: null, from: '2026-01-01', to: '2026-12-31', includeCustomer: true };
    const fileName = 'cancelled-orders-all-2026-01-01-2026-12-31.xlsx';
    const ask = { exportId, owner: 'x'.repeat(60), query, fileName, fileKey: `exports/${exportId}/${fileName}` };
    let job = newExportJob(ask, Date.now());
    for (let page = 0; page < MOST_ORDERS / ORDERS_OF_A_PAGE; page += 1) {
      const incomplete = connections.map((connection) => ({
        connection,
        problem: PROBLEMS[page % PROBLEMS.length] ?? '',
      }));
      const next = { at: '2026-01-01T00:00:00.000Z', connection: connections[0] ?? '', orderId: '9'.repeat(18) };
      job = withPage(job, { tag, rows: ORDERS_OF_A_PAGE, pages: 20, next, incomplete });
    }
    expect(new Set(job.incomplete.map(({ connection }) => connection)).size).toBe(connections.length);

    const { client, sizes } = weighingClient(dynamodb.endpoint);
    const jobs = createExportJobs({ dynamodb: client, table: EXPORT_JOBS_TABLE, clock: world.clock });
    await jobs.create(job, 'ended');
    expect(sizes).toHaveLength(1);
    expect(sizes[0]).toBeLessThanOrEqual(LARGEST_ITEM);
    expect(await jobs.find(exportId)).toEqual(job);
    client.destroy();
  });
});
