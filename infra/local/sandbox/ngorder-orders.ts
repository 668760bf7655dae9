import { BEHAVIOURS } from './behaviours.ts';
import type { InitialState } from './order-book.ts';

/** The list that an order is in. */
export type NgorderList = 'ACTIVE' | 'CANCEL' | 'REJECTED' | 'EXPIRED';

export interface NgorderSandboxOrder {
  readonly id: string;
  readonly list: NgorderList;
  readonly initially: InitialState;
  readonly row: NgorderSandboxRow;
  /** The payment arrives while orders are listed: the list shows the order as unpaid, the order itself is paid. */
  readonly isPaidMeanwhile?: true;
}

export type NgorderSandboxRow = Readonly<Record<string, unknown>> & {
  readonly order_id: number;
  readonly po_number: number;
  readonly order_date: string;
};

/** The `order_status` in each list. */
const STATUS = { ACTIVE: 'ACCEPTED', CANCEL: 'CANCELED', REJECTED: 'REJECTED', EXPIRED: 'EXPIRED' } as const;

/** The fields that the vendor's two sample rows share. */
const common = {
  username: 'user',
  shop_id: 7,
  sender_name: 'Tusfendi',
  sender_category: 'PELANGGAN',
  sender_category_code: 'N',
  sender_address: 'Desa ABC',
  receiver_name: 'Tusfendi',
  receiver_address: 'Desa ABC, Kec. Srono, Kabupaten Banyuwangi, 68471, Jawa Timur',
  receiver_phone: '0812345678',
  total_amount: 0,
  remaining_amount: 0,
  shipping_id: 98,
  shipping_rate: '',
  shipping_logistic: 'Ambil di Toko',
  shipping_cost: 0,
  weight: 2,
  note: '',
  origin_name: 'A Supplier 1',
  origin_address: 'Jalan Bondowoso',
  order_source: '',
  other_cost_amount: 0,
  order_category: 'APP',
  shopee: null,
  created_by_name: 'tusfendi',
  updated_by_name: '',
  awb_number: '',
  product_status: 'S',
  cost_of_goods_sales: 0,
  order_cost: null,
  bank_name: null,
  warehouse_name: null,
  cod_status: false,
};

const product = {
  product_meta_id: 8055339,
  sku: null,
  name: 'Kaos Yes Biru',
  price: 10000,
  quantity: 10,
  thumbnail_url: 'https://s3-ap-southeast-1.amazonaws.com/technoidea/products/default.jpg',
  color: null,
  size: null,
};

/** The vendor's samples: two orders in the cancelled list, and the one that its sample cancels. */
const sampleOrders: readonly NgorderSandboxOrder[] = [
  {
    id: '566',
    list: 'CANCEL',
    initially: 'cancelled',
    row: {
      ...common,
      order_id: 566,
      po_number: 505,
      invoice: 'INV.2021.01.18.505',
      order_date: '2021-01-18 10:37:42',
      order_progress_status: 'NO AWB',
      order_status: 'CANCELED',
      payment_status: 'PAID',
      payment_date: '2021-01-18',
      products: [product],
      created_at: '2021-01-18 10:37:42',
      updated_at: '2021-01-18 10:37:42',
      bank_name: 'Srono',
    },
  },
  {
    id: '558',
    list: 'CANCEL',
    initially: 'cancelled',
    row: {
      ...common,
      order_id: 558,
      po_number: 497,
      shop_id: 1,
      invoice: 'INV.2021.01.12.497',
      order_date: '2021-01-12 11:21:27',
      sender_address: 'Desa',
      receiver_address: 'Desa, Kec. Srono, Kabupaten Banyuwangi, 68471, Jawa Timur',
      origin_address: 'Jl. Abc',
      order_progress_status: 'UNPAID',
      order_status: 'CANCELED',
      payment_status: 'UNPAID',
      payment_date: '2021-01-12',
      products: [{ ...product, name: 'Kaos Yes', price: 20000 }],
      created_at: '2021-01-14 11:21:27',
      updated_by_name: 'tusfendi',
      updated_at: '2021-01-14 11:21:27',
    },
  },
  madeOrder(1338, 10735, { list: 'ACTIVE', initially: 'active', progress: 'NO AWB', payment: 'PAID' }),
];

