import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { exportAtOnce } from '../../functions/exports/at-once.ts';
import type { PageOfOrders, ReadPage } from '../../functions/exports/run-export.ts';
import { handClock } from '../operations/world.ts';
import { orderAt, readerOf } from './export-world.ts';

const QUERY = { connections: ['toko-jaya'], type: null, from: '2026-11-01', to: '2026-11-02', includeCustomer: false };
const ASK = { exportId: 'x', owner: 'shop', query: QUERY, fileName: 'orders.xlsx', fileKey: 'exports/x.xlsx' };

/** An export with this much time, of a reader that takes so long for each page, and what it was given for each. */
async function runExport(readPage: ReadPage, { remainingMs = 27_000, pageMs = 0 } = {}) {
  const clock = handClock();
  const endsAt = clock.now() + remainingMs;
  const given: number[] = [];
  const asked: unknown[] = [];
  const kept: number[] = [];
  const slow: ReadPage = async (query, at, remaining) => {
    given.push(remaining());
    asked.push([query, at]);
    clock.advance(pageMs);
    return readPage(query, at, remaining);
  };
  const files = {
    putPage: (exportId: string, _: number, orders: readonly unknown[]) => {
      kept.push(orders.length);
      return Promise.resolve(`${exportId}/${kept.length}`);
    },
  };
  const made = await exportAtOnce(ASK, { files, readPage: slow, clock }, () => endsAt - clock.now());
  return { made, given, asked, kept };
}
const gapped = (problem: string): ReadPage =>
  readerOf(3, (): Partial<PageOfOrders> => ({ incomplete: [{ connection: 'toko-jaya', problem }] }));

describe('an export that is made at once', () => {
  it('waits for providers for twelve seconds, in all of its pages', async () => {
    const { made, given, asked } = await runExport(readerOf(2_500), { pageMs: 3_000 });
    expect(given).toEqual([12_000, 9_000, 6_000]);
    expect(asked).toEqual([null, { at: '1000' }, { at: '2000' }].map((after) => [QUERY, { after, limit: 1_000 }]));
    expect(made).toMatchObject({ kind: 'whole', rows: 2_500, incomplete: [] });
  });

  it('keeps ten seconds back for the workbook, where its function has less time', async () => {
    expect((await runExport(readerOf(1), { remainingMs: 15_000 })).given).toEqual([5_000]);
    const none = await runExport(readerOf(1), { remainingMs: 10_000 });
    expect(none).toMatchObject({ given: [], made: { kind: 'too_large', job: { rows: 0, after: null } } });
  });

  it('hands over what it has read when the time is up', async () => {
    const { made, kept } = await runExport(readerOf(9_000), { pageMs: 6_000 });
    expect(made).toMatchObject({
      kind: 'too_large',
      job: { state: 'reading', rows: 2_000, after: { at: '2000' }, batches: ['x/1', 'x/2'] },
    });
    expect(kept).toEqual([1_000, 1_000]);
  });

  it('reads five thousand orders at most', async () => {
    expect((await runExport(readerOf(5_000))).made).toMatchObject({ kind: 'whole', rows: 5_000 });
    const { made, given } = await runExport(readerOf(5_001));
    expect(made).toMatchObject({ kind: 'too_large', job: { rows: 5_000, after: { at: '5000' } } });
    expect(given).toHaveLength(5);
  });

  it('tells a gap that it met in time, and leaves one that it met as the time ended to who has more of it', async () => {
    const { made } = await runExport(gapped('timed_out'), { pageMs: 11_499 });
    expect(made).toMatchObject({ kind: 'whole', incomplete: [{ connection: 'toko-jaya', problem: 'timed_out' }] });
    const late = await runExport(gapped('timed_out'), { pageMs: 11_500 });
    expect(late).toMatchObject({ made: { kind: 'too_large', job: { rows: 0, incomplete: [] } }, kept: [] });
    expect((await runExport(readerOf(3), { pageMs: 12_000 })).made).toMatchObject({ kind: 'whole', rows: 3 });
  });

  it('is a job where its file would not fit into a reply of Lambda’s six megabytes in base64', async () => {
    // Texts that do not deflate but for what base64 adds to them: some 22 KB each in the file.
    const noise = (order: number) =>
      Array.from({ length: 340 }, (_, index) => createHash('sha512').update(`${order} ${index}`).digest('base64')).join(
        '',
      );
    const wide = (count: number): ReadPage =>
      readerOf(count, () => ({
        orders: Array.from({ length: count }, (_, at) => ({ ...orderAt(at), number: noise(at) })),
      }));
    const small = await runExport(wide(85));
    if (small.made.kind !== 'whole') throw new Error('It is none.');
    expect(small.made.bytes.length).toBeGreaterThan(3_300_000);
    expect(small.made.bytes.length).toBeLessThan(4_400_000);
    expect((await runExport(wide(110))).made).toMatchObject({
      kind: 'too_large',
      job: { state: 'writing', rows: 110 },
    });
  });
});
