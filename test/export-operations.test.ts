import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newHandler } from '../functions/export-operations.ts';
import { perform } from '../functions/operations/perform.ts';
import { readByHucre } from './exports/readers.ts';
import { cancelCommand, DONE, timeLeft, world } from './operations/world.ts';
import { askRoute, EVERYTHING, keepingLog } from './support/api-event.ts';
import { startDynamoDB, type TestDynamoDB } from './support/dynamodb.ts';

describe('export-operations', () => {
  let database: TestDynamoDB;
  let handler: ReturnType<typeof newHandler>;

  beforeAll(async () => {
    database = await startDynamoDB();
    const { needs, clock, cancel } = world(database);
    cancel.mockResolvedValueOnce({ kind: 'lost', problem: 'timed_out' });
    await perform(cancelCommand({ connection: 'loja-rio', orderId: '1', actor: '=ana' }), needs, timeLeft(clock));
    clock.advance(1_000);
    cancel.mockResolvedValueOnce(DONE);
    const note = 'She said: "no",\nthen rang';
    await perform(cancelCommand({ connection: 'toko-jaya', orderId: '2', note }), needs, timeLeft(clock));
    const zones: Record<string, string> = { 'loja-rio': 'America/Sao_Paulo', 'toko-jaya': 'Asia/Jakarta' };
    const get = (name: string) => ({
      ...{ name, provider: 'estoka', baseUrl: '', quietPeriodSeconds: 1, timeoutSeconds: 1, settings: {} },
      timeZone: zones[name] ?? 'UTC',
    });
    handler = newHandler({
      connections: { get, names: () => Object.keys(zones) },
      ledger: needs.ledger,
      clock,
      log: keepingLog(),
    });
  });
  afterAll(() => database.stop());

  const ask = (query: Record<string, string> = {}, authorizer: Record<string, string> = EVERYTHING) =>
    askRoute('export-operations', handler, { query, authorizer });
  const bytesOf = ({ body }: { body: string }) => Buffer.from(body, 'base64');

  it('is a workbook that another program reads, with times as the clock on the wall showed them', async () => {
    const reply = await ask();
    expect(reply.statusCode).toBe(200);
    expect(reply.headers).toMatchObject({
      'content-type': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
      'content-disposition': 'attachment; filename="operations-2026-03-01.xlsx"',
    });
    const [operations, about] = await readByHucre(bytesOf(reply));
    const [header = [], first = [], second = []] = (operations?.rows ?? []).map((row) => row.map(({ value }) => value));
    const cell = (row: readonly unknown[], name: string) => row[header.indexOf(name)];
    expect([cell(first, 'Operation'), cell(second, 'Operation')]).toEqual(['toko-jaya:2:1', 'loja-rio:1:1']);
    expect([cell(first, 'Requested at (local)'), cell(second, 'Requested at (local)')]).toEqual([
      '2026-03-01 19:00:01',
      '2026-03-01 09:00:00',
    ]);
    expect([cell(first, 'Outcome'), cell(first, 'Evidence'), cell(first, 'Note')]).toEqual([
      'confirmed',
      'reply',
      'She said: "no",\nthen rang',
    ]);
    expect([cell(second, 'Outcome'), cell(second, 'Settled at (local)'), cell(second, 'Actor')]).toEqual([
      'unknown',
      null,
      '=ana',
    ]);
    expect(about?.rows.map(([what]) => what?.value)).toContain('Filters');
  });

  it('is the same as CSV, in which no text is a formula', async () => {
    const reply = await ask({ format: 'csv' });
    expect(reply.headers).toMatchObject({ 'content-type': 'text/csv; charset=utf-8' });
    const text = bytesOf(reply).toString('utf8');
    expect(text.startsWith('\ufeffOperation,Connection,')).toBe(true);
    expect(text).toContain('"She said: ""no"",\nthen rang"');
    expect(text).toContain(",'=ana,");
    expect(text.split('\r\n')).toHaveLength(4);
  });

  it('has what the filters let pass, and only connections that the caller may see', async () => {
    const rowsOf = (reply: Awaited<ReturnType<typeof ask>>) =>
      bytesOf(reply)
        .toString()
        .split('\r\n')
        .slice(1, -1)
        .map((line) => line.split(',')[0]);
    expect(rowsOf(await ask({ format: 'csv', outcome: 'open' }))).toEqual(['loja-rio:1:1']);
    expect(rowsOf(await ask({ format: 'csv' }, { ...EVERYTHING, connections: 'loja-rio' }))).toEqual(['loja-rio:1:1']);
    expect(rowsOf(await ask({ format: 'csv' }, { ...EVERYTHING, connections: '' }))).toEqual([]);
    expect((await ask({ connection: 'toko-jaya' }, { ...EVERYTHING, connections: 'loja-rio' })).statusCode).toBe(403);
  });

  it.each([
    [{ format: 'pdf' }, 'format'],
    [{ limit: '3' }, 'limit'],
    [{ outcome: 'done' }, 'outcome'],
  ])('refuses %j, naming %s', async (query: Record<string, string>, field) => {
    const reply = await ask(query);
    expect(reply.statusCode).toBe(400);
    expect(reply.json['errors']).toMatchObject([{ field }]);
  });
});
