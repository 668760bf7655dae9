import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { newHandler, type ListOperationsNeeds } from '../functions/list-operations.ts';
import { operationId } from '../functions/operations/rules/operation.ts';
import { perform } from '../functions/operations/perform.ts';
import type { CancelReply } from '../functions/providers/provider.ts';
import { UnknownConnection } from '../functions/providers/errors.ts';
import { ACTIVE, cancelCommand, DONE, timeLeft, world } from './operations/world.ts';
import { askRoute, EVERYTHING, keepingLog } from './support/api-event.ts';
import { cursorsOf } from './support/cursors.ts';
import { startDynamoDB, type TestDynamoDB } from './support/dynamodb.ts';

const DECLARATION = {
  provider: 'estoka',
  baseUrl: '',
  quietPeriodSeconds: 1,
  timeoutSeconds: 1,
  timeZone: 'Asia/Jakarta',
  settings: {},
};
const LOST: CancelReply = { kind: 'lost', problem: 'timed_out' };
const DAY_MS = 24 * 3600 * 1000;
interface Reply {
  operations: { id: string; connection: string; outcome: string; requestedAt: string }[];
  nextCursor: string | null;
  errors: { field: string; message: string }[];
}

describe('list-operations', () => {
  let database: TestDynamoDB;
  let handler: ReturnType<typeof newHandler>;
  let handlerOver: (ledger: ListOperationsNeeds['ledger']) => typeof handler;

  beforeAll(async () => {
    database = await startDynamoDB();
    const { needs, clock, cancel, lookUp } = world(database);
    lookUp.mockResolvedValue(ACTIVE);
    // From 2026-03-01 on, one a day: ten of them, every other one in another connection, every third refused.
    for (let day = 0; day < 10; day += 1) {
      cancel.mockResolvedValueOnce(day % 3 === 0 ? { kind: 'refused', words: 'não' } : DONE);
      const connection = day % 2 === 0 ? 'loja-rio' : 'toko-jaya';
      await perform(cancelCommand({ connection }), needs, timeLeft(clock));
      clock.advance(DAY_MS);
    }
    const get = (connection: string) => {
      if (connection !== 'loja-rio' && connection !== 'toko-jaya') throw new UnknownConnection(connection);
      return { ...DECLARATION, name: connection };
    };
    handlerOver = (ledger) =>
      newHandler({
        connections: { get, names: () => ['loja-rio', 'toko-jaya'] },
        ledger,
        cursors: cursorsOf(),
        clock,
        log: keepingLog(),
      });
    handler = handlerOver(needs.ledger);
  });
  const stops: (() => Promise<void>)[] = [];
  afterAll(async () => {
    await Promise.all([database.stop(), ...stops.map((stop) => stop())]);
  });

  async function list(query: Record<string, string> = {}, authorizer: Record<string, string> = EVERYTHING) {
    const reply = await askRoute('list-operations', handler, { query, authorizer });
    return { status: reply.statusCode, ...(JSON.parse(reply.body) as Reply) };
  }

  it('lists what was asked in the last 30 days, newest first', async () => {
    const { operations, nextCursor } = await list();
    expect(operations).toHaveLength(10);
    expect(nextCursor).toBeNull();
    const times = operations.map(({ requestedAt }) => requestedAt);
    expect(times).toEqual(times.toSorted().reverse());
  });

  it('filters by outcome, connection and period', async () => {
    expect((await list({ outcome: 'refused' })).operations.map(({ outcome }) => outcome)).toEqual(
      Array(4).fill('refused'),
    );
    expect((await list({ connection: 'toko-jaya' })).operations).toHaveLength(5);
    expect((await list({ from: '2026-03-02', to: '2026-03-04' })).operations).toHaveLength(3);
    expect((await list({ from: '2026-03-02T12:00:00Z', to: '2026-03-03T11:59:59Z' })).operations).toHaveLength(1);
    expect((await list({ from: '2025-03-02', to: '2025-03-04' })).operations).toEqual([]);
  });

  it('pages through all of it, each once', async () => {
    const ids: string[] = [];
    let cursor: string | null = null;
    let pages = 0;
    do {
      const page: Reply = await list({ limit: '3', ...(cursor !== null && { cursor }) });
      expect(page.operations.length).toBeLessThanOrEqual(3);
      ids.push(...page.operations.map(({ id }) => id));
      cursor = page.nextCursor;
      pages += 1;
    } while (cursor !== null && pages < 30);
    expect(new Set(ids).size).toBe(10);
    expect(ids).toHaveLength(10);
  });

  it('shows a caller only the connections that the token is for', async () => {
    const authorizer = { ...EVERYTHING, connections: 'loja-rio' };
    const seen = (await list({}, authorizer)).operations.map(({ connection }) => connection);
    expect(seen).toEqual(Array(5).fill('loja-rio'));
    expect((await list({ connection: 'toko-jaya' }, authorizer)).status).toBe(403);
    expect((await list({}, { ...EVERYTHING, connections: '' })).operations).toEqual([]);
  });

  it.each([
    [{ outcome: 'done' }, 'outcome'],
    [{ limit: '0' }, 'limit'],
    [{ limit: '101' }, 'limit'],
    [{ limit: 'ten' }, 'limit'],
    [{ from: 'yesterday' }, 'from'],
    [{ from: '2026-02-30' }, 'from'],
    [{ to: '2026-03-01T00:00:00' }, 'to'],
    [{ from: '2026-03-02', to: '2026-03-01' }, 'from'],
    [{ from: '2024-01-01' }, 'from'],
    [{ cursor: 'x' }, 'cursor'],
    [{ form: '2026-03-01' }, 'form'],
  ])('refuses %j, naming %s', async (query: Record<string, string>, field) => {
    const reply = await list(query);
    expect(reply.status).toBe(400);
    expect(reply.errors).toMatchObject([{ field }]);
  });

  it.each([
    [{ kind: 'cancelled' }, 'kind'],
    [{ reason: 'because' }, 'reason'],
    [{ trigger: 'cron' }, 'trigger'],
    [{ outcome: 'refused,done' }, 'outcome'],
    [{ outcome: '' }, 'outcome'],
    [{ orderId: '' }, 'orderId'],
  ])('refuses the filter %j, naming %s', async (query: Record<string, string>, field) => {
    const reply = await list(query);
    expect(reply.status).toBe(400);
    expect(reply.errors).toMatchObject([{ field }]);
  });

  describe('of people who ask', () => {
    let people: typeof handler;
    /** `connection:orderId:number` of each, newest first. */
    let all: string[];
    const ids = async (query: Record<string, string>, authorizer: Record<string, string> = EVERYTHING) => {
      const found: string[] = [];
      let cursor: unknown = null;
      for (let pages = 0; pages < 20; pages += 1) {
        const asked = { ...query, ...(typeof cursor === 'string' && { cursor }) };
        const { json, statusCode } = await askRoute('list-operations', people, { query: asked, authorizer });
        expect(statusCode).toBe(200);
        found.push(...(json['operations'] as { id: string }[]).map(({ id }) => id));
        cursor = json['nextCursor'];
        if (cursor === null) return found;
      }
      throw new Error('The list has no end.');
    };

    beforeAll(async () => {
      const other = await startDynamoDB();
      stops.push(() => other.stop());
      const { needs, clock, cancel, lookUp, restore } = world(other);
      lookUp.mockResolvedValue(ACTIVE);
      const connections = ['loja-rio', 'toko-jaya', 'loja-sul'];
      const ask = async (changes: Parameters<typeof cancelCommand>[0], reply: CancelReply) => {
        cancel.mockResolvedValueOnce(reply);
        restore.mockResolvedValueOnce({ kind: 'restored', status: 'active' });
        const { operation } = await perform(cancelCommand(changes), needs, timeLeft(clock));
        all.unshift(operationId(operation));
        clock.advance(1_000);
      };
      all = [];
      await ask({ connection: 'loja-rio', orderId: '9001', reason: 'fraud', actor: 'ana' }, LOST);
      clock.advance(200 * DAY_MS);
      await ask({ connection: 'loja-sul', orderId: '9001', actor: 'ana' }, { kind: 'refused', words: 'não' });
      await ask({ connection: 'loja-sul', orderId: '9001', actor: 'bo', trigger: 'queue' }, DONE);
      await ask({ connection: 'toko-jaya', orderId: '9001', reason: 'fraud' }, DONE);
      await ask({ connection: 'toko-jaya', orderId: '9002', reason: 'fraud', actor: 'ana' }, LOST);
      const get = (name: string) => ({ ...DECLARATION, name });
      const cursors = cursorsOf();
      people = newHandler({
        connections: { get, names: () => connections },
        ledger: needs.ledger,
        cursors,
        clock,
        log: keepingLog(),
      });
    });

    it('finds an order by its id at whichever connection, of any age, every operation of it', async () => {
      const wanted = all.filter((id) => id.includes(':9001:'));
      expect(wanted).toHaveLength(4);
      expect(await ids({ orderId: '9001' })).toEqual(wanted);
      expect(await ids({ orderId: '9001', limit: '1' })).toEqual(wanted);
      expect(await ids({ orderId: '900' })).toEqual([]);
    });

    it('finds it only at the connections that the caller may see', async () => {
      const authorizer = { ...EVERYTHING, connections: 'loja-sul' };
      expect(await ids({ orderId: '9001' }, authorizer)).toEqual(all.filter((id) => id.startsWith('loja-sul:9001')));
      expect(await ids({ outcome: 'open' }, authorizer)).toEqual([]);
      expect(await ids({ orderId: '9001', connection: 'toko-jaya' })).toEqual(['toko-jaya:9001:1']);
    });

    it('shows all that is open, of any age, newest first, in one list', async () => {
      expect(await ids({ outcome: 'open' })).toEqual(['toko-jaya:9002:1', 'loja-rio:9001:1']);
      expect(await ids({ outcome: 'open', limit: '1' })).toEqual(['toko-jaya:9002:1', 'loja-rio:9001:1']);
      expect(await ids({ outcome: 'pending,needs_attention' })).toEqual([]);
      expect(await ids({ outcome: 'unknown', from: '2026-02-01', to: '2026-03-31' })).toEqual(['loja-rio:9001:1']);
    });

    it('takes several outcomes, open ones and final ones', async () => {
      expect(await ids({ outcome: 'refused,open' })).toEqual(['toko-jaya:9002:1', 'loja-sul:9001:1']);
      expect(await ids({ outcome: 'refused,confirmed' })).toEqual([
        'toko-jaya:9001:1',
        'loja-sul:9001:2',
        'loja-sul:9001:1',
      ]);
    });

    it.each([
      [{ reason: 'fraud' }, ['toko-jaya:9002:1', 'toko-jaya:9001:1']],
      [{ actor: 'ana' }, ['toko-jaya:9002:1', 'loja-sul:9001:1']],
      [{ trigger: 'queue' }, ['loja-sul:9001:2']],
      [{ kind: 'restore' }, []],
      [{ kind: 'cancel', reason: 'fraud', outcome: 'confirmed' }, ['toko-jaya:9001:1']],
      [{ orderId: '9001', actor: 'ana' }, ['loja-sul:9001:1', 'loja-rio:9001:1']],
      [{ outcome: 'open', actor: 'ana', reason: 'fraud' }, ['toko-jaya:9002:1', 'loja-rio:9001:1']],
      [{ outcome: 'open', actor: 'bo' }, []],
    ])('filters by %j', async (query: Record<string, string>, wanted) => {
      expect(await ids(query)).toEqual(wanted);
    });

    it('takes a cursor only for a list that is read the same way', async () => {
      const { json } = await askRoute('list-operations', people, { query: { orderId: '9001', limit: '1' } });
      const query = { limit: '1', cursor: String(json['nextCursor']) };
      expect((await askRoute('list-operations', people, { query })).statusCode).toBe(400);
    });
  });

  it('does not know a connection that is not declared', async () => {
    expect((await list({ connection: 'loja-sul' })).status).toBe(404);
  });

  it('takes a cursor only for the query that it came from', async () => {
    const { nextCursor } = await list({ limit: '3' });
    const reply = await list({ limit: '3', outcome: 'refused', cursor: nextCursor ?? '' });
    expect(reply).toMatchObject({
      status: 400,
      errors: [{ field: 'cursor', message: expect.stringContaining('is not a cursor of this list') }],
    });
  });

  it('shows nothing of another connection’s orders in a cursor', async () => {
    const after = { order: 'toko-jaya:77120', slot: 'current', requestedAt: '2026-03-01T12:00:00.000Z' };
    const page = { operations: [], unreadable: [], nextCursor: { day: '2026-03-01', after } };
    const none = () => Promise.reject(new Error('Not read here.'));
    const restricted = handlerOver({ list: () => Promise.resolve(page), listOpen: none, listOfOrderId: none });
    const authorizer = { ...EVERYTHING, connections: 'loja-rio' };
    const reply = await askRoute('list-operations', restricted, { query: {}, authorizer });
    const cursor = String(reply.json['nextCursor']);
    expect(cursor).toMatch(/^[\w-]{40,}$/);
    expect(Buffer.from(cursor, 'base64url').toString('latin1')).not.toMatch(/toko-jaya|77120|2026/);
    const query = { cursor };
    expect((await askRoute('list-operations', restricted, { query, authorizer })).statusCode).toBe(200);
    const asAnother = { query, authorizer: { ...authorizer, name: 'another' } };
    expect((await askRoute('list-operations', restricted, asAnother)).statusCode).toBe(400);
  });

  it('never answers a made-up cursor or period with a 5xx', async () => {
    const moment = fc.oneof(
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      fc
        .date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') })
        .map((date) => date.toISOString().slice(0, 10)),
      fc.constantFrom('9999-12-31T23:59:59-23:59', '0000-01-01T00:00:00+23:59', '2026-03-01T24:00:00Z', ''),
    );
    const near = fc.date({ noInvalidDate: true, min: new Date('2026-01-01'), max: new Date('2026-12-31') });
    const place = fc.record({
      from: near.map((date) => date.toISOString()),
      to: near.map((date) => date.toISOString()),
      after: fc.record({
        day: near.map((date) => date.toISOString().slice(0, 10)),
        after: fc.option(fc.record({ order: fc.string(), slot: fc.string(), requestedAt: fc.string() })),
      }),
    });
    const cursor = fc.oneof(
      fc.string(),
      place.map((value) => Buffer.from(JSON.stringify({ filters: '', place: value })).toString('base64url')),
    );
    const query = fc.record({ from: moment, to: moment, cursor }, { requiredKeys: [] });
    await fc.assert(
      fc.asyncProperty(query, async (asked) => {
        expect((await list(asked)).status).toBeLessThan(500);
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});
