import { BEHAVIOURS } from './behaviours.ts';
import type { InitialState } from './order-book.ts';

/** An order in its first state. */
export interface EstokaSandboxOrder {
  readonly id: string;
  readonly initially: InitialState;
  readonly document: Readonly<Record<string, unknown>> & { readonly status: string };
  readonly histories: readonly EstokaHistoryRow[];
}

export interface EstokaHistoryRow {
  readonly id: number;
  readonly user_id: null;
  readonly order_id: number;
  readonly reported_at: string;
  readonly status: string;
  readonly message: string;
  readonly created_at: string;
  readonly updated_at: string;
}

export const ORGANIZATION_ID = 1;
/** The id of the history row of order 340's cancellation in the vendor's sample. The sandbox's own rows count on from here. */
export const FIRST_HISTORY_ID = 591;

const address = {
  city: 'Rio de Janeiro',
  state: 'RJ',
  detail: 'ap 99',
  number: '999',
  street: 'Rua São Francisco Xavier',
  country: 'BR',
  zipcode: '20550012',
  city_code: '3304557',
  neighborhood: 'Tijuca',
};

/** The vendor's sample order, as it was before it was cancelled. */
const sampleOrder: EstokaSandboxOrder = {
  id: '340',
  initially: 'active',
  document: {
    id: 340,
    organization_id: ORGANIZATION_ID,
    data: {
      code: '2815308660008',
      items: [
        { quantity: 10, item_value: 30, unit_price: 3, product_sku_id: 112 },
        { quantity: 8, item_value: 32, unit_price: 4, product_sku_id: 113 },
      ],
      comments: null,
      customer: {
        name: 'Felipe Flores',
        email: '17653481612@email.com.br',
        phones: ['21 999999999', '21 999999999'],
        document: '01527675173',
      },
      discount: 0,
      payments: [{ value: 120, method: '3', installments: 1 }],
      shipping: 0,
      placed_at: '2018-08-22T15:11:06.000-03:00',
      total_value: 62,
      billing_address: address,
      emission_status: null,
      shipping_address: { ...address, city_code: null },
    },
    created_at: '2018-08-22T11:34:55.466-03:00',
    updated_at: '2018-08-22T11:35:06.872-03:00',
    status: 'waiting_picking',
    stock_id: 1,
    sale_channel_id: 1,
    order_volumes: [],
    order_returns: [
      { id: 43, order_id: 340, status: 'finished', returned_products: [{ id: 57, total: 2, comments: 'Cor errada' }] },
    ],
  },
  histories: [
    row(131, 340, 'pending_return', '2018-08-22T11:35:06.779-03:00', returned('Solicitação de devolução dos produtos')),
    row(132, 340, 'completed_return', '2018-08-22T11:35:06.870-03:00', returned('Itens devolvidos ao estoque')),
  ],
};

/** The states of the made orders, in turn. */
const TURNS = [
  { status: 'waiting_picking', initially: 'active', events: [] },
  { status: 'billing', initially: 'active', events: ['picked', 'packed', 'nfe_issued'] },
  { status: 'delivered', initially: 'closed', events: ['picked', 'packed', 'nfe_issued', 'released', 'delivered'] },
  { status: 'picking', initially: 'active', events: ['picked'] },
  { status: 'cancelled', initially: 'cancelled', events: ['completed_cancel'] },
] as const;

const MADE_ORDERS = 30;

export const ESTOKA_ORDERS: readonly EstokaSandboxOrder[] = [
  sampleOrder,
  ...Array.from({ length: MADE_ORDERS }, (_, index) => madeOrder(401 + index, TURNS[index % TURNS.length] ?? TURNS[0])),
  ...BEHAVIOURS.map(({ orderId }) => madeOrder(Number(orderId), TURNS[0])),
];

function madeOrder(id: number, turn: (typeof TURNS)[number]): EstokaSandboxOrder {
  const placedAt = new Date(Date.UTC(2026, id % 12, 1 + (id % 28), 12)).toISOString().replace('Z', '-03:00');
  const quantity = 1 + (id % 4);
  const itemValue = quantity * 25;
  return {
    id: String(id),
    initially: turn.initially,
    document: {
      id,
      organization_id: ORGANIZATION_ID,
      data: {
        code: `SANDBOX-${id}`,
        items: [{ quantity, item_value: itemValue, unit_price: 25, product_sku_id: 112 }],
        comments: null,
        customer: {
          name: `Cliente Fictício ${id}`,
          email: `cliente-${id}@example.com`,
          phones: ['21 000000000'],
          document: '00000000000',
        },
        discount: 0,
        payments: [{ value: itemValue, method: id % 3 === 0 ? '15' : '3', installments: 1 }],
        shipping: 0,
        placed_at: placedAt,
        total_value: itemValue,
        billing_address: { ...address, street: 'Rua de Exemplo', zipcode: '00000000' },
        emission_status: null,
        shipping_address: { ...address, street: 'Rua de Exemplo', zipcode: '00000000', city_code: null },
      },
      created_at: placedAt,
      updated_at: placedAt,
      status: turn.status,
      stock_id: 1,
      sale_channel_id: 1,
      order_volumes: [],
      order_returns: [],
    },
    histories: turn.events.map((event, index) => row(150 + index, id, event, placedAt, `Evento ${event}`)),
  };
}

export function row(id: number, orderId: number, status: string, at: string, message: string): EstokaHistoryRow {
  return { id, user_id: null, order_id: orderId, reported_at: at, status, message, created_at: at, updated_at: at };
}

function returned(what: string): string {
  return `${what}: <strong>Camiseta #2 - Camiseta florida - Branco, G</strong> (2 UN)`;
}
