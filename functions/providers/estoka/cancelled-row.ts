import type { ListedOrder } from '../provider.ts';
import { newReading, type Reading } from '../shown.ts';
import { versionOf } from '../version.ts';
import { customerOf } from './customer.ts';
import { cancelledAtOf } from './history.ts';
import { timeOf } from './times.ts';
import { fieldOf, type EstokaAccount, type EstokaItem, type EstokaOrder } from './wire.ts';

/**
 * Returns an Estoka order as a cancelled order in our words. Amounts are BRL. Estoka does not show what was paid, or whether
 * anything was.
 */
export function listedOf(account: Pick<EstokaAccount, 'connection' | 'credential'>, order: EstokaOrder): ListedOrder {
  const { told, unread } = newReading();
  const amount = told('total', fieldOf(order, 'total_value'));
  const items = told('items', fieldOf(order, 'items'));
  return {
    order: {
      connection: account.connection,
      provider: 'estoka',
      orderId: order.id,
      number: told('number', fieldOf(order, 'code')),
      type: 'cancelled',
      orderedAt: told('orderedAt', timeOf(fieldOf(order, 'placed_at'))),
      cancelledAt: told('cancelledAt', cancelledAtOf(order)),
      createdAt: told('createdAt', timeOf(order.created_at)),
      updatedAt: told('updatedAt', timeOf(order.updated_at)),
      total: amount === null ? null : { amount, currency: 'BRL' },
      paymentStatus: null,
      items: items?.map((item) => itemOf(item, told)) ?? null,
      source: 'provider',
      ...unread(),
    },
    customer: customerOf(order),
    version: versionOf(order, account.credential),
    restoreWarnings: [],
  };
}

/** An order shows its products only by Estoka's ids. */
function itemOf({ product_sku_id, quantity, unit_price }: EstokaItem, told: Reading['told']) {
  return {
    sku: told('items.sku', product_sku_id),
    name: null,
    quantity: told('items.quantity', quantity),
    unitPrice: told('items.unitPrice', unit_price),
  };
}