/** The states of the made orders, in turn. */
const TURNS = [
  { list: 'ACTIVE', initially: 'active', progress: 'UNPAID', payment: 'UNPAID' },
  { list: 'ACTIVE', initially: 'active', progress: 'NO AWB', payment: 'PAID' },
  { list: 'ACTIVE', initially: 'closed', progress: 'DELIVERED', payment: 'PAID', awb: 'JX0000000000' },
  { list: 'ACTIVE', initially: 'active', progress: 'UNPROCESSED', payment: 'INSTALLMENT', category: 'SHOPEE' },
  { list: 'CANCEL', initially: 'cancelled', progress: 'NO AWB', payment: 'UNPAID' },
  { list: 'REJECTED', initially: 'closed', progress: 'UNPAID', payment: 'UNPAID' },
  { list: 'EXPIRED', initially: 'closed', progress: 'UNPAID', payment: 'UNPAID' },
] as const satisfies readonly Turn[];

interface Turn {
  readonly list: NgorderList;
  readonly initially: InitialState;
  readonly progress: string;
  readonly payment: string;
  readonly awb?: string;
  readonly category?: string;
  readonly isCashOnDelivery?: true;
}

/** Orders from the storefront that have been unpaid for long. */
const UNPAID = { list: 'ACTIVE', initially: 'active', progress: 'UNPAID', payment: 'UNPAID' } as const;
const unpaidOrders: readonly NgorderSandboxOrder[] = [
  madeOrder(1501, 10901, { ...UNPAID, category: 'STORE_FRONT' }),
  madeOrder(1502, 10902, { ...UNPAID, category: 'SF_GUEST' }),
  madeOrder(1503, 10903, { ...UNPAID, category: 'SF_GUEST', isCashOnDelivery: true }),
  { ...madeOrder(1504, 10904, { ...UNPAID, category: 'STORE_FRONT' }), isPaidMeanwhile: true },
];

const MADE_ORDERS = 35;
/** Enough old cancelled orders that looking one up takes more than one page of 50. */
const OLD_CANCELLED_ORDERS = 60;

export const NGORDER_ORDERS: readonly NgorderSandboxOrder[] = [
  ...sampleOrders,
  ...Array.from({ length: OLD_CANCELLED_ORDERS }, (_, index) => madeOrder(601 + index, 540 + index, TURNS[4])),
  ...Array.from({ length: MADE_ORDERS }, (_, index) =>
    madeOrder(1401 + index, 10800 + index, TURNS[index % TURNS.length] ?? TURNS[0]),
  ),
  ...unpaidOrders,
  ...BEHAVIOURS.map(({ orderId }) => madeOrder(Number(orderId), 20000 + Number(orderId), TURNS[1])),
];

function madeOrder(id: number, poNumber: number, turn: Turn): NgorderSandboxOrder {
  const day = new Date(Date.UTC(2026, id % 10, 1 + (id % 28))).toISOString().slice(0, 10);
  return {
    id: String(id),
    list: turn.list,
    initially: turn.initially,
    row: {
      ...common,
      order_id: id,
      po_number: poNumber,
      invoice: `INV.${day.replaceAll('-', '.')}.${poNumber}`,
      order_date: `${day} 09:30:00`,
      sender_name: 'Toko Contoh',
      sender_address: 'Jalan Contoh',
      receiver_name: `Pelanggan Contoh ${id}`,
      receiver_address: 'Jalan Contoh 1, Kec. Contoh, 00000, Jawa Timur',
      receiver_phone: '080000000000',
      total_amount: 100000,
      remaining_amount: turn.payment === 'PAID' ? 0 : 100000,
      order_progress_status: turn.progress,
      order_status: STATUS[turn.list],
      order_category: turn.category ?? 'APP',
      shopee: turn.category === 'SHOPEE' ? { invoice: `SANDBOX${id}` } : null,
      payment_status: turn.payment,
      payment_date: turn.payment === 'UNPAID' ? null : day,
      cod_status: turn.isCashOnDelivery ?? false,
      products: [product],
      created_at: `${day} 09:30:00`,
      updated_at: `${day} 09:30:00`,
      awb_number: turn.awb ?? '',
    },
  };
}
