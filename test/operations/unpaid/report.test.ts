import { describe, expect, it } from '@jest/globals';
import { newReport, noteOrder } from '../../../functions/operations/unpaid/report.ts';
import type { Money } from '../../../functions/providers/cancelled-order.ts';

describe('what a run says of the worth of its orders', () => {
  it('is a sum for each currency, of those that tell it', () => {
    const report = newReport('toko', { dryRun: true });
    const totals: (Money | null)[] = [
      { amount: 0.1, currency: 'BRL' },
      { amount: 100_000, currency: 'IDR' },
      null,
      { amount: 0.2, currency: 'BRL' },
    ];
    for (const [index, total] of totals.entries()) {
      const order = { payment: 'none', cashOnDelivery: false, origin: 'APP', madeBy: 0, warnings: [] } as const;
      noteOrder(report, { ...order, orderId: String(index), isActive: true, isWaiting: true, total }, null);
    }
    expect(report.orders.map(({ orderId }) => orderId)).toEqual(['0', '1', '2', '3']);
    expect(report.sums).toEqual([
      { currency: 'BRL', amount: 0.3, orders: 2 },
      { currency: 'IDR', amount: 100_000, orders: 1 },
    ]);
  });
});
