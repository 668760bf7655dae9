import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newExportJob, type NewExport } from '../functions/exports/export-job.ts';
import { runExport } from '../functions/exports/run-export.ts';
import { newHandler } from '../functions/get-export.ts';
import { readerOf, startExportWorld, type ExportWorld } from './exports/export-world.ts';
import { readByHucre } from './exports/readers.ts';
import { askRoute, EVERYTHING, keepingLog } from './support/api-event.ts';

const ASK: NewExport = {
  exportId: 'export-1',
  owner: 'shop',
  query: { connections: ['toko-jaya'], type: null, from: '2026-11-01', to: '2026-11-02', includeCustomer: false },
  fileName: 'orders.xlsx',
  fileKey: 'exports/export-1/orders.xlsx',
};

let world: ExportWorld;
beforeAll(async () => {
  world = await startExportWorld();
});
afterAll(() => world.stop());

async function startExport(change: Partial<NewExport> = {}) {
  await world.jobs.create(newExportJob({ ...ASK, ...change }, world.clock.now()), 'ended');
}
function run(exportId: string) {
  const { jobs, files, clock } = world;
  const needs = { jobs, files, clock, readPage: readerOf(3), newOwner: () => 'runner', log: keepingLog() };
  return runExport(exportId, needs, () => 900_000);
}
function ask(exportId: string, authorizer: Record<string, string> = EVERYTHING) {
  const { jobs, files, clock } = world;
  const handler = newHandler({ jobs, files, clock, log: keepingLog() });
  return askRoute('get-export', handler, { params: { exportId }, authorizer });
}

describe('get-export', () => {
  it('shows how far an export has come, and when to look again', async () => {
    await startExport();
    expect(await ask('export-1')).toMatchObject({
      statusCode: 200,
      headers: { 'retry-after': '5' },
      json: { id: 'export-1', state: 'reading', rows: 0, pages: 0, file: null },
    });
  });

  it('leads to the file once it is finished, by a link that needs no token and is good for minutes', async () => {
    await startExport();
    await run('export-1');
    const reply = await ask('export-1');
    expect(reply.headers['retry-after']).toBeUndefined();
    expect(reply.json).toMatchObject({
      state: 'finished',
      rows: 3,
      expiresAt: '2026-11-27T10:00:00.000Z',
      file: { name: 'orders.xlsx', urlExpiresAt: '2026-11-26T10:05:00.000Z' },
    });
    const { url, bytes } = reply.json['file'] as { url: string; bytes: number };
    expect(new URL(url).searchParams.get('X-Amz-Expires')).toBe('300');
    const file = Buffer.from(await (await fetch(url)).arrayBuffer());
    expect(file).toHaveLength(bytes);
    expect((await readByHucre(file)).map(({ name }) => name)).toEqual(['Orders', 'Items', 'About']);
  });

  it('does not show another caller’s, nor one of connections that the token is not for', async () => {
    await startExport({ exportId: 'export-2' });
    expect(await ask('export-2', { ...EVERYTHING, name: 'back-office' })).toMatchObject({
      statusCode: 404,
      json: { type: '/problems/export-not-found' },
    });
    expect((await ask('export-2', { ...EVERYTHING, connections: 'loja-rio' })).statusCode).toBe(404);
    expect((await ask('export-2', { ...EVERYTHING, connections: 'loja-rio toko-jaya' })).statusCode).toBe(200);
    expect((await ask('export-2', { ...EVERYTHING, scopes: 'cancel' })).statusCode).toBe(403);
  });

  it('shows one with customers only to a token that may see them', async () => {
    await startExport({ exportId: 'export-3', query: { ...ASK.query, includeCustomer: true } });
    expect((await ask('export-3', { ...EVERYTHING, scopes: 'read' })).statusCode).toBe(403);
    expect((await ask('export-3')).statusCode).toBe(200);
  });

  it('shows a daily one to everyone who may read its connection', async () => {
    await startExport({ exportId: 'daily-toko-jaya-2026-11-25', owner: null });
    expect((await ask('daily-toko-jaya-2026-11-25', { ...EVERYTHING, name: 'anyone' })).statusCode).toBe(200);
    expect((await ask('daily-toko-jaya-2026-11-25', { ...EVERYTHING, connections: 'loja-rio' })).statusCode).toBe(404);
  });

  it('does not know one that never was, or has expired', async () => {
    expect((await ask('export-99')).statusCode).toBe(404);
    expect((await ask('../x')).statusCode).toBe(400);
    await startExport({ exportId: 'export-4' });
    await run('export-4');
    world.clock.advance(24 * 3_600_000);
    expect((await ask('export-4')).statusCode).toBe(404);
  });
});
