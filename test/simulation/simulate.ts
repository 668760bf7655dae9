import { settleDue } from '../../functions/operations/settle-due.ts';
import { parseConnections } from '../../functions/providers/connections.ts';
import { createCache } from './cache.ts';
import { violationsOf } from './check-history.ts';
import { createContainer, type Container } from './container.ts';
import { CLOCK_SKEW_MS, TABLES, type World } from './world.ts';
import { dice, placeOf } from './dice.ts';
import { createMemoryDynamoDB, type Item, type TableShape } from './dynamodb.ts';
import type { Fact, History, OrderAtEnd } from './history.ts';
import { planOf } from './draw-plan.ts';
import { SETTLER_MS, type CallerPlan, type Level, type Plan, type WayIn } from './plan.ts';
import { createProviders } from './providers.ts';
import type { Violation } from './traces.ts';
import { COUNTERMAND, keyOf, type Way } from './way.ts';
import { createVirtualTime } from './virtual-time.ts';

export interface Run {
  readonly plan: Plan;
  readonly history: History;
  readonly violations: readonly Violation[];
  /** Touches of the outside world: each is a place at which a function can be killed. */
  readonly touches: number;
}

const START = Date.parse('2026-03-01T12:00:00.000Z');
const MINUTE = 60_000;
/** The tables of infra/storage.ts. */
export const SHAPES: Readonly<Record<string, TableShape>> = {
  [TABLES.ledger]: {
    hash: 'order',
    range: 'slot',
    indexes: { due: { hash: 'dueConnection', range: 'dueAt' }, day: { hash: 'day', range: 'requestedAt' } },
  },
  [TABLES.idempotencyKeys]: { hash: 'key' },
  [TABLES.connectionHealth]: { hash: 'connection' },
};
/** With nothing left to go wrong, more settler runs than this mean that an operation is open for ever. */
const MOST_CALM_RUNS = 60;
/** So many runs a minute apart; then the settler is switched off for half a day at a time, to get to the end of three days sooner. */
const CALM_RUNS_BY_THE_MINUTE = 12;

/** Runs the seed's plan with the real code, and says what was wrong with what happened. */
export function simulate(seed: number, level: Level): Promise<Run> {
  return runPlan(planOf(seed, level));
}

export async function runPlan(plan: Plan): Promise<Run> {
  const { history, touches } = await play(plan, COUNTERMAND);
  return { plan, history, violations: violationsOf(history), touches };
}

/** Everything that happens in a run of the plan, served in this way. */
export async function play(plan: Plan, way: Way): Promise<Pick<Run, 'history' | 'touches'>> {
  const time = createVirtualTime(START);
  const facts: Fact[] = [];
  const happened = (fact: Fact): void => {
    facts.push(fact);
  };
  const known = new Set<string>();
  const struck = (id: string, what: string): boolean => {
    if (plan.without.has(id)) return false;
    if (!known.has(id)) {
      known.add(id);
      happened({ at: time.now(), event: 'fault', id, what });
    }
    return true;
  };
  const database = createMemoryDynamoDB(
    { ...SHAPES, ...way.tables },
    {
      onWritten: (table, item) => {
        if (table === TABLES.ledger) happened({ at: time.now(), event: 'written', item });
      },
      follow: (update) => {
        const chance = dice(plan.seed, facts.length);
        const isLate = !world.areFaultsOver && chance.chance(plan.rates.staleIndex);
        time.after(isLate ? chance.between(100, 3_000) : chance.between(0, 20), update);
      },
    },
  );
  const world: World = {
    plan,
    time,
    database,
    providers: createProviders(plan, time, happened, struck),
    cache: createCache(plan.cacheHidesAge ?? false),
    declarations: declarationsOf(plan),
    happened,
    struck,
    alarms: new Set(),
    areFaultsOver: false,
    touches: 0,
  };
  const end = way.begin?.(() => time.now());
  try {
    await Promise.all([direct(world, way), time.run()]);
  } finally {
    end?.();
  }

  const history: History = {
    facts,
    ledger: database.items(TABLES.ledger),
    orders: ordersAtEnd(world),
    clockSkewMs: CLOCK_SKEW_MS,
  };
  return { history, touches: world.touches };
}

