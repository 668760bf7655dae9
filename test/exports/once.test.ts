import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { once, findRepeated } from '../../functions/exports/once.ts';
import { orderAt } from './export-world.ts';

describe('pages of orders, every order once', () => {
  it('hold each order in the last page that it was in, and all others as they were', async () => {
    const pagesOfIds = fc.array(fc.uniqueArray(fc.nat(30), { maxLength: 12 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(pagesOfIds, async (ids) => {
        const pages = await once(() => ids.map((page) => page.map(orderAt)));
        const told = [];
        for await (const page of pages()) told.push(page.map(({ orderId }) => Number(orderId) - 1_000_000));
        const isLast = (id: number, at: number) => !ids.slice(at + 1).some((page) => page.includes(id));
        expect(told).toEqual(ids.map((page, at) => page.filter((id) => isLast(id, at))));
      }),
      // Each takes the 16 MB of a million orders' marks.
      { numRuns: 30 },
    );
  });

  it('tell orders of one id at two connections apart', async () => {
    const other = { ...orderAt(1), connection: 'loja-rio' };
    const pages = await once(() => [[orderAt(1)], [other]]);
    const told = [];
    for await (const page of pages()) told.push(...page);
    expect(told).toEqual([orderAt(1), other]);
  });

  it('of a million take little to remember: the marks, and a few names', async () => {
    const order = orderAt(0);
    function* pages() {
      for (let page = 0; page < 1_000; page += 1)
        yield Array.from({ length: 1_000 }, (_, at) => ({ ...order, orderId: String(1_000_000 + 1_000 * page + at) }));
      yield [{ ...order, orderId: '1000007' }];
    }
    const repeated = await findRepeated(pages);
    expect(repeated.get(`${order.connection}:1000007`)).toBe(1_000);
    expect(repeated.size).toBeLessThan(10_000);
  });
});
