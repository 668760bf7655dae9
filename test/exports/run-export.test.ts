import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newExportJob, type ExportQuery, type NewExport } from '../../functions/exports/export-job.ts';
import { MOST_ORDERS, runExport, type ExportNeeds } from '../../functions/exports/run-export.ts';
import { keepingLog } from '../support/api-event.ts';
import { orderAt, readerOf, startExportWorld, type ExportWorld } from './export-world.ts';
import { readByHucre } from './readers.ts';

const QUERY: ExportQuery = {
  connections: ['toko-jaya'],
  type: null,
  from: '2026-10-01',
  to: '2026-11-01',
  includeCustomer: false,
};
const MINUTE_MS = 60_000;
const plenty = () => 900_000;

let world: ExportWorld;
beforeAll(async () => {
  world = await startExportWorld();
});
afterAll(() => world.stop());

let count = 0;
async function newJob(change: Partial<{ owner: string | null }> = {}) {
  const exportId = `export-${(count += 1)}`;
  await world.jobs.create(jobOf({ exportId, ...change }), 'ended');
  return exportId;
}
function jobOf(ask: Pick<NewExport, 'exportId'> & Partial<NewExport>) {
  const fileKey = `exports/${ask.exportId}.xlsx`;
  return newExportJob({ owner: 'shop', query: QUERY, fileName: 'orders.xlsx', fileKey, ...ask }, world.clock.now());
}
function needs(change: Partial<ExportNeeds> = {}): ExportNeeds {
  const { jobs, files, clock } = world;
  let owners = 0;
  return {
    jobs,
    files,
    clock,
    readPage: readerOf(2_500),
    newOwner: () => `owner-${(owners += 1)}-${Math.random()}`,
    log: keepingLog(),
    ...change,
  };
}
async function sheetsOf(exportId: string) {
  const job = await world.jobs.find(exportId);
  const reply = await fetch(await world.files.linkTo(job?.fileKey ?? '', 60));
  expect(reply.status).toBe(200);
  return readByHucre(Buffer.from(await reply.arrayBuffer()));
}
async function idsInFileOf(exportId: string) {
  const sheets = await sheetsOf(exportId);
  return sheets[0]?.rows.slice(1).map((row) => row[2]?.value);
}
const allIds = (orders: number) => Array.from({ length: orders }, (_, at) => orderAt(at).orderId);

