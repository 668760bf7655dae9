import { dice, placeOf, type Dice } from './dice.ts';

/** All that a run is made of, as plain data: drawn from a seed, or written by hand. What happens follows from it alone. */
export interface Plan {
  readonly seed: number;
  readonly connections: readonly ConnectionPlan[];
  readonly orders: readonly OrderPlan[];
  readonly callers: readonly CallerPlan[];
  readonly settlers: readonly SettlerPlan[];
  readonly rates: Rates;
  readonly episodes: readonly Episode[];
  /** Faults strike until then; afterwards everything works, and the settler runs on. */
  readonly faultsEndAtMs: number;
  /** Nobody hears the alarm of a rejected credential. */
  readonly isUnattended: boolean;
  /** One kill at the n-th touch of the outside world, counted over the whole run from 0. */
  readonly kill?: { readonly touch: number; readonly when: 'before' | 'after' };
  /** What does not happen: callers, faults, episodes, settler runs, by their ids. This is how a run is made smaller. */
  readonly without: ReadonlySet<string>;
}

export const PROVIDERS = ['estoka', 'ngorder'] as const;
export type ProviderName = (typeof PROVIDERS)[number];

export interface ConnectionPlan {
  readonly name: string;
  readonly provider: ProviderName;
  readonly quietPeriodSeconds: number;
  readonly timeoutSeconds: number;
  /** By how much the provider's clock is off. */
  readonly clockOffMs: number;
}

/** What the provider does with a sound ask. `decides_…`: takes it and decides later (Estoka). */
export type Disposition = 'cancels' | 'refuses' | 'decides_yes' | 'decides_no' | 'never_decides';

export interface OrderPlan {
  readonly connection: string;
  readonly orderId: string;
  readonly atFirst: 'active' | 'cancelled' | 'missing';
  readonly disposition: Disposition;
  /** From this ask on it cancels at once. */
  readonly relentsAtAsk: number;
  readonly decidesAfterMs: number;
  /** What it does when it is asked for what is so already. */
  readonly whenDone: 'acts_again' | 'refuses' | 'says_done';
  /** Two ways of refusing, and of showing that it decides: in the reply, or in the order's history (ngorder: HTTP 422 or 200). */
  readonly shows: 'in_reply' | 'in_history';
  /** Somebody else cancels it then. */
  readonly cancelledByHandAtMs: number | null;
  /** Somebody else asks to cancel it then, and Estoka says no; not while it decides over another ask. */
  readonly rejectedByHandAtMs: number | null;
  /** Estoka refused to cancel it once, long ago. */
  readonly hasPast: boolean;
  /** For so long a cancelled order is in none of ngorder's lists. */
  readonly movesForMs: number;
  /** What happens to its first asks, one by one; where nothing is said, chance decides. */
  readonly script?: readonly AskFate[];
}

/** How the provider answers a changing request that reached it. All but `truth` tell nothing of what it does. */
export type AskReply =
  | 'truth'
  | 'hang'
  | 'reset'
  | 'status_500'
  | 'status_503'
  | 'html_page'
  | 'empty'
  | 'truncated'
  | 'doubled'
  | 'other_order'
  | 'failure_body'
  | 'false_refusal'
  | 'false_not_found'
  | 'status_401'
  | 'status_429';

export interface AskFate {
  /** Cut before the provider has it, or no connection at all. */
  readonly road: 'arrives' | 'refused' | 'reset_before';
  readonly acts: boolean;
  /** From the request's arrival until the provider acts. */
  readonly actsAfterMs: number;
  readonly reply: AskReply;
  readonly replyAfterMs: number;
}

/** What can be asked for. ngorder can do all three, Estoka only cancel. */
export type Kind = 'cancel' | 'restore' | 'delete';

