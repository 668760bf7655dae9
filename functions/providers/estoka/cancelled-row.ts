import type { Money } from '../cancelled-order.ts';
import type { ListedOrder } from '../provider.ts';
import { versionOf } from '../version.ts';
import type { EstokaAccount, EstokaOrder } from './wire.ts';

/** A cancelled order of Estoka's, in our words. Amounts are BRL; what was paid, and whether, Estoka does not tell. */
export function listedOf(account: Pick<EstokaAccount, 'connection' | 'credential'>, order: EstokaOrder): ListedOrder {
  const { data } = order;
  const address = data?.shipping_address ?? data?.billing_address;
  const parts = [address?.street, address?.detail, address?.neighborhood, address?.city, address?.zipcode];
  return {
    order: {
      connection: account.connection,
      provider: 'estoka',
      orderId: order.id,
      number: data?.code ?? null,
      type: 'cancelled',
      orderedAt: timeOf(data?.placed_at),
      cancelledAt: cancelledAtOf(order),
      createdAt: timeOf(order.created_at),
      updatedAt: timeOf(order.updated_at),
      total: amountOf(data?.total_value ?? null),
      paymentStatus: null,
      // An order names its products by Estoka's ids of them only.
      items: (data?.items ?? []).map(({ product_sku_id, quantity, unit_price }) => ({
        sku: product_sku_id,
        name: null,
        quantity,
        unitPrice: unit_price,
      })),
      source: 'provider',
    },
    customer: data?.customer
      ? {
          name: data.customer.name,
          document: data.customer.document,
          email: data.customer.email,
          phones: data.customer.phones,
          address: parts.filter((part) => (part ?? '') !== '').join(', ') || null,
        }
      : null,
    version: versionOf(order, account.credential),
    restoreWarnings: [],
  };
}

function cancelledAtOf(order: EstokaOrder): string | null {
  const done = (order.order_histories ?? []).filter(({ status }) => status === 'completed_cancel');
  const last = done.reduce<(typeof done)[number] | null>((one, row) => (one && one.id > row.id ? one : row), null);
  return timeOf(last?.reported_at ?? last?.created_at);
}

/** ISO 8601 with an offset that changes with the season, as RFC 3339 UTC. */
function timeOf(text: string | null | undefined): string | null {
  const ms = /^[^T]*T.*(Z|[+-]\d\d:?\d\d)$/.test(text ?? '') ? Date.parse(text ?? '') : NaN;
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}

function amountOf(amount: number | null): Money | null {
  return amount === null ? null : { amount, currency: 'BRL' };
}
