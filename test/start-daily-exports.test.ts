import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runExport } from '../functions/exports/run-export.ts';
import { newHandler } from '../functions/start-daily-exports.ts';
import { readerOf, startExportWorld, type ExportWorld } from './exports/export-world.ts';
import { keepingLog, lambdaContext } from './support/api-event.ts';

const ZONES: Record<string, string> = { 'loja-rio': 'America/Sao_Paulo', 'toko-jaya': 'Asia/Jakarta' };
const HOUR_MS = 3_600_000;

let world: ExportWorld;
beforeEach(async () => {
  world = await startExportWorld();
});
afterEach(() => world.stop());

async function start(): Promise<string[]> {
  const { jobs, clock } = world;
  const get = (name: string) => {
    const facts = { quietPeriodSeconds: 1, timeoutSeconds: 1, settings: {} };
    return { name, provider: 'ngorder', baseUrl: '', timeZone: ZONES[name] ?? 'UTC', ...facts };
  };
  const connections = { names: () => Object.keys(ZONES), get };
  const { started } = await newHandler({ connections, jobs, clock, log: keepingLog() })({}, lambdaContext());
  return started;
}
function finish(exportId: string) {
  const { jobs, files, clock } = world;
  const needs = { jobs, files, clock, readPage: readerOf(3), newOwner: () => 'runner', log: keepingLog() };
  return runExport(exportId, needs, () => 900_000);
}

describe('start-daily-exports', () => {
  it('starts the previous days of each connection once, however often it runs', async () => {
    const started = await start();
    expect(started.sort()).toEqual([
      ...['23', '24', '25'].map((day) => `daily-loja-rio-2026-11-${day}`),
      ...['23', '24', '25'].map((day) => `daily-toko-jaya-2026-11-${day}`),
    ]);
    expect(await start()).toEqual([]);
    expect(await world.jobs.find('daily-toko-jaya-2026-11-25')).toMatchObject({
      owner: null,
      query: { connections: ['toko-jaya'], type: null, from: '2026-11-25', to: '2026-11-25', includeCustomer: false },
      fileKey: 'daily/toko-jaya/2026-11-25.xlsx',
    });
  });

  it('starts a day as soon as it is over where the connection is, and not sooner', async () => {
    await start();
    // 17:00 UTC is midnight in Jakarta; São Paulo follows ten hours later.
    world.clock.advance(7 * HOUR_MS - 1);
    expect(await start()).toEqual([]);
    world.clock.advance(1);
    expect(await start()).toEqual(['daily-toko-jaya-2026-11-26']);
    world.clock.advance(10 * HOUR_MS);
    expect(await start()).toEqual(['daily-loja-rio-2026-11-26']);
  });

  it('leaves a finished one alone, and keeps its file for 90 days', async () => {
    await start();
    await finish('daily-toko-jaya-2026-11-25');
    expect(await start()).toEqual([]);
    expect(await world.jobs.find('daily-toko-jaya-2026-11-25')).toMatchObject({
      state: 'finished',
      expiresAt: '2027-02-24T10:00:00.000Z',
    });
  });

  it('starts one again that has failed', async () => {
    await start();
    world.clock.advance(25 * HOUR_MS);
    await finish('daily-toko-jaya-2026-11-25');
    expect(await world.jobs.find('daily-toko-jaya-2026-11-25')).toMatchObject({ state: 'failed' });
    expect(await start()).toContain('daily-toko-jaya-2026-11-25');
    expect(await world.jobs.find('daily-toko-jaya-2026-11-25')).toMatchObject({ state: 'reading' });
  });
});
