import { ConditionalCheckFailedException, type QueryCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Batch, BatchRow } from '../../functions/batches/batch.ts';
import { batchIdOf, createBatches } from '../../functions/batches/batches.ts';
import { startDynamoDB, type TestDynamoDB } from '../support/dynamodb.ts';

let database: TestDynamoDB;
beforeAll(async () => {
  database = await startDynamoDB();
});
afterAll(() => database.stop());
const batches = () => createBatches({ dynamodb: database.client, table: database.tables.batches });
const batchOf = (id: string, changes: Partial<Batch> = {}): Batch => ({
  ...{ id, connection: 'loja-rio', provider: 'estoka', dryRun: false, orderIds: ['1', '2'], reason: null },
  ...{ note: null, actor: null, fingerprint: 'f', requestedAt: '2026-11-30T12:00:00.000Z', queuedAt: null },
  ...changes,
});
const operation = (orderId: string): BatchRow => ({ kind: 'operation', orderId, operationId: `loja-rio:${orderId}:1` });
const problem = (orderId: string, code: string): BatchRow => ({
  kind: 'problem',
  orderId,
  problem: { code, text: code },
});
const plan = (orderId: string): BatchRow => ({
  ...{ kind: 'plan', orderId, wouldCancel: true, status: 'x', warnings: [], total: null },
});
const rowsOf = async (id: string) => [...((await batches().find(id))?.rows.values() ?? [])];

describe('a batch', () => {
  it('is kept once: the first of an id is the answer to every other', async () => {
    const first = batchOf('a');
    expect(await batches().open(first)).toBe(first);
    expect(await batches().open(batchOf('a', { orderIds: ['9'] }))).toEqual(first);
    await batches().markQueued(first, '2026-11-30T12:00:01.000Z');
    expect(await batches().open(first)).toEqual({ ...first, queuedAt: '2026-11-30T12:00:01.000Z' });
    expect(await batches().find('a')).toEqual({
      batch: { ...first, queuedAt: '2026-11-30T12:00:01.000Z' },
      rows: new Map(),
    });
    expect(await batches().find('none')).toBeNull();
  });

  it('notes what came of an order: a problem replaces only a problem', async () => {
    const { id } = await batches().open(batchOf('b'));
    await batches().note(id, problem('1', 'gave-up'));
    await batches().note(id, problem('1', 'other'));
    expect(await rowsOf(id)).toEqual([problem('1', 'other')]);
    await batches().note(id, operation('1'));
    await batches().note(id, problem('1', 'late'));
    await batches().note(id, plan('2'));
    await batches().note(id, problem('2', 'late'));
    expect(await rowsOf(id)).toEqual([operation('1'), plan('2')]);
    await batches().note(id, operation('2'));
    expect(await rowsOf(id)).toEqual([operation('1'), operation('2')]);
  });

  it('has rows without a batch where its head is missing, and is none', async () => {
    await batches().note('headless', operation('1'));
    expect(await batches().find('headless')).toBeNull();
  });

  it('is read to its end, page by page, as it stands', async () => {
    const inputs: QueryCommand['input'][] = [];
    const send = ({ input }: QueryCommand) => {
      inputs.push(input);
      const row = { kind: { S: 'operation' }, orderId: { S: `${inputs.length}` }, operationId: { S: 'x' } };
      const Items = [{ ...row, row: { S: `order#${inputs.length}` } }];
      if (inputs.length === 3) return Promise.resolve({});
      return Promise.resolve({ Items, LastEvaluatedKey: { row: { S: `k${inputs.length}` } } });
    };
    const client = { send };
    const paged = createBatches({ dynamodb: client as never, table: 'Batches' });
    expect(await paged.find('a')).toBeNull();
    expect(inputs.map(({ ExclusiveStartKey }) => ExclusiveStartKey?.['row']?.S)).toEqual([undefined, 'k1', 'k2']);
    for (const input of inputs) expect(input).toMatchObject({ TableName: 'Batches', ConsistentRead: true });
  });

  it('says so where the table fails', async () => {
    const client = { send: () => Promise.reject(new Error('throttled')) };
    const failing = createBatches({ dynamodb: client as never, table: 'Batches' });
    await expect(failing.open(batchOf('c'))).rejects.toThrow('throttled');
    await expect(failing.note('c', problem('1', 'x'))).rejects.toThrow('throttled');
    await expect(failing.note('c', operation('1'))).rejects.toThrow('throttled');
  });

  it('is not taken for known where the table does not say what it holds', async () => {
    const failed = new ConditionalCheckFailedException({ message: 'known', $metadata: {} });
    const client = { send: () => Promise.reject(failed) };
    const silent = createBatches({ dynamodb: client as never, table: 'Batches' });
    await expect(silent.open(batchOf('d'))).rejects.toBe(failed);
  });

  it('is known by its caller’s key, in letters and digits', () => {
    const ids = Array.from({ length: 50 }, (_, index) => batchIdOf(`key ${index}`));
    expect(new Set(ids).size).toBe(50);
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9]{24}$/);
    // The same in every version: a batch that was asked for before is found again.
    expect(batchIdOf('key 1')).toBe('7vp0W7OQeZJgz680HoCKL28s');
  });
});
