import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newHandler, type ExportCancelledOrdersNeeds } from '../functions/export-cancelled-orders.ts';
import type { ExportQuery } from '../functions/exports/export-job.ts';
import { runExport } from '../functions/exports/run-export.ts';
import { UnknownConnection } from '../functions/providers/errors.ts';
import { orderAt, readerOf, startExportWorld, type ExportWorld } from './exports/export-world.ts';
import { readByHucre } from './exports/readers.ts';
import { askRoute, EVERYTHING, keepingLog } from './support/api-event.ts';

const CONNECTIONS = ['loja-rio', 'toko-jaya'];

let world: ExportWorld;
beforeAll(async () => {
  world = await startExportWorld();
});
afterAll(() => world.stop());

interface Ask {
  connection?: string;
  query?: Record<string, string>;
  authorizer?: Record<string, string>;
  readPage?: ExportCancelledOrdersNeeds['readPage'];
}

function ask({ connection, query = {}, authorizer = EVERYTHING, readPage = readerOf(3) }: Ask = {}) {
  const get = (name: string) => {
    if (!CONNECTIONS.includes(name)) throw new UnknownConnection(name);
    const facts = { quietPeriodSeconds: 1, timeoutSeconds: 1, timeZone: 'Asia/Jakarta', settings: {} };
    return { name, provider: 'ngorder', baseUrl: 'http://127.0.0.1', ...facts };
  };
  const { jobs, files, clock } = world;
  const connections = { names: () => CONNECTIONS, get };
  const handler = newHandler({ connections, jobs, files, clock, readPage, log: keepingLog() });
  const params = connection === undefined ? {} : { connection };
  return askRoute('export-cancelled-orders', handler, { params, query, authorizer });
}

/** A reader that keeps what it was asked. */
function watchedReader(count = 3) {
  const asked: ExportQuery[] = [];
  const read = readerOf(count);
  const readPage: ExportCancelledOrdersNeeds['readPage'] = (query, ...rest) => {
    asked.push(query);
    return read(query, ...rest);
  };
  return { asked, readPage };
}

