import type { ConnectionDeclaration } from '../../functions/providers/connections.ts';
import type { Cache } from './cache.ts';
import type { MemoryDynamoDB } from './dynamodb.ts';
import type { Fact } from './history.ts';
import type { Plan } from './plan.ts';
import type { SimulatedProviders } from './providers.ts';
import type { VirtualTime } from './virtual-time.ts';

export const TABLES = { ledger: 'Ledger', idempotencyKeys: 'IdempotencyKeys', connectionHealth: 'ConnectionHealth' };
/** As deployed: two containers whose clocks are off by ten seconds each. */
export const CLOCK_SKEW_MS = 20_000;

/** What all containers of a run share. */
export interface World {
  readonly plan: Plan;
  readonly time: VirtualTime;
  readonly database: MemoryDynamoDB;
  readonly providers: SimulatedProviders;
  readonly cache: Cache;
  readonly declarations: ReadonlyMap<string, ConnectionDeclaration>;
  readonly happened: (fact: Fact) => void;
  /** Whether a fault strikes that was drawn: it does not where the plan leaves it out. */
  readonly struck: (id: string, what: string) => boolean;
  /** Operations for which an alarm was raised. */
  readonly alarms: Set<string>;
  areFaultsOver: boolean;
  /** Touches of the outside world so far, over all containers. */
  touches: number;
}

/** The life of a container. Once it has died, nothing that it waits for comes. */
export interface Life {
  isAlive: boolean;
  /** The invocation that it works on, by its unique name, and the place of its luck. */
  process: string;
  salt: number;
  /** Touches of the outside world by this invocation. */
  touch: number;
  /** Calls to providers that are under way. */
  calls: number;
  die(why: 'killed' | 'timed out'): void;
}
