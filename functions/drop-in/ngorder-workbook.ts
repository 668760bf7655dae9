import type { Cell } from '../exports/cell.ts';
import { workbook, type Column } from '../exports/workbook.ts';
import type { OriginalOrder } from '../providers/provider.ts';

/** The fields of a cancelled order, in the order of ngorder's documentation. Its products have their own sheet. */
const ORDER_FIELDS = [
  ...['order_id', 'po_number', 'username', 'invoice', 'shop_id', 'order_date', 'sender_name', 'sender_category'],
  ...['sender_category_code', 'sender_address', 'receiver_name', 'receiver_address', 'receiver_phone', 'total_amount'],
  ...['remaining_amount', 'shipping_id', 'shipping_rate', 'shipping_logistic', 'shipping_cost', 'weight', 'note'],
  ...['origin_name', 'origin_address', 'order_source', 'other_cost_amount', 'order_progress_status', 'order_status'],
  ...['order_category', 'payment_status', 'payment_date', 'shopee', 'created_by_name', 'created_at', 'updated_by_name'],
  ...['updated_at', 'awb_number', 'product_status', 'cost_of_goods_sales', 'order_cost', 'bank_name', 'warehouse_name'],
  'cod_status',
];
const PRODUCT_FIELDS = ['product_meta_id', 'sku', 'name', 'price', 'quantity', 'thumbnail_url', 'color', 'size'];
const OF_ORDER = ['order_id', 'po_number'];

/** Creates an .xlsx file of ngorder's rows, with a sheet Orders, and a sheet Products with a row for each product of an order. */
export function ngorderWorkbook(orders: readonly OriginalOrder[], now: Date): AsyncGenerator<Uint8Array> {
  const products = orders.flatMap((order) =>
    productsOf(order).map((product) => [...cells(order, OF_ORDER), ...cells(product, PRODUCT_FIELDS)]),
  );
  return workbook(
    [
      { name: 'Orders', columns: ORDER_FIELDS.map(column), pages: [orders.map((order) => cells(order, ORDER_FIELDS))] },
      { name: 'Products', columns: [...OF_ORDER, ...PRODUCT_FIELDS].map(column), pages: [products] },
    ],
    { now },
  );
}

function productsOf({ products }: OriginalOrder): OriginalOrder[] {
  const listed = typeof products === 'object' && products !== null ? Object.values(products) : products;
  if (listed === undefined || listed === null) return [];
  // Nothing is left out: a value that is not a list of products is shown as ngorder wrote it.
  return Array.isArray(listed) && listed.every(isRecord) ? listed : [{ name: JSON.stringify(products) }];
}

function isRecord(value: unknown): value is OriginalOrder {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function column(header: string): Column {
  return { header, widthCharacters: Math.max(12, header.length + 2) };
}

function cells(thing: OriginalOrder, fields: readonly string[]): Cell[] {
  return fields.map((field) => cellOf(thing[field]));
}

/** As ngorder wrote it: numbers stay numbers, and texts stay texts even if they look like numbers. */
function cellOf(value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number' || typeof value === 'string') return value;
  return JSON.stringify(value);
}
