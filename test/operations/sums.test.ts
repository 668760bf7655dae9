import { describe, expect, it } from '@jest/globals';
import { sumsOf } from '../../functions/operations/sums.ts';

const money = (amount: number, currency: string) => ({ amount, currency });

describe('what several orders are worth', () => {
  it('is one sum for each currency, with how many orders it is of', () => {
    expect(sumsOf([money(10, 'BRL'), money(5_000, 'IDR'), money(2.5, 'BRL')])).toEqual([
      { currency: 'BRL', amount: 12.5, orders: 2 },
      { currency: 'IDR', amount: 5_000, orders: 1 },
    ]);
    expect(sumsOf([])).toEqual([]);
  });

  it('is in alphabetical order of the currencies, in whatever order they come', () => {
    const sorted = ['BRL', 'EUR', 'IDR', 'USD'];
    for (const order of [sorted, sorted.toReversed(), ['IDR', 'BRL', 'USD', 'EUR']]) {
      expect(sumsOf(order.map((currency) => money(1, currency))).map(({ currency }) => currency)).toEqual(sorted);
    }
  });

  it('is exact to the hundredth', () => {
    expect(sumsOf([money(0.1, 'BRL'), money(0.2, 'BRL')])).toEqual([{ currency: 'BRL', amount: 0.3, orders: 2 }]);
    expect(sumsOf([money(1.1, 'BRL'), money(2.2, 'BRL'), money(-0.35, 'BRL')])).toEqual([
      { currency: 'BRL', amount: 2.95, orders: 3 },
    ]);
  });
});