/** Everybody acts as planned; then the faults are over, and the settler runs on until all is quiet. */
async function direct(world: World, way: Way): Promise<void> {
  const { plan, time } = world;
  const containerFor = containers(world);
  let callersAtWork = 0;
  const call = async (caller: CallerPlan): Promise<void> => {
    callersAtWork += 1;
    await time.sleep(caller.atMs);
    await askUntilAnswered(caller, world, way, containerFor);
    callersAtWork -= 1;
  };
  const settle = async (id: string): Promise<void> => {
    // A run that finds nothing tells nothing, and costs as much as one that does.
    if (callersAtWork === 0 && nextDue(world) === null) return;
    const container = containerFor('settle-operations');
    const names = [...world.declarations.keys()];
    await container.invoke(id, SETTLER_MS, (remainingMs) => settleDue(names, container.needs, remainingMs));
  };

  for (const caller of plan.callers) if (!plan.without.has(caller.id)) void call(caller);
  for (const { id, atMs } of plan.settlers) {
    if (way.hasSettler && !plan.without.has(id)) time.after(atMs, () => void settle(id));
  }
  await time.sleep(plan.faultsEndAtMs);
  world.areFaultsOver = true;
  world.providers.recover();

  for (let run = 1; run <= MOST_CALM_RUNS; run += 1) {
    const due = nextDue(world);
    if (due === null && callersAtWork === 0 && world.providers.pendingActs() === 0) break;
    const laterMs = run > CALM_RUNS_BY_THE_MINUTE ? 720 * MINUTE : MINUTE;
    await time.sleep(Math.max(laterMs, (due ?? 0) + CLOCK_SKEW_MS - time.now()));
    if (way.hasSettler) await settle(`calm-settler-${run}`);
    world.providers.recover();
  }
  time.stop();
}

const FUNCTIONS: Readonly<Record<WayIn, string>> = {
  http: 'cancel-order',
  queue: 'cancel-queued-orders',
  shop: 'receive-shopify-webhook',
  hint: 'receive-estoka-webhook',
};

/** One caller asks, and asks again where it was not shown an operation, as long as it cares. */
async function askUntilAnswered(
  caller: CallerPlan,
  world: World,
  way: Way,
  containerFor: (name: string) => Container,
): Promise<void> {
  const { time, happened } = world;
  const { order } = caller;
  const id = `${order.connection}:${order.orderId}`;
  const body = JSON.stringify({ kind: caller.kind, reason: caller.reason });
  const key = keyOf(caller);
  for (let delivery = 1; delivery <= 1 + caller.redeliveries; delivery += 1) {
    const name = `${caller.id}.${delivery}`;
    happened({ at: time.now(), event: 'asked', caller: name, order: id, key, body });
    const container = containerFor(FUNCTIONS[caller.wayIn]);
    const invoked = await container.invoke(name, caller.functionMs, (remainingMs) =>
      way.ask(caller, container, remainingMs),
    );
    switch (invoked.kind) {
      case 'returned':
        if (invoked.value === null) happened({ at: time.now(), event: 'nothing_noted', caller: name });
        else happened({ at: time.now(), event: 'answered', caller: name, ...invoked.value });
        if (!caller.repeatsAnyway) return;
        break;
      case 'threw':
        happened({ at: time.now(), event: 'turned_away', caller: name, error: String(invoked.error) });
        if (String(invoked.error).startsWith('IdempotencyKeyReused')) return;
        break;
      case 'died':
        happened({ at: time.now(), event: 'no_answer', caller: name });
    }
    await time.sleep(caller.pauseMs);
  }
}

/** A container that is free, or a new one; sometimes a new one all the same. */
function containers(world: World): (functionName: string) => Container {
  const made = new Map<string, Container[]>();
  const chance = dice(world.plan.seed, placeOf('containers'));
  return (functionName) => {
    const all = made.get(functionName) ?? [];
    made.set(functionName, all);
    const free = all.find((container) => container.isFree());
    if (free !== undefined && chance.chance(0.6)) return free;
    const container = createContainer(world, `${functionName}/${all.length + 1}`);
    all.push(container);
    return container;
  };
}

/** When the settler has to look next, or null where every operation has ended, or is parked and its alarm was raised. */
function nextDue(world: World): number | null {
  let next: number | null = null;
  for (const item of world.database.items(TABLES.ledger)) {
    if (item['dueAt']?.S === undefined || item['slot']?.S !== 'current') continue;
    if (item['state']?.S === 'needs_attention' && isAlarmed(item, world)) continue;
    const due = Date.parse(item['dueAt'].S);
    if (next === null || due < next) next = due;
  }
  return next;
}

function isAlarmed(item: Item, world: World): boolean {
  return world.alarms.has(`${item['order']?.S ?? ''}:${item['number']?.N ?? ''}`);
}

function ordersAtEnd({ plan, providers }: World): OrderAtEnd[] {
  return plan.orders.map(({ connection, orderId, atFirst }) => {
    const order = `${connection}:${orderId}`;
    return { order, atFirst, standing: providers.order(order)?.standing ?? 'missing' };
  });
}

function declarationsOf({ connections }: Plan) {
  const declared = connections.map(({ name, provider, quietPeriodSeconds, timeoutSeconds }) => [
    name,
    {
      provider,
      baseUrl: `https://${name}.example`,
      quietPeriodSeconds,
      timeoutSeconds,
      ...(provider === 'estoka' ? { organizationId: 1 } : {}),
    },
  ]);
  return parseConnections(Object.fromEntries(declared));
}
