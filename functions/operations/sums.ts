import type { Money } from '../providers/cancelled-order.ts';

/** The total worth of several orders in one currency. */
export interface Sum extends Money {
  readonly orders: number;
}

/** Returns one sum for each currency, in alphabetical order. */
export function sumsOf(totals: readonly Money[]): Sum[] {
  const sums = new Map<string, { hundredths: number; orders: number }>();
  for (const { amount, currency } of totals) {
    const { hundredths, orders } = sums.get(currency) ?? { hundredths: 0, orders: 0 };
    // Hundredths are added up, so that 0.1 and 0.2 make 0.3.
    sums.set(currency, { hundredths: hundredths + Math.round(amount * 100), orders: orders + 1 });
  }
  return [...sums]
    .map(([currency, { hundredths, orders }]) => ({ currency, amount: hundredths / 100, orders }))
    .sort((a, b) => (a.currency < b.currency ? -1 : 1));
}
