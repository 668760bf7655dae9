import { dice, placeOf, type Dice } from './dice.ts';
import {
  FOREIGN_REPLIES,
  FUNCTION_MS,
  PROVIDERS,
  type CallerPlan,
  type ConnectionPlan,
  type Disposition,
  type Episode,
  type Kind,
  type Level,
  type OrderPlan,
  type Plan,
  type Rates,
  type SettlerPlan,
  type WayIn,
} from './plan.ts';

/** Light: a bad day. Medium and heavy: three and eight times as bad, of which each run draws what is worse than that and what is not. */
const LIGHT: Rates = {
  kill: 0.008,
  throttled: 0.01,
  replyLost: 0.015,
  writeLost: 0.01,
  writeDelayed: 0.01,
  conflict: 0.02,
  slowDatabase: 0.02,
  secret: 0.01,
  refusedConnection: 0.02,
  resetBefore: 0.02,
  frozen: 0.01,
  ask: 0.15,
  lateAct: 0.3,
  read: 0.06,
  staleRead: 0.05,
  staleIndex: 0.05,
};
const FACTOR: Readonly<Record<Level, number>> = { none: 0, light: 1, medium: 3, heavy: 8 };
const EPISODE_CHANCE: Readonly<Record<Level, number>> = { none: 0, light: 0.05, medium: 0.15, heavy: 0.35 };
const LIKELIEST = 0.6;

const MINUTE = 60_000;

/** The plan of a seed. */
export function planOf(seed: number, level: Level): Plan {
  const chance = dice(seed, placeOf(level));
  const connections: [ConnectionPlan, ...ConnectionPlan[]] = [connectionPlan(1, chance)];
  if (chance.chance(0.2)) connections.push(connectionPlan(2, chance));
  const faultsEndAtMs = chance.between(1, 5) * MINUTE;
  const orders: [OrderPlan, ...OrderPlan[]] = [orderPlan(1, chance.pick(connections), chance, faultsEndAtMs)];
  while (orders.length < 3 && chance.chance(0.2)) {
    orders.push(orderPlan(orders.length + 1, chance.pick(connections), chance, faultsEndAtMs));
  }
  return {
    seed,
    connections,
    orders,
    callers: orders.flatMap((order) => callersOf(order, chance, faultsEndAtMs)),
    settlers: settlerPlans(chance, faultsEndAtMs),
    rates: ratesOf(level, chance),
    episodes: connections.flatMap((connection) => episodesOf(connection, level, chance, faultsEndAtMs)),
    faultsEndAtMs,
    isUnattended: chance.chance(0.1),
    without: new Set(),
  };
}

function connectionPlan(number: number, chance: Dice): ConnectionPlan {
  const provider = chance.pick(PROVIDERS);
  return {
    name: `${provider === 'estoka' ? 'loja' : 'toko'}-${number}`,
    provider,
    quietPeriodSeconds: chance.pick([5, 20, 60, 120]),
    timeoutSeconds: chance.pick([1, 5, 15, 20]),
    clockOffMs: chance.between(-10_000, 10_000),
  };
}

function orderPlan(number: number, connection: ConnectionPlan, chance: Dice, faultsEndAtMs: number): OrderPlan {
  const decisions: [Disposition, ...Disposition[]] =
    connection.provider === 'estoka'
      ? ['cancels', 'cancels', 'cancels', 'cancels', 'refuses', 'decides_yes', 'decides_no']
      : ['cancels', 'cancels', 'cancels', 'refuses'];
  const isUndecided = connection.provider === 'estoka' && chance.chance(0.01);
  return {
    connection: connection.name,
    orderId: String(300 + number),
    atFirst: chance.chance(0.05) ? 'missing' : chance.chance(0.05) ? 'cancelled' : 'active',
    disposition: isUndecided ? 'never_decides' : chance.pick(decisions),
    relentsAtAsk: chance.chance(0.5) ? chance.between(2, 3) : Infinity,
    decidesAfterMs: chance.chance(0.5) ? chance.between(0, 5_000) : chance.between(0, 20 * MINUTE),
    whenDone: chance.chance(0.7) ? 'acts_again' : chance.pick(['refuses', 'says_done']),
    shows: chance.pick(['in_reply', 'in_history']),
    cancelledByHandAtMs: chance.chance(0.06) ? chance.between(0, faultsEndAtMs) : null,
    rejectedByHandAtMs: chance.chance(0.15) ? chance.between(0, faultsEndAtMs) : null,
    hasPast: chance.chance(0.4),
    movesForMs: chance.chance(0.3) ? chance.between(100, 10_000) : 0,
  };
}

function callersOf(order: OrderPlan, chance: Dice, faultsEndAtMs: number): CallerPlan[] {
  const hints = hintsOf(order, chance, faultsEndAtMs);
  // Sometimes nobody asks here for what somebody else cancels there.
  if (hints.length > 0 && order.cancelledByHandAtMs !== null && chance.chance(0.4)) return hints;
  const cancelling = [...callerPlans(order, 'cancel', chance, faultsEndAtMs), ...hints];
  // What somebody else changes back before it is read back cannot be told from what was never done: the README says so.
  if (order.connection.startsWith('loja') || order.cancelledByHandAtMs !== null || !chance.chance(0.4))
    return cancelling;
  const kind = chance.pick<Kind>(['restore', 'restore', 'delete']);
  const others = callerPlans(order, kind, chance, faultsEndAtMs).map((caller) => ({
    ...caller,
    atMs: caller.atMs + chance.between(0, faultsEndAtMs),
  }));
  return [...cancelling, ...others];
}