describe('an export that is worked on apart', () => {
  it('reads every page, and makes a workbook that a link leads to', async () => {
    const exportId = await newJob();
    expect(await runExport(exportId, needs(), plenty)).toBe(true);
    expect(await world.jobs.find(exportId)).toMatchObject({
      state: 'finished',
      rows: 2_500,
      pages: 50,
      incomplete: [],
      problem: null,
      expiresAt: '2026-11-27T10:00:00.000Z',
    });
    expect(await idsInFileOf(exportId)).toEqual(allIds(2_500));
    const { fileBytes, fileKey = '' } = (await world.jobs.find(exportId)) ?? {};
    const file = await fetch(await world.files.linkTo(fileKey, 60));
    expect(file.headers.get('content-disposition')).toBe('attachment; filename="orders.xlsx"');
    expect((await file.arrayBuffer()).byteLength).toBe(fileBytes);
  });

  it('has an order once whose date changes while it is read, as it was read last', async () => {
    const exportId = await newJob();
    // Three of the first page come again: of the next page, of the last, and of both.
    const again = new Map([
      [1_500, [3, 7]],
      [2_400, [7, 11]],
    ]);
    const moving = readerOf(2_500, (from) => ({
      orders: Array.from({ length: Math.min(1_000, 2_500 - from) }, (_, at) => [
        orderAt(from + at),
        ...(again.get(from + at) ?? []).map((moved) => ({ ...orderAt(moved), number: `as read on page ${from}` })),
      ]).flat(),
    }));
    await runExport(exportId, needs({ readPage: moving }), plenty);
    const file = await sheetsOf(exportId);
    const rows = file[0]?.rows.slice(1).map((row) => [row[2]?.value, row[3]?.value]) ?? [];
    expect(rows.map(([id]) => id).sort()).toEqual(allIds(2_500).sort());
    const moved = rows.filter(([, number]) => String(number).startsWith('as read'));
    expect(moved).toEqual([
      [orderAt(3).orderId, 'as read on page 1000'],
      [orderAt(7).orderId, 'as read on page 2000'],
      [orderAt(11).orderId, 'as read on page 2000'],
    ]);
    expect(file[1]?.rows).toHaveLength(2_501);
    expect(file[2]?.rows.find((row) => row[0]?.value === 'Orders')?.[1]?.value).toBe(2_500);
    expect(await world.jobs.find(exportId)).toMatchObject({ state: 'finished', rows: 2_500 });
  });

  it('shows how far it has come', async () => {
    const exportId = await newJob();
    const seen: unknown[] = [];
    const { readPage } = needs();
    const watchAndRead: ExportNeeds['readPage'] = async (...args) => {
      const { state, rows, pages } = (await world.jobs.find(exportId)) ?? {};
      seen.push([state, rows, pages]);
      return readPage(...args);
    };
    await runExport(exportId, needs({ readPage: watchAndRead }), plenty);
    expect(seen).toEqual([
      ['reading', 0, 0],
      ['reading', 1_000, 20],
      ['reading', 2_000, 40],
    ]);
  });

  it('goes on behind the last page when its function was killed, once its lease has run out', async () => {
    const exportId = await newJob();
    const asked: number[] = [];
    let reached = () => {};
    const isThere = new Promise<void>((resolve) => (reached = resolve));
    // A killed function neither answers nor tidies up.
    const dying: ExportNeeds['readPage'] = (query, at, remainingMs) => {
      const from = Number(at.after?.['at'] ?? 0);
      asked.push(from);
      if (from === 0) return readerOf(2_500)(query, at, remainingMs);
      reached();
      return new Promise(() => {});
    };
    void runExport(exportId, needs({ readPage: dying }), plenty);
    await isThere;

    expect(await world.jobs.due()).not.toContain(exportId);
    expect(await runExport(exportId, needs(), plenty)).toBe(false);
    world.clock.advance(MINUTE_MS);
    expect(await world.jobs.due()).toContain(exportId);
    const again = readerOf(2_500, (from) => {
      asked.push(from);
    });
    expect(await runExport(exportId, needs({ readPage: again }), plenty)).toBe(true);
    expect(asked).toEqual([0, 1_000, 1_000, 2_000]);
    expect(await world.jobs.find(exportId)).toMatchObject({ state: 'finished', rows: 2_500 });
    expect(await idsInFileOf(exportId)).toEqual(allIds(2_500));
  });

  it('is not spoilt by one who was thought dead and comes back', async () => {
    const exportId = await newJob();
    let letGo = () => {};
    const late = new Promise<void>((resolve) => (letGo = resolve));
    let reached = () => {};
    const isThere = new Promise<void>((resolve) => (reached = resolve));
    const slow: ExportNeeds['readPage'] = async (...args) => {
      reached();
      await late;
      return readerOf(7)(...args);
    };
    const first = runExport(exportId, needs({ readPage: slow }), plenty);
    await isThere;
    world.clock.advance(MINUTE_MS);
    await runExport(exportId, needs(), plenty);
    letGo();
    await first;
    expect(await world.jobs.find(exportId)).toMatchObject({ state: 'finished', rows: 2_500 });
    expect(await idsInFileOf(exportId)).toHaveLength(2_500);
  });

  it('goes on in the next run when the time of this one is up', async () => {
    const exportId = await newJob();
    let left = 900_000;
    const slow = readerOf(2_500, () => {
      left = 100_000;
    });
    await runExport(exportId, needs({ readPage: slow }), () => left);
    expect(await world.jobs.find(exportId)).toMatchObject({ state: 'reading', rows: 1_000 });
    expect(await world.jobs.due()).toContain(exportId);
    await runExport(exportId, needs(), plenty);
    expect(await idsInFileOf(exportId)).toEqual(allIds(2_500));
  });

  it('keeps nothing of a page that the time was too short for', async () => {
    const exportId = await newJob();
    const short = readerOf(2_500, () => ({
      incomplete: [{ connection: 'toko-jaya', problem: 'out_of_time' }],
      next: null,
    }));
    await runExport(exportId, needs({ readPage: short }), plenty);
    expect(await world.jobs.find(exportId)).toMatchObject({ state: 'reading', rows: 0, incomplete: [] });
  });

  it('reads a page with a passing gap again, and tells the gap where it stays', async () => {
    const exportId = await newJob();
    let reads = 0;
    const gap = { incomplete: [{ connection: 'toko-jaya', problem: 'timed_out' }] };
    const flaky = readerOf(1_500, (from) => {
      reads += 1;
      return from === 0 ? gap : { incomplete: [] };
    });
    for (let run = 0; run < 3; run += 1) {
      await runExport(exportId, needs({ readPage: flaky }), plenty);
      world.clock.advance(5 * MINUTE_MS);
    }
    expect(reads).toBe(4);
    expect(await world.jobs.find(exportId)).toMatchObject({ state: 'finished', rows: 1_500, ...gap });
  });

  it.each([
    ...['timed_out', 'provider_unreachable', 'connection_cut', 'provider_error', 'foreign_reply', 'rate_limited'].map(
      (problem): [string, string] => [problem, 'reading'],
    ),
    ['needs_reauth', 'finished'],
    ['kept_moving', 'finished'],
  ])('takes a gap of %s for one that may be over, or not: the export is %s', async (problem, state) => {
    const exportId = await newJob();
    const gapped = readerOf(10, () => ({ incomplete: [{ connection: 'toko-jaya', problem }] }));
    await runExport(exportId, needs({ readPage: gapped }), plenty);
    expect((await world.jobs.find(exportId))?.state).toBe(state);
  });

  it('leaves a line in the log, and a file with a name and a type of its own', async () => {
    const exportId = await newJob();
    const log = keepingLog();
    await runExport(exportId, needs({ log, readPage: readerOf(120) }), plenty);
    const job = await world.jobs.find(exportId);
    const fields = { exportId, rows: 120, pages: 3, fileBytes: job?.fileBytes };
    expect(log.entries).toEqual([{ level: 'info', code: 'EXPORT_FINISHED', fields }]);
    const { headers } = await fetch(await world.files.linkTo(job?.fileKey ?? '', 60));
    expect(['content-type', 'content-disposition', 'content-length'].map((name) => headers.get(name))).toEqual([
      'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
      'attachment; filename="orders.xlsx"',
      String(job?.fileBytes),
    ]);
  });

  it('fails, with a word why, when it never gets a step further', async () => {
    const exportId = await newJob();
    const log = keepingLog();
    const broken = readerOf(10, () => {
      throw new Error('the table is gone');
    });
    for (let run = 0; run < 6; run += 1) {
      expect(await runExport(exportId, needs({ readPage: broken, log }), plenty)).toBe(true);
      world.clock.advance(10 * MINUTE_MS);
    }
    expect(await world.jobs.find(exportId)).toMatchObject({ state: 'failed', problem: 'gave_up' });
    const failed = (attempt: number) => ({ exportId, attempt, error: new Error('the table is gone') });
    expect(log.entries).toEqual([
      ...[1, 2, 3, 4, 5].map((attempt) => ({ level: 'error', code: 'EXPORT_STEP_FAILED', fields: failed(attempt) })),
      { level: 'error', code: 'EXPORT_FAILED', fields: { exportId, problem: 'gave_up', rows: 0, pages: 0 } },
    ]);
    expect(await runExport(exportId, needs(), plenty)).toBe(false);
  });

  it('fails where there are more orders than an export may have, before they are all read', async () => {
    const exportId = `export-${(count += 1)}`;
    await world.jobs.create({ ...jobOf({ exportId }), rows: MOST_ORDERS - 2_499 }, 'ended');
    const asked: number[] = [];
    const readPage = readerOf(9_000, (from) => void asked.push(from));
    await runExport(exportId, needs({ readPage }), plenty);
    expect(asked).toEqual([0, 1_000, 2_000]);
    expect(await world.jobs.find(exportId)).toMatchObject({ state: 'failed', problem: 'too_large' });
  });

  it('fails when it takes longer than a day', async () => {
    const exportId = await newJob();
    world.clock.advance(25 * 60 * MINUTE_MS);
    await runExport(exportId, needs(), plenty);
    expect(await world.jobs.find(exportId)).toMatchObject({ state: 'failed', problem: 'took_too_long' });
  });

  it('may take a day to the millisecond', async () => {
    const exportId = await newJob();
    world.clock.advance(24 * 60 * MINUTE_MS);
    await runExport(exportId, needs(), plenty);
    expect(await world.jobs.find(exportId)).toMatchObject({ state: 'finished' });
    const late = await newJob();
    world.clock.advance(24 * 60 * MINUTE_MS + 1);
    await runExport(late, needs(), plenty);
    expect(await world.jobs.find(late)).toMatchObject({ state: 'failed', problem: 'took_too_long' });
  });

  it('begins a step with three minutes left, and not with less; twenty seconds are kept back of them', async () => {
    const exportId = await newJob();
    const given: number[] = [];
    const { readPage } = needs();
    const noteTimeAndRead: ExportNeeds['readPage'] = (query, at, remainingMs) => {
      given.push(remainingMs());
      return readPage(query, at, remainingMs);
    };
    await runExport(exportId, needs({ readPage: noteTimeAndRead }), () => 179_999);
    expect(given).toEqual([]);
    expect(await world.jobs.find(exportId)).toMatchObject({ state: 'reading' });
    await runExport(exportId, needs({ readPage: noteTimeAndRead }), () => 180_000);
    expect(given).toEqual([160_000, 160_000, 160_000]);
    expect(await world.jobs.find(exportId)).toMatchObject({ state: 'finished' });
  });

  it('is tried again after a pause that grows with its attempts', async () => {
    const exportId = await newJob();
    const broken = readerOf(10, () => {
      throw new Error('the table is gone');
    });
    for (const pauseMs of [30_000, 60_000, 90_000]) {
      await runExport(exportId, needs({ readPage: broken }), plenty);
      world.clock.advance(pauseMs - 1);
      expect(await world.jobs.due()).not.toContain(exportId);
      world.clock.advance(1);
      expect(await world.jobs.due()).toContain(exportId);
    }
  });

  it('is renewed three times as often as its lease of half a minute would end', async () => {
    const exportId = await newJob();
    const sleeps: number[] = [];
    const renewed: number[] = [];
    const woken: (() => void)[] = [];
    const clock: ExportNeeds['clock'] = {
      ...world.clock,
      sleep: (ms) => {
        sleeps.push(ms);
        return new Promise((resolve) => woken.push(resolve));
      },
    };
    const jobs: ExportNeeds['jobs'] = {
      ...world.jobs,
      renew: (_exportId, _owner, leaseMs) => Promise.resolve(void renewed.push(leaseMs)),
    };
    const waking: ExportNeeds['readPage'] = async (...args) => {
      woken.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
      return readerOf(1_500)(...args);
    };
    await runExport(exportId, needs({ clock, jobs, readPage: waking }), plenty);
    expect(sleeps).toEqual([10_000, 10_000, 10_000]);
    expect(renewed).toEqual([30_000, 30_000]);
    woken.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
    expect(renewed).toHaveLength(2);
  });

  it('of a day, which is nobody’s, can be had for ninety days', async () => {
    const exportId = await newJob({ owner: null });
    const now = world.clock.now();
    await runExport(exportId, needs(), plenty);
    const { expiresAt } = (await world.jobs.find(exportId)) ?? {};
    expect(Date.parse(expiresAt ?? '') - now).toBe(90 * 24 * 60 * MINUTE_MS);
  });

  it('is one of twenty-five that a run is told of, the longest waiting first', async () => {
    const ids: string[] = [];
    for (let job = 0; job < 26; job += 1) {
      ids.push(await newJob());
      world.clock.advance(1);
    }
    const due = await world.jobs.due();
    expect(due).toHaveLength(25);
    expect(due.filter((id) => ids.includes(id))).toEqual(ids.slice(0, due.filter((id) => ids.includes(id)).length));
    for (const id of ids) await runExport(id, needs({ readPage: readerOf(1) }), plenty);
  });

  it('is gone when what it made has expired', async () => {
    const exportId = await newJob();
    await runExport(exportId, needs(), plenty);
    world.clock.advance(24 * 60 * MINUTE_MS);
    expect(await world.jobs.find(exportId)).toBeNull();
  });

  it('is one for an id while it is open, and another one after that', async () => {
    const exportId = await newJob();
    const job = jobOf({ exportId });
    expect(await world.jobs.create(job, 'ended')).toBeNull();
    expect(await world.jobs.create(job, 'failed')).toBeNull();
    await runExport(exportId, needs(), plenty);
    expect(await world.jobs.create(job, 'failed')).toBeNull();
    expect(await world.jobs.create(job, 'ended')).toMatchObject({ exportId, state: 'reading', rows: 0 });
  });
});
