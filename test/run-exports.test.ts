import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newExportJob } from '../functions/exports/export-job.ts';
import { newHandler } from '../functions/run-exports.ts';
import { readerOf, startExportWorld, type ExportWorld } from './exports/export-world.ts';
import { keepingLog, lambdaContext } from './support/api-event.ts';

let world: ExportWorld;
beforeAll(async () => {
  world = await startExportWorld();
});
afterAll(() => world.stop());

async function start(exportId: string) {
  const query = {
    connections: ['toko-jaya'],
    type: null,
    from: '2026-11-01',
    to: '2026-11-02',
    includeCustomer: false,
  };
  const ask = { exportId, owner: 'shop', query, fileName: 'orders.xlsx', fileKey: `exports/${exportId}/orders.xlsx` };
  await world.jobs.create(newExportJob(ask, world.clock.now()), 'ended');
}
function run(remainingMs = 900_000) {
  const { jobs, files, clock } = world;
  let runs = 0;
  const newOwner = () => `runner-${(runs += 1)}`;
  const handler = newHandler({ jobs, files, clock, readPage: readerOf(3), newOwner, log: keepingLog() });
  return handler({}, lambdaContext(remainingMs));
}

describe('run-exports', () => {
  it('works on whatever is open, and on nothing when nothing is', async () => {
    expect(await run()).toEqual({ workedOn: 0 });
    for (const exportId of ['export-1', 'export-2', 'export-3']) await start(exportId);
    expect(await run()).toEqual({ workedOn: 3 });
    for (const exportId of ['export-1', 'export-2', 'export-3'])
      expect(await world.jobs.find(exportId)).toMatchObject({ state: 'finished', rows: 3 });
    expect(await run()).toEqual({ workedOn: 0 });
  });

  it('begins nothing when its time is nearly up', async () => {
    await start('export-4');
    expect(await run(60_000)).toEqual({ workedOn: 0 });
    expect(await world.jobs.find('export-4')).toMatchObject({ state: 'reading', attempts: 0 });
    expect(await run()).toEqual({ workedOn: 1 });
  });

  it('leaves to another run what that one works on', async () => {
    await start('export-5');
    await world.jobs.claim('export-5', 'another', 60_000);
    expect(await run()).toEqual({ workedOn: 0 });
    world.clock.advance(60_000);
    expect(await run()).toEqual({ workedOn: 1 });
  });
});
