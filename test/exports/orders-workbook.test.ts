import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { ordersWorkbook, type OrdersToExport } from '../../functions/exports/orders-workbook.ts';
import type { CancelledOrder } from '../../functions/providers/cancelled-order.ts';
import { bytesOf, filesOf, readByHucre, type ReadSheet } from './readers.ts';

const BARE: CancelledOrder = {
  connection: 'loja-rio',
  provider: 'estoka',
  orderId: '340',
  number: null,
  type: 'cancelled',
  orderedAt: null,
  cancelledAt: '2026-03-02T10:00:00.000Z',
  createdAt: null,
  updatedAt: null,
  total: null,
  paymentStatus: null,
  items: [],
  source: 'ledger',
};
const FULL: CancelledOrder = {
  ...BARE,
  connection: 'toko-jaya',
  provider: 'ngorder',
  orderId: '1338123456789012345',
  number: '=1+1',
  orderedAt: '2026-03-01T16:30:00.000Z',
  total: { amount: 10000, currency: 'IDR' },
  paymentStatus: 'PAID',
  items: [
    { sku: '0012', name: 'Kemeja', quantity: 2, unitPrice: 5000.5 },
    { sku: null, name: '@hostile', quantity: null, unitPrice: null },
  ],
  customer: {
    name: 'Ana',
    document: '52998224725',
    email: 'ana@example.com',
    phones: ['+62 811', '+62 812'],
    address: 'Jl. Mawar 1\nJakarta',
  },
  source: 'provider',
};

const FILTERS = {
  connections: ['loja-rio', 'toko-jaya', 'toko-abadi'],
  type: null,
  from: '2026-03-01T00:00:00.000Z',
  to: '2026-03-31',
  includeCustomer: false,
};

async function sheetsOf(change: Partial<OrdersToExport> = {}): Promise<Record<string, ReadSheet>> {
  const orders = {
    pages: () => [[BARE], [FULL]],
    filters: FILTERS,
    incomplete: [{ connection: 'toko-abadi', problem: 'timed_out' }],
    readAt: '2026-04-01T08:00:00.000Z',
    ...change,
  };
  const sheets = await readByHucre(await bytesOf(ordersWorkbook(orders)));
  return Object.fromEntries(sheets.map((sheet) => [sheet.name, sheet]));
}

/** A row by its headers. */
function row(sheet: ReadSheet | undefined, at: number) {
  const headers = sheet?.rows[0]?.map(({ value }) => String(value)) ?? [];
  return Object.fromEntries(headers.map((header, column) => [header, sheet?.rows[at]?.[column]?.value ?? null]));
}