export interface CallerPlan {
  readonly id: string;
  readonly order: OrderPlan;
  readonly kind: Kind;
  readonly atMs: number;
  /** Whose idempotency keys it has. */
  readonly name: string;
  readonly key: string | null;
  readonly reason: 'customer' | 'fraud' | null;
  /** How often it asks again where it got no operation, and the pause between. Sometimes it asks again all the same. */
  readonly redeliveries: number;
  readonly pauseMs: number;
  readonly repeatsAnyway: boolean;
  /** What is left of its function's time when it begins. */
  readonly functionMs: number;
}

export interface SettlerPlan {
  readonly id: string;
  readonly atMs: number;
}

export interface Episode {
  readonly id: string;
  readonly connection: string;
  readonly kind: 'status_401' | 'status_429' | 'status_503' | 'down' | 'rotation';
  readonly fromMs: number;
  readonly toMs: number;
  /** Whether asks take effect all the same: a status line is not proof. */
  readonly acts: boolean;
}

/** Probabilities, for each touch of the outside world, or each ask. */
export interface Rates {
  readonly kill: number;
  readonly throttled: number;
  readonly replyLost: number;
  readonly writeLost: number;
  /** Given up by its sender, and carried out long after. */
  readonly writeDelayed: number;
  readonly conflict: number;
  readonly slowDatabase: number;
  readonly secret: number;
  readonly refusedConnection: number;
  readonly resetBefore: number;
  readonly frozen: number;
  readonly ask: number;
  readonly lateAct: number;
  readonly read: number;
  readonly staleIndex: number;
}

export const LEVELS = ['none', 'light', 'medium', 'heavy'] as const;
export type Level = (typeof LEVELS)[number];

export const NO_FAULTS: Rates = {
  kill: 0,
  throttled: 0,
  replyLost: 0,
  writeLost: 0,
  writeDelayed: 0,
  conflict: 0,
  slowDatabase: 0,
  secret: 0,
  refusedConnection: 0,
  resetBefore: 0,
  frozen: 0,
  ask: 0,
  lateAct: 0,
  read: 0,
  staleIndex: 0,
};

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
  staleIndex: 0.05,
};
const FACTOR: Readonly<Record<Level, number>> = { none: 0, light: 1, medium: 3, heavy: 8 };
const EPISODE_CHANCE: Readonly<Record<Level, number>> = { none: 0, light: 0.05, medium: 0.15, heavy: 0.35 };
const LIKELIEST = 0.6;

export const FUNCTION_MS = 27_000;
export const SETTLER_MS = 120_000;
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
    cancelledByHandAtMs: chance.chance(0.03) ? chance.between(0, faultsEndAtMs) : null,
    rejectedByHandAtMs: chance.chance(0.15) ? chance.between(0, faultsEndAtMs) : null,
    hasPast: chance.chance(0.4),
    movesForMs: chance.chance(0.3) ? chance.between(100, 10_000) : 0,
  };
}

function callersOf(order: OrderPlan, chance: Dice, faultsEndAtMs: number): CallerPlan[] {
  const cancelling = callerPlans(order, 'cancel', chance, faultsEndAtMs);
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
    staleIndex: rate(LIGHT.staleIndex),
  };
}

function episodesOf(connection: ConnectionPlan, level: Level, chance: Dice, faultsEndAtMs: number): Episode[] {
  const episodes: Episode[] = [];
  for (const kind of ['status_401', 'status_429', 'status_503', 'down', 'rotation'] as const) {
    const fromMs = chance.chance(0.5) ? 0 : chance.between(0, faultsEndAtMs);
    const lastsMs = chance.chance(0.5) ? chance.between(100, 10_000) : chance.between(10_000, faultsEndAtMs);
    const acts = chance.chance(0.2);
    if (!chance.chance(EPISODE_CHANCE[level])) continue;
    const toMs = Math.min(faultsEndAtMs, fromMs + lastsMs);
    episodes.push({ id: `${kind} at ${connection.name}`, connection: connection.name, kind, fromMs, toMs, acts });
  }
  return episodes;
}
