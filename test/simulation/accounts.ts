import type { ConnectionPlan, Kind, Plan } from './plan.ts';
import type { KeptOrder } from './wire.ts';

/** What the provider's end of a connection holds. */
export interface Account {
  readonly plan: ConnectionPlan;
  readonly orders: Map<string, KeptOrder>;
  accepted: string;
  stored: string;
  hasRejected: boolean;
}

/** How an order stands when it was asked for and done. */
export const STANDING_AFTER = { cancel: 'cancelled', restore: 'active', delete: 'missing' } as const satisfies Record<
  Kind,
  KeptOrder['standing']
>;

/** Each account has credentials of its own. */
export function credentialOf(connection: string, nth: number): string {
  return `credential-${nth}-of-${connection}`;
}

export function accountOf(connection: ConnectionPlan, plan: Plan): Account {
  const own = plan.orders.filter((order) => order.connection === connection.name);
  const orders = new Map(own.map(({ orderId, atFirst }) => [orderId, keptOrder(orderId, atFirst, connection)]));
  // Another order, cancelled long ago, so that no list is empty.
  orders.set('900', keptOrder('900', 'cancelled', connection));
  const credential = credentialOf(connection.name, 1);
  return { plan: connection, orders, accepted: credential, stored: credential, hasRejected: false };
}

function keptOrder(id: string, standing: KeptOrder['standing'], { clockOffMs }: ConnectionPlan): KeptOrder {
  return { id, standing, isMoving: false, rows: [], clockOffMs, undecided: 0 };
}
