/**
 * A cancelled order, in one shape for every provider. A field that the provider does not tell is null, never guessed.
 * Times are RFC 3339 UTC.
 */
export interface CancelledOrder {
  readonly connection: string;
  readonly provider: string;
  /** The provider's own id (ngorder `order_id`). */
  readonly orderId: string;
  /** The number that the merchant knows it by (Estoka `data.code`, ngorder `po_number`). */
  readonly number: string | null;
  readonly type: CancelledOrderType;
  readonly orderedAt: string | null;
  /** ngorder has none: it is the ledger's, where the ledger has one. */
  readonly cancelledAt: string | null;
  readonly createdAt: string | null;
  readonly updatedAt: string | null;
  /** Major units: 62.5 BRL, 10000 IDR. */
  readonly total: Money | null;
  /** The provider's own word. */
  readonly paymentStatus: string | null;
  readonly items: readonly CancelledOrderItem[];
  /** Only for a caller who may see personal data and asked for it. */
  readonly customer?: Customer | null;
  /** Who told: the provider, or the ledger where the provider has no list. */
  readonly source: 'provider' | 'ledger';
}

export const CANCELLED_ORDER_TYPES = ['cancelled', 'rejected', 'expired'] as const;
export type CancelledOrderType = (typeof CANCELLED_ORDER_TYPES)[number];

export interface Money {
  readonly amount: number;
  /** ISO 4217. */
  readonly currency: string;
}

export interface CancelledOrderItem {
  readonly sku: string | null;
  readonly name: string | null;
  readonly quantity: number | null;
  /** In the currency of the order's total. */
  readonly unitPrice: number | null;
}

/** Personal data: never logged, never in the ledger. */
export interface Customer {
  readonly name: string | null;
  readonly document: string | null;
  readonly email: string | null;
  readonly phones: readonly string[];
  readonly address: string | null;
}
