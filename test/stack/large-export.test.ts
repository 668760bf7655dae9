import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readByHucre } from '../exports/readers.ts';
import { startFakeNgorder, type FakeNgorder, type FakeOrder } from '../providers/ngorder/fake-ngorder.ts';
import { newDataDir, startLocalStack, type LocalStackProcess } from '../support/local-stack.ts';

/** A large export as a user has it: the deployed template on this machine, against a server that only follows ngorder's documentation. */

const ORDERS = 6_500;
const NEWEST = Date.parse('2026-10-31T12:00:00Z');
const orders = Array.from({ length: ORDERS }, (_, at): FakeOrder => ({
  id: 100_000 + at,
  list: 'CANCEL',
  orderDate: new Date(NEWEST - at * 6 * 60_000).toISOString().slice(0, 19).replace('T', ' '),
}));
const EXPORT = '/v1/connections/toko-jaya/cancelled-orders/export?type=cancelled&from=2026-10-01&to=2026-10-31';

let dataDir: Awaited<ReturnType<typeof newDataDir>>;
let stack: LocalStackProcess;
let ngorder: FakeNgorder;
/** The last dates of what ngorder is asked for. */
let askedUpTo: string[] = [];
/** Called when ngorder is asked for its list; while it is there, that is not answered. */
let held: (() => void) | null = null;

beforeAll(async () => {
  ngorder = await startFakeNgorder(orders, {
    instead: ({ query }) => {
      askedUpTo.push(query.get('end_date') ?? '');
      if (held === null) return undefined;
      held();
      return 'hang';
    },
  });
  dataDir = await newDataDir();
  const connection = {
    provider: 'ngorder',
    baseUrl: ngorder.baseUrl.href,
    credential: 'secret',
    timeZone: 'Asia/Jakarta',
  };
  await writeFile(join(dataDir.path, 'connections.json'), JSON.stringify({ 'toko-jaya': connection }));
  await start();
});
afterAll(async () => {
  await stack.stop();
  await ngorder.close();
  await dataDir.remove();
});

async function start() {
  stack = await startLocalStack(dataDir.path, ['--connections', join(dataDir.path, 'connections.json')]);
}
async function waitForExport(path: string) {
  for (;;) {
    const { body } = await stack.ask('GET', path);
    if (body['state'] !== 'reading' && body['state'] !== 'writing') return body;
    await sleep(500);
  }
}

describe('an export that is too large to be answered at once', () => {
  it('survives a kill of what works on it: it goes on where it was, and has every order once', async () => {
    const started = await stack.ask('GET', EXPORT);
    expect(started.status).toBe(202);
    const path = started.headers.get('location') ?? '';

    const isWorkedOn = new Promise<void>((resolve) => (held = resolve));
    await isWorkedOn;
    await stack.kill();
    held = null;
    const before = (started.body as { rows: number }).rows;
    askedUpTo = [];
    await start();
    const done = await waitForExport(path);
    expect(done).toMatchObject({ state: 'finished', incomplete: [], problem: null });
    expect(done['rows']).toBeGreaterThan(before);
    // What had been read before is not asked for again: the newest days, with one more beyond.
    expect(askedUpTo.includes('2026-11-01')).toBe(before === 0);

    const { url, bytes } = done['file'] as { url: string; bytes: number };
    const file = Buffer.from(await (await fetch(url)).arrayBuffer());
    expect(file).toHaveLength(bytes);
    const [sheet] = await readByHucre(file);
    const ids = sheet?.rows.slice(1).map((row) => Number(row[2]?.value)) ?? [];
    expect(ids).toEqual(orders.map(({ id }) => id));
  });
});