function callerPlans(order: OrderPlan, kind: Kind, chance: Dice, faultsEndAtMs: number): CallerPlan[] {
  const count = chance.pick([1, 2, 2, 3, 3, 4]);
  // All at once, one after the other, or long after: each tells something else.
  const spreadMs = chance.pick([20, 500, 10_000, faultsEndAtMs]);
  const name = chance.pick(['storefront', 'back-office']);
  return Array.from({ length: count }, (_, index) => ({
    id: `${kind === 'cancel' ? 'caller' : kind}-${order.orderId}-${index + 1}`,
    order,
    kind,
    wayIn: kind === 'cancel' ? chance.pick<WayIn>(['http', 'http', 'queue', 'shop']) : 'http',
    atMs: chance.chance(0.06) ? faultsEndAtMs + chance.between(0, 60) * MINUTE : chance.between(0, spreadMs),
    name: chance.chance(0.85) ? name : 'another',
    key: chance.chance(0.5) ? null : `key-${chance.between(1, 2)}`,
    reason: chance.chance(0.8) ? null : chance.pick(['customer', 'fraud']),
    redeliveries: chance.between(0, 2),
    pauseMs: chance.pick([50, 2_000, 30_000, 90_000]),
    repeatsAnyway: chance.chance(0.3),
    functionMs: chance.chance(0.9) ? FUNCTION_MS : chance.between(3_000, FUNCTION_MS),
  }));
}

/** What Estoka's webhook tells, true or not: when somebody else has cancelled the order, and at any other time. */
function hintsOf(order: OrderPlan, chance: Dice, faultsEndAtMs: number): CallerPlan[] {
  if (!order.connection.startsWith('loja') || !chance.chance(0.4)) return [];
  const byHand = order.cancelledByHandAtMs;
  return Array.from({ length: chance.between(1, 3) }, (_, index) => ({
    id: `hint-${order.orderId}-${index + 1}`,
    order,
    kind: 'cancel',
    wayIn: 'hint',
    atMs: byHand !== null && index === 0 ? byHand + chance.between(0, 500) : chance.between(0, faultsEndAtMs),
    name: 'estoka',
    key: null,
    reason: null,
    redeliveries: chance.between(0, 2),
    pauseMs: chance.pick([50, 2_000, 30_000]),
    repeatsAnyway: chance.chance(0.3),
    functionMs: FUNCTION_MS,
  }));
}

/** One a minute; some runs are left out, some overlap with another. */
function settlerPlans(chance: Dice, faultsEndAtMs: number): SettlerPlan[] {
  const runs: SettlerPlan[] = [];
  for (let atMs = chance.between(0, MINUTE); atMs < faultsEndAtMs; atMs += MINUTE) {
    if (!chance.chance(0.15)) runs.push({ id: `settler-${runs.length + 1}`, atMs });
    if (chance.chance(0.25)) runs.push({ id: `settler-${runs.length + 1}`, atMs: atMs + chance.between(0, 5_000) });
  }
  return runs;
}

/** Each run has another mixture: some faults not at all, some twice as often. Together they would hide one another. */
function ratesOf(level: Level, chance: Dice): Rates {
  const rate = (light: number): number => Math.min(LIKELIEST, light * FACTOR[level] * chance.pick([0, 0.5, 1, 1, 2]));
  return {
    kill: rate(LIGHT.kill),
    throttled: rate(LIGHT.throttled),
    replyLost: rate(LIGHT.replyLost),
    writeLost: rate(LIGHT.writeLost),
    writeDelayed: rate(LIGHT.writeDelayed),
    conflict: rate(LIGHT.conflict),
    slowDatabase: rate(LIGHT.slowDatabase),
    secret: rate(LIGHT.secret),
    refusedConnection: rate(LIGHT.refusedConnection),
    resetBefore: rate(LIGHT.resetBefore),
    frozen: rate(LIGHT.frozen),
    ask: rate(LIGHT.ask),
    lateAct: rate(LIGHT.lateAct),
    read: rate(LIGHT.read),
    staleRead: rate(LIGHT.staleRead),
    staleIndex: rate(LIGHT.staleIndex),
  };
}

function episodesOf(connection: ConnectionPlan, level: Level, chance: Dice, faultsEndAtMs: number): Episode[] {
  const episodes: Episode[] = [];
  for (const drawn of ['status_401', 'status_429', 'status_503', 'down', 'rotation', 'foreign'] as const) {
    const kind = drawn === 'foreign' ? chance.pick(FOREIGN_REPLIES) : drawn;
    const fromMs = chance.chance(0.5) ? 0 : chance.between(0, faultsEndAtMs);
    const lastsMs = chance.chance(0.5) ? chance.between(100, 10_000) : chance.between(10_000, faultsEndAtMs);
    const acts = chance.chance(0.2);
    if (!chance.chance(EPISODE_CHANCE[level])) continue;
    const toMs = Math.min(faultsEndAtMs, fromMs + lastsMs);
    episodes.push({ id: `${kind} at ${connection.name}`, connection: connection.name, kind, fromMs, toMs, acts });
  }
  return episodes;
}
