import type { UnpaidOrder } from '../../../functions/providers/provider.ts';

/** The unpaid order of the documentation's `GET /order`, without the fields that are not read of it. */
export const DOCUMENTED = {
  order_id: 1114,
  po_number: 10575,
  order_date: '2020-10-06',
  total_amount: 304000,
  order_progress_status: 'UNPAID',
  order_status: 'ACCEPTED',
  order_category: 'APP',
  payment_status: 'UNPAID',
  payment_date: null,
  products: [{ product_meta_id: 7978133, name: 'Sandal', price: 10000, quantity: 2 }],
  shopee: null,
  created_at: '2020-10-06 16:10:02',
  updated_at: '2020-10-06 16:10:02',
  awb_number: null,
};

/** What it is read as, in Jakarta. */
export const AS_READ: UnpaidOrder = {
  orderId: '1114',
  isActive: true,
  payment: 'none',
  isWaiting: true,
  cashOnDelivery: null,
  origin: 'APP',
  // The end of its bare date, in Jakarta, which is later than the time of its making.
  madeBy: Date.parse('2020-10-06T16:59:59.999Z'),
  warnings: [],
  total: { amount: 304000, currency: 'IDR' },
};