describe('export-cancelled-orders', () => {
  it('has an order once whose date changes while it is read', async () => {
    const moving = readerOf(1_500, (from) =>
      from === 0 ? {} : { orders: [...Array.from({ length: 500 }, (_, at) => orderAt(from + at)), orderAt(3)] },
    );
    const reply = await ask({ connection: 'toko-jaya', readPage: moving });
    const [orders] = await readByHucre(Buffer.from(reply.body, 'base64'));
    const ids = orders?.rows.slice(1).map((row) => row[2]?.value);
    expect(ids).toHaveLength(1_500);
    expect(new Set(ids).size).toBe(1_500);
  });

  it('answers a few orders at once, as a workbook to be saved under a name that says what it is', async () => {
    const reply = await ask({ connection: 'toko-jaya', query: { from: '2026-11-01', to: '2026-11-02' } });
    expect(reply).toMatchObject({
      statusCode: 200,
      isBase64Encoded: true,
      headers: {
        'content-type': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
        'content-disposition': 'attachment; filename="cancelled-orders-toko-jaya-2026-11-01-2026-11-02.xlsx"',
      },
    });
    const [orders, items, about] = await readByHucre(Buffer.from(reply.body, 'base64'));
    expect(orders?.rows.slice(1).map((row) => row[2]?.value)).toEqual([0, 1, 2].map((at) => orderAt(at).orderId));
    expect(items?.rows).toHaveLength(4);
    expect(about?.name).toBe('About');
  });

  it('asks for what the filters say, and for every connection that the token is for', async () => {
    const { asked, readPage } = watchedReader();
    await ask({ readPage, query: { type: 'rejected', from: '2026-11-01', to: '2026-11-02T10:00:00Z' } });
    await ask({ readPage, authorizer: { ...EVERYTHING, connections: 'loja-rio' } });
    await ask({ readPage, connection: 'loja-rio' });
    expect(asked).toEqual([
      {
        connections: CONNECTIONS,
        type: 'rejected',
        from: '2026-11-01',
        to: '2026-11-02T10:00:00Z',
        includeCustomer: false,
      },
      expect.objectContaining({ connections: ['loja-rio'], type: null, to: new Date(world.clock.now()).toISOString() }),
      expect.objectContaining({ connections: ['loja-rio'] }),
    ]);
  });

  it('has customers only for a token that may see them and an ask that wants them', async () => {
    const { asked, readPage } = watchedReader();
    expect((await ask({ readPage, query: { include: 'customer' } })).statusCode).toBe(200);
    expect(asked[0]?.includeCustomer).toBe(true);
    const reader = { ...EVERYTHING, scopes: 'read' };
    expect((await ask({ readPage, authorizer: reader })).statusCode).toBe(200);
    expect(asked[1]?.includeCustomer).toBe(false);
    expect((await ask({ readPage, authorizer: reader, query: { include: 'customer' } })).statusCode).toBe(403);
    expect(asked).toHaveLength(2);
  });

  it('makes a job of many orders, which goes on where the ask came to', async () => {
    const reply = await ask({ connection: 'toko-jaya', readPage: readerOf(7_000) });
    expect(reply).toMatchObject({ statusCode: 202, json: { state: 'reading', rows: 5_000, file: null } });
    const { id } = reply.json as { id: string };
    expect(reply.headers).toMatchObject({ location: `/v1/exports/${id}`, 'retry-after': '5' });

    const asked: number[] = [];
    const readPage = readerOf(7_000, (from) => {
      asked.push(from);
    });
    const { jobs, files, clock } = world;
    await runExport(id, { jobs, files, clock, readPage, newOwner: () => 'runner', log: keepingLog() }, () => 900_000);
    expect(asked).toEqual([5_000, 6_000]);
    const job = await jobs.find(id);
    expect(job).toMatchObject({ state: 'finished', rows: 7_000, pages: 140 });
    const file = await fetch(await files.linkTo(job?.fileKey ?? '', 60));
    const [orders] = await readByHucre(Buffer.from(await file.arrayBuffer()));
    expect(orders?.rows.slice(1).map((row) => row[2]?.value)).toEqual(
      Array.from({ length: 7_000 }, (_, at) => orderAt(at).orderId),
    );
  });

  it('makes a job of a file that would not fit a reply, with nothing left to read', async () => {
    const wide = readerOf(400, (from) => ({
      orders: Array.from({ length: 400 }, (_, at) => ({
        ...orderAt(from + at),
        // Texts that do not deflate.
        number: Array.from({ length: 3_000 }, (_unused, index) =>
          Math.sin(at * 3_000 + index)
            .toString(36)
            .slice(-6),
        ).join(''),
      })),
    }));
    expect(await ask({ readPage: wide, query: { type: 'expired' } })).toMatchObject({
      statusCode: 202,
      json: { state: 'writing', rows: 400 },
    });
  });

  it.each(['out_of_time', 'timed_out'])('makes a job of what a provider takes too long for (%s)', async (problem) => {
    const slow = readerOf(3, () => {
      world.clock.advance(12_000);
      return { next: null, incomplete: [{ connection: 'toko-jaya', problem }] };
    });
    expect(await ask({ readPage: slow, query: { type: 'cancelled', from: '2026-11-01' } })).toMatchObject({
      statusCode: 202,
      json: { state: 'reading', rows: 0, incomplete: [] },
    });
  });

  it('answers the same ask with the same job while it is worked on, without asking a provider', async () => {
    const query = { type: 'cancelled', from: '2026-01-01', to: '2026-01-31' };
    const first = await ask({ query, readPage: readerOf(6_000) });
    const { asked, readPage } = watchedReader();
    const again = await ask({ query, readPage });
    expect(again).toMatchObject({ statusCode: 202, json: { id: first.json['id'] } });
    expect(asked).toEqual([]);
    const another = await ask({ query, readPage: readerOf(6_000), authorizer: { ...EVERYTHING, name: 'back-office' } });
    expect(another.json['id']).not.toBe(first.json['id']);
  });

  it('tells what is missing, in a header too, beside the orders that are there', async () => {
    const gap = readerOf(2, () => ({ incomplete: [{ connection: 'loja-rio', problem: 'timed_out' }] }));
    const reply = await ask({ readPage: gap });
    expect(reply).toMatchObject({ statusCode: 200, headers: { incomplete: 'loja-rio=timed_out' } });
    const sheets = await readByHucre(Buffer.from(reply.body, 'base64'));
    expect(sheets[2]?.rows.map((row) => row.map(({ value }) => value))).toContainEqual([
      'Incomplete',
      'loja-rio',
      'timed_out',
    ]);
  });

  it.each([
    ['timed_out', 503],
    ['connection_unavailable', 503],
    ['needs_reauth', 502],
    ['provider_error', 502],
  ])('gives no empty workbook for a connection that could not be read (%s)', async (problem, status) => {
    const none = readerOf(0, () => ({ incomplete: [{ connection: 'toko-jaya', problem }] }));
    expect((await ask({ connection: 'toko-jaya', readPage: none })).statusCode).toBe(status);
  });

  it.each([
    [{ type: 'open' }, 'type'],
    [{ include: 'everything' }, 'include'],
    [{ from: 'yesterday' }, 'from'],
    [{ from: '2026-03-02', to: '2026-03-01' }, 'from'],
    [{ limit: '5' }, 'limit'],
  ])('refuses %j, naming %s', async (query: Record<string, string>, field) => {
    expect(await ask({ query })).toMatchObject({ statusCode: 400, json: { errors: [{ field }] } });
  });

  it('refuses another connection than the token is for, and one that is not declared', async () => {
    const authorizer = { ...EVERYTHING, connections: 'loja-rio' };
    expect((await ask({ connection: 'toko-jaya', authorizer })).statusCode).toBe(403);
    expect((await ask({ connection: 'loja-sul' })).statusCode).toBe(404);
    expect((await ask({ authorizer: { ...EVERYTHING, scopes: 'cancel' } })).statusCode).toBe(403);
  });
});
