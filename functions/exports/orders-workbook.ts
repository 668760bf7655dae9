import type { CancelledOrder, CancelledOrderItem } from '../providers/cancelled-order.ts';
import { MOST_CHARACTERS, type Cell } from './cell.ts';
import type { ExportQuery } from './export-job.ts';
import type { Pages } from './once.ts';
import { workbook, type Column, type Row } from './workbook.ts';

/** The contents of a workbook of cancelled orders. */
export interface OrdersToExport {
  /** Called once for each sheet of orders. */
  readonly pages: Pages;
  readonly filters: ExportQuery;
  /** Connections with missing orders, and why they are missing. */
  readonly incomplete: readonly { readonly connection: string; readonly problem: string }[];
  /** When the last page was read: RFC 3339 UTC. */
  readonly readAt: string;
}

/** Creates an .xlsx file with the sheets Orders, Items and About, piece by piece. */
export function ordersWorkbook(orders: OrdersToExport): AsyncGenerator<Uint8Array> {
  const seen: Seen = { orders: 0, items: 0, withoutItems: 0, sources: new Map(), cutTexts: 0 };
  const columns = orders.filters.includeCustomer ? [...ORDER_COLUMNS, ...CUSTOMER_COLUMNS] : ORDER_COLUMNS;
  return workbook(
    [
      { name: 'Orders', columns, pages: orderRows(orders, columns, seen) },
      { name: 'Items', columns: ITEM_COLUMNS, pages: itemRows(orders, seen) },
      { name: 'About', columns: ABOUT_COLUMNS, pages: aboutRows(orders, seen) },
    ],
    { now: new Date(orders.readAt) },
  );
}

/** What the last sheet reports about the others. */
interface Seen {
  orders: number;
  items: number;
  /** Orders whose items are not shown or could not be read. */
  withoutItems: number;
  readonly sources: Map<string, Set<CancelledOrder['source']>>;
  cutTexts: number;
}

interface ColumnOf<Thing> extends Column {
  readonly cell: (thing: Thing) => Cell;
}

const ORDER_COLUMNS: readonly ColumnOf<CancelledOrder>[] = [
  { header: 'Connection', widthCharacters: 18, cell: ({ connection }) => connection },
  { header: 'Provider', widthCharacters: 12, cell: ({ provider }) => provider },
  { header: 'Order id', widthCharacters: 16, cell: ({ orderId }) => orderId },
  { header: 'Number', widthCharacters: 20, cell: ({ number }) => number },
  { header: 'Type', widthCharacters: 11, cell: ({ type }) => type },
  { header: 'Ordered at (UTC)', widthCharacters: 20, cell: ({ orderedAt }) => time(orderedAt) },
  { header: 'Cancelled at (UTC)', widthCharacters: 20, cell: ({ cancelledAt }) => time(cancelledAt) },
  { header: 'Created at (UTC)', widthCharacters: 20, cell: ({ createdAt }) => time(createdAt) },
  { header: 'Updated at (UTC)', widthCharacters: 20, cell: ({ updatedAt }) => time(updatedAt) },
  { header: 'Total', widthCharacters: 14, cell: ({ total }) => total?.amount ?? null },
  { header: 'Currency', widthCharacters: 10, cell: ({ total }) => total?.currency ?? null },
  { header: 'Payment status', widthCharacters: 16, cell: ({ paymentStatus }) => paymentStatus },
  { header: 'Items', widthCharacters: 8, cell: ({ items }) => items?.length ?? null },
  { header: 'Source', widthCharacters: 10, cell: ({ source }) => source },
  { header: 'Not readable', widthCharacters: 20, cell: notReadable },
];

const CUSTOMER_COLUMNS: readonly ColumnOf<CancelledOrder>[] = [
  { header: 'Customer', widthCharacters: 28, cell: ({ customer }) => customer?.name ?? null },
  { header: 'Document', widthCharacters: 18, cell: ({ customer }) => customer?.document ?? null },
  { header: 'E-mail', widthCharacters: 28, cell: ({ customer }) => customer?.email ?? null },
  { header: 'Phones', widthCharacters: 20, cell: ({ customer }) => customer?.phones?.join(', ') ?? null },
  { header: 'Address', widthCharacters: 40, cell: ({ customer }) => customer?.address ?? null },
];

