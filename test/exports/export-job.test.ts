import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createExportJobs } from '../../functions/exports/export-jobs.ts';
import { exportIdOf, isOpen, newExportJob, withPage, type NewExport } from '../../functions/exports/export-job.ts';
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

describe('an export that is worked on apart', () => {
  const ask: NewExport = {
    ...{ exportId: 'x', owner: 'shop', fileName: 'orders.xlsx', fileKey: 'exports/x.xlsx' },
    query: { connections: ['a', 'b'], type: null, from: '2026-01-01', to: '2026-12-31', includeCustomer: false },
  };
  const began = newExportJob(ask, 0);
  const gap = (connection: string, problem: string) => ({ connection, problem });

  it('begins with nothing read', () => {
    expect(began).toEqual({
      ...ask,
      ...{ state: 'reading', createdAt: '1970-01-01T00:00:00.000Z', updatedAt: '1970-01-01T00:00:00.000Z' },
      ...{ rows: 0, pages: 0, batches: [], after: null, incomplete: [], attempts: 0 },
      ...{ fileBytes: null, problem: null, expiresAt: null },
    });
  });

  it('is a page further with each page, and is written after the last', () => {
    const first = { tag: 't1', rows: 10, pages: 2, next: { at: '10' }, incomplete: [gap('a', 'kept_moving')] };
    const job = withPage({ ...began, attempts: 3 }, first);
    expect(job).toEqual({
      ...began,
      ...{ rows: 10, pages: 2, batches: ['t1'], after: { at: '10' }, incomplete: [gap('a', 'kept_moving')] },
    });
    const last = withPage(job, { tag: 't2', rows: 5, pages: 1, next: null, incomplete: [] });
    expect(last).toEqual({ ...job, state: 'writing', rows: 15, pages: 3, batches: ['t1', 't2'], after: null });
    expect(
      [began, last, { ...last, state: 'finished' as const }, { ...last, state: 'failed' as const }].map(isOpen),
    ).toEqual([...[true, true, false, false]]);
  });

  it('names each gap once, and two of a connection at most', () => {
    const incomplete = [gap('a', '1'), gap('a', '1'), gap('b', '1'), gap('a', '2'), gap('a', '3'), gap('b', '2')];
    const page = { tag: 't', rows: 0, pages: 1, next: null, incomplete };
    expect(withPage(began, page).incomplete).toEqual([gap('a', '1'), gap('b', '1'), gap('a', '2'), gap('b', '2')]);
  });

  it('has the id that earlier versions of this code gave the same ask', () => {
    expect(exportIdOf('shop', { type: 'cancelled' })).toBe('WEXkkAYyeAS59K333sZISP');
    expect(exportIdOf('shop', { type: null })).not.toBe(exportIdOf('other', { type: null }));
  });
});