describe('a workbook of cancelled orders', () => {
  it('is written letter for letter as it was when its readers opened it last', async () => {
    const filters = { ...FILTERS, includeCustomer: true };
    const orders = { pages: () => [[BARE], [FULL]], filters, incomplete: [], readAt: '2026-04-01T08:00:00.000Z' };
    const files = filesOf(await bytesOf(ordersWorkbook(orders)));
    const text = files.map((file) => `${file.name}\n${file.text.replaceAll('><', '>\n<')}\n`).join('\n');
    expect(text).toBe(readFileSync(new URL('fixtures/orders-workbook.txt', import.meta.url), 'utf8'));
  });

  it('has a row for each order: ids and numbers as text, amounts as numbers, times in UTC, nothing where nothing is known', async () => {
    const { Orders } = await sheetsOf();
    expect(Orders?.rows).toHaveLength(3);
    expect(row(Orders, 2)).toEqual({
      Connection: 'toko-jaya',
      Provider: 'ngorder',
      'Order id': '1338123456789012345',
      Number: '=1+1',
      Type: 'cancelled',
      'Ordered at (UTC)': '2026-03-01T16:30:00.000Z',
      'Cancelled at (UTC)': '2026-03-02T10:00:00.000Z',
      'Created at (UTC)': null,
      'Updated at (UTC)': null,
      Total: 10000,
      Currency: 'IDR',
      'Payment status': 'PAID',
      Items: 2,
      'Not readable': null,
      Source: 'provider',
    });
    expect(row(Orders, 1)).toMatchObject({ 'Order id': '340', Number: null, Total: null, Items: 0, Source: 'ledger' });
  });

  it('does not show what could not be read as if there were none', async () => {
    const unread: CancelledOrder = {
      ...FULL,
      total: null,
      items: null,
      unread: ['total', 'items'],
      customer: { name: null, document: null, email: null, phones: null, address: null, unread: ['phones'] },
    };
    const { Orders, About } = await sheetsOf({
      pages: () => [[BARE, unread]],
      filters: { ...FILTERS, includeCustomer: true },
    });
    expect(row(Orders, 1)).toMatchObject({ Items: 0, 'Not readable': null });
    expect(row(Orders, 2)).toMatchObject({
      Items: null,
      Phones: null,
      'Not readable': 'total, items, customer.phones',
    });
    expect(About?.rows.map((cells) => cells.map(({ value }) => value).slice(0, 2))).toContainEqual([
      'Orders without items',
      1,
    ]);
  });

  it('has a row for each item, with the order that it is of', async () => {
    const { Items } = await sheetsOf();
    expect(Items?.rows).toHaveLength(3);
    expect(row(Items, 1)).toEqual({
      Connection: 'toko-jaya',
      'Order id': '1338123456789012345',
      Number: '=1+1',
      SKU: '0012',
      Name: 'Kemeja',
      Quantity: 2,
      'Unit price': 5000.5,
      Currency: 'IDR',
    });
    expect(row(Items, 2)).toMatchObject({ SKU: null, Name: '@hostile', Quantity: null, 'Unit price': null });
  });

  it('says what it is made of, and what is missing', async () => {
    const { About } = await sheetsOf();
    expect(About?.rows.slice(1).map((cells) => cells.map(({ value }) => value).slice(0, 3))).toEqual([
      ['Content', 'Cancelled orders', null],
      ['Read at (UTC)', '2026-04-01T08:00:00.000Z', null],
      ['Type', 'every type', null],
      ['Ordered from', '2026-03-01T00:00:00.000Z', 'inclusive, in UTC'],
      ['Ordered until', '2026-03-31', "inclusive: the whole day in each connection's time zone"],
      ['Customers', 'left out', null],
      ['Orders', 2, null],
      ['Items', 2, null],
      ['Source', 'loja-rio', 'ledger'],
      ['Source', 'toko-jaya', 'provider'],
      ['Source', 'toko-abadi', 'no orders'],
      ['Incomplete', 'toko-abadi', 'timed_out'],
    ]);
  });

  it('says so when nothing is missing, and when a text was cut', async () => {
    const { About } = await sheetsOf({
      incomplete: [],
      pages: () => [[{ ...BARE, number: 'x'.repeat(40_000) }]],
    });
    expect(About?.rows.slice(-2).map((cells) => cells.slice(0, 2).map(({ value }) => value))).toEqual([
      ['Incomplete', 'nothing'],
      ['Cut texts', 1],
    ]);
  });

  it('has the customers only where they were asked for, also when the orders have them', async () => {
    const without = await bytesOf(
      ordersWorkbook({ pages: () => [[FULL]], filters: FILTERS, incomplete: [], readAt: '2026-04-01T08:00:00.000Z' }),
    );
    const texts = (await readByHucre(without)).flatMap(({ rows }) => rows.flat().map(({ value }) => value));
    expect(texts).not.toContain('Ana');
    expect(texts).not.toContain('52998224725');

    const { Orders } = await sheetsOf({ filters: { ...FILTERS, includeCustomer: true } });
    expect(row(Orders, 2)).toMatchObject({
      Customer: 'Ana',
      Document: '52998224725',
      'E-mail': 'ana@example.com',
      Phones: '+62 811, +62 812',
      Address: 'Jl. Mawar 1\nJakarta',
    });
    expect(row(Orders, 1)).toMatchObject({ Customer: null, Phones: null });
  });
});