interface ItemOfOrder {
  readonly order: CancelledOrder;
  readonly item: CancelledOrderItem;
}

const ITEM_COLUMNS: readonly ColumnOf<ItemOfOrder>[] = [
  { header: 'Connection', widthCharacters: 18, cell: ({ order }) => order.connection },
  { header: 'Order id', widthCharacters: 16, cell: ({ order }) => order.orderId },
  { header: 'Number', widthCharacters: 20, cell: ({ order }) => order.number },
  { header: 'SKU', widthCharacters: 18, cell: ({ item }) => item.sku },
  { header: 'Name', widthCharacters: 36, cell: ({ item }) => item.name },
  { header: 'Quantity', widthCharacters: 10, cell: ({ item }) => item.quantity },
  { header: 'Unit price', widthCharacters: 14, cell: ({ item }) => item.unitPrice },
  { header: 'Currency', widthCharacters: 10, cell: ({ order }) => order.total?.currency ?? null },
];

const ABOUT_COLUMNS: readonly Column[] = [
  { header: 'What', widthCharacters: 28 },
  { header: 'Value', widthCharacters: 48 },
  { header: 'Note', widthCharacters: 60 },
];

async function* orderRows(
  { pages }: OrdersToExport,
  columns: readonly ColumnOf<CancelledOrder>[],
  seen: Seen,
): AsyncGenerator<Row[]> {
  for await (const page of pages()) {
    seen.orders += page.length;
    for (const { connection, source } of page) {
      const sources = seen.sources.get(connection) ?? new Set();
      seen.sources.set(connection, sources.add(source));
    }
    yield page.map((order) => rowOf(order, columns, seen));
  }
}

async function* itemRows({ pages }: OrdersToExport, seen: Seen): AsyncGenerator<Row[]> {
  for await (const page of pages()) {
    const items = page.flatMap((order) => (order.items ?? []).map((item) => ({ order, item })));
    seen.items += items.length;
    seen.withoutItems += page.filter((order) => order.items === null).length;
    yield items.map((item) => rowOf(item, ITEM_COLUMNS, seen));
  }
}

function* aboutRows({ filters, incomplete, readAt }: OrdersToExport, seen: Seen): Generator<Row[]> {
  const sources = filters.connections.map((connection): Row => {
    const told = seen.sources.get(connection);
    return ['Source', connection, told === undefined ? 'no orders' : [...told].sort().join(' and ')];
  });
  const missing = incomplete.map(({ connection, problem }): Row => ['Incomplete', connection, problem]);
  yield [
    ['Content', 'Cancelled orders', null],
    ['Read at (UTC)', time(readAt), null],
    ['Type', filters.type ?? 'every type', null],
    ['Ordered from', ...moment(filters.from)],
    ['Ordered until', ...moment(filters.to)],
    ['Customers', filters.includeCustomer ? 'included' : 'left out', null],
    ['Orders', seen.orders, null],
    ['Items', seen.items, null],
    ...(seen.withoutItems === 0
      ? []
      : [['Orders without items', seen.withoutItems, 'the items are not shown, or could not be read'] as const]),
    ...sources,
    ...(missing.length === 0 ? [['Incomplete', 'nothing', 'every connection was read to its end'] as const] : missing),
    ...(seen.cutTexts === 0
      ? []
      : [['Cut texts', seen.cutTexts, `longer than the ${MOST_CHARACTERS} characters that a cell can hold`] as const]),
  ];
}

/** Returns the fields that are empty because the value shown could not be read. */
function notReadable({ unread = [], customer }: CancelledOrder): Cell {
  const fields = [...unread, ...(customer?.unread ?? []).map((field) => `customer.${field}`)];
  return fields.join(', ') || null;
}

function rowOf<Thing>(thing: Thing, columns: readonly ColumnOf<Thing>[], seen: Seen): Row {
  return columns.map(({ cell }) => {
    const value = cell(thing);
    if (typeof value === 'string' && value.length > MOST_CHARACTERS) seen.cutTexts += 1;
    return value;
  });
}

/** A date is a different span of time in each connection's time zone, so it stays a date. */
function moment(text: string): [Cell, string] {
  const isDate = text.length === '2026-08-01'.length;
  return isDate
    ? [text, "inclusive: the whole day in each connection's time zone"]
    : [new Date(text), 'inclusive, in UTC'];
}

function time(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}
