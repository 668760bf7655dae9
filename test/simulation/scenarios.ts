import {
  FUNCTION_MS,
  NO_FAULTS,
  type AskFate,
  type CallerPlan,
  type ConnectionPlan,
  type OrderPlan,
  type Plan,
  type ProviderName,
} from './plan.ts';

/** Runs that are written by hand. */

export const QUIET_SECONDS = 60;

export function connectionOf(provider: ProviderName): ConnectionPlan {
  const name = provider === 'estoka' ? 'loja-1' : 'toko-1';
  return { name, provider, quietPeriodSeconds: QUIET_SECONDS, timeoutSeconds: 5, clockOffMs: 0 };
}

export function orderOf(connection: ConnectionPlan, changes: Partial<OrderPlan> = {}): OrderPlan {
  return {
    connection: connection.name,
    orderId: '340',
    atFirst: 'active',
    disposition: 'cancels',
    relentsAtAsk: Infinity,
    decidesAfterMs: 0,
    whenDone: 'acts_again',
    shows: 'in_reply',
    cancelledByHandAtMs: null,
    rejectedByHandAtMs: null,
    hasPast: false,
    movesForMs: 0,
    ...changes,
  };
}

export function callerOf(order: OrderPlan, changes: Partial<CallerPlan> = {}): CallerPlan {
  return {
    id: 'caller-1',
    order,
    kind: 'cancel',
    wayIn: 'http',
    atMs: 0,
    name: 'storefront',
    key: 'key-1',
    reason: null,
    redeliveries: 0,
    pauseMs: 2_000,
    repeatsAnyway: false,
    functionMs: FUNCTION_MS,
    ...changes,
  };
}

/** One caller, one order, nothing goes wrong but what the changes say. */
export function planWith(connection: ConnectionPlan, order: OrderPlan, changes: Partial<Plan> = {}): Plan {
  return {
    seed: 1,
    connections: [connection],
    orders: [order],
    callers: [callerOf(order)],
    settlers: [],
    rates: NO_FAULTS,
    episodes: [],
    faultsEndAtMs: 0,
    isUnattended: false,
    without: new Set(),
    ...changes,
  };
}

/** The ask is lost, and acts so many milliseconds after it arrived. */
export function actsAfter(actsAfterMs: number): AskFate {
  return { road: 'arrives', acts: true, actsAfterMs, reply: 'reset', replyAfterMs: 100 };
}

export const IN_TIME = QUIET_SECONDS * 1_000 - 100;
/** Later than the quiet period, than what clocks may differ by, and than the settler's next run. */
export const LATE = QUIET_SECONDS * 1_000 + 10 * 60_000;

/** The same plan for an order whose provider loses the first ask's answer and acts on it only then. */
export function lateAct(actsAfterMs: number, base?: Plan): Plan {
  const connection = connectionOf('estoka');
  const order = orderOf(connection, { script: [actsAfter(actsAfterMs)] });
  const plan = planWith(connection, order);
  if (base === undefined) return plan;
  const noise = base.callers.map((caller) => ({ ...caller, order: { ...caller.order, connection: connection.name } }));
  return { ...plan, rates: base.rates, callers: [...plan.callers, ...noise.map((caller) => ({ ...caller, order }))] };
}

const MINUTE = 60_000;

/** An ask that is lost and acts late, and a cache that from the first look on has the order as it was before. */
export function behindCache(provider: ProviderName, seed: number): Plan {
  const connection = connectionOf(provider);
  const order = orderOf(connection, { script: [actsAfter(IN_TIME)] });
  return planWith(connection, order, {
    seed,
    rates: { ...NO_FAULTS, staleRead: 1 },
    settlers: [5_000, 30_000, 90_000, 120_000, 3 * MINUTE, 5 * MINUTE].map((atMs) => ({ id: `settler ${atMs}`, atMs })),
    faultsEndAtMs: 6 * MINUTE,
  });
}
