import {
  DynamoDBClient,
  PutItemCommand,
  TransactionConflictException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import type { OperationNeeds } from '../../functions/operations/ask.ts';
import { createConnectionHealth, rememberingHealth } from '../../functions/operations/connection-health.ts';
import { createLedger } from '../../functions/operations/ledger.ts';
import { createConnections, type ConnectionDeclaration } from '../../functions/providers/connections.ts';
import { createHttpClient } from '../../functions/providers/http-client.ts';
import type { ExchangeResult, Outgoing } from '../../functions/providers/http-exchange.ts';
import type { Clock } from '../../functions/runtime/clock.ts';
import { redact } from '../../functions/runtime/redact.ts';
import { createSecretReader } from '../../functions/runtime/secrets.ts';
import { dice, placeOf, type Dice } from './dice.ts';
import { cancelled, type MemoryDynamoDB } from './dynamodb.ts';
import type { Fact } from './history.ts';
import { NO_FAULTS, type Plan, type Rates } from './plan.ts';
import { LONGEST_WAY_MS, type SimulatedProviders } from './providers.ts';
import type { VirtualTime } from './virtual-time.ts';

export const TABLES = { ledger: 'Ledger', idempotencyKeys: 'IdempotencyKeys', connectionHealth: 'ConnectionHealth' };
/** As deployed: two containers whose clocks are off by ten seconds each. */
export const CLOCK_SKEW_MS = 20_000;
const MOST_OFF_MS = 10_000;

/** What all containers of a run share. */
export interface World {
  readonly plan: Plan;
  readonly time: VirtualTime;
  readonly database: MemoryDynamoDB;
  readonly providers: SimulatedProviders;
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

/** One Lambda container: a clock of its own, its caches, and one invocation at a time. Once dead it never comes back. */
export interface Container {
  readonly clock: Clock;
  readonly needs: OperationNeeds;
  readonly dynamodb: DynamoDBClient;
  providerOf(connection: string): string;
  /** Runs a function's work for so many milliseconds at the most. `name` is unique in a run. */
  invoke<T>(name: string, lastsMs: number, work: (remainingMs: () => number) => Promise<T>): Promise<Invoked<T>>;
  isFree(): boolean;
}

export type Invoked<T> = { kind: 'returned'; value: T } | { kind: 'threw'; error: unknown } | { kind: 'died' };

const SDK_ATTEMPTS = 3;
const SDK_TIMEOUT_MS = 3_000;
const silent = new Promise<never>(() => undefined);
// Only its `send` is called, which each container has of its own.
const sdk = new DynamoDBClient({ region: 'local', credentials: { accessKeyId: 'none', secretAccessKey: 'none' } });

export function createContainer(world: World, name: string): Container {
  const { plan, time } = world;
  const own = dice(plan.seed, placeOf(name));
  const offsetMs = own.pick([-MOST_OFF_MS, MOST_OFF_MS, own.between(-MOST_OFF_MS, MOST_OFF_MS)]);
  let isAlive = true;
  let isBusy = false;
  let process = name;
  let salt = 0;
  let touch = 0;
  let die: (why: 'killed' | 'timed out') => void = () => undefined;
  let owners = 0;
  let calls = 0;
  const jitter = dice(plan.seed, placeOf(name), 1);

  const rates = (): Rates => (world.areFaultsOver ? NO_FAULTS : plan.rates);
  const strikes = (chance: Dice, rate: number, what: string): boolean =>
    chance.chance(rate) && world.struck(`${process}/${touch}: ${what}`, what);
  /** Goes on only in a container that lives: what a dead one waits for never comes. */
  const back = <T>(value: T): T | Promise<never> => (isAlive ? value : silent);

  /** Begins a touch of the outside world. This is where a function may be killed: before it happens, or before its answer is seen. */
  const begin = (what: string): { chance: Dice; killed: 'before' | 'after' | null } => {
    touch += 1;
    const number = world.touches;
    world.touches += 1;
    const chance = dice(plan.seed, salt, touch);
    let killed: 'before' | 'after' | null = null;
    if (plan.kill?.touch === number) killed = plan.kill.when;
    else if (chance.chance(rates().kill) && world.struck(`${process}/${touch}: kill`, `killed at ${what}`)) {
      killed = chance.pick(['before', 'after']);
    }
    if (killed === 'before') die('killed');
    return { chance, killed };
  };
  /** What happens at the other end after a while, and the way back. */
  const there = <T>(wayMs: number, backMs: number, isKilled: boolean, work: () => T): Promise<T> =>
    new Promise((resolve, reject) => {
      time.after(wayMs, () => {
        let settle: () => void;
        try {
          const value = work();
          settle = () => {
            resolve(value);
          };
        } catch (error) {
          settle = () => {
            reject(error instanceof Error ? error : new Error(String(error)));
          };
        }
        if (isKilled) die('killed');
        time.after(backMs, () => {
          if (isAlive) settle();
        });
      });
    });

  const carriedOut = (command: object): void => {
    try {
      world.database.answer(command);
    } catch {
      // An error is lost as a reply would be.
    }
  };

  /** One request to DynamoDB, and the SDK's repetitions of it (maxAttempts: 3, three seconds each). */
  const send = async (command: object): Promise<object> => {
    if (command instanceof TransactWriteItemsCommand) {
      // The SDK gives a transaction its token once, for all attempts.
      command.input.ClientRequestToken ??= `${process}/${touch}`;
    }
    const isWrite = command instanceof PutItemCommand || command instanceof TransactWriteItemsCommand;
    for (let attempt = 1; ; attempt += 1) {
      const { chance, killed } = begin(command.constructor.name);
      if (killed === 'before') return silent;
      const isLast = attempt === SDK_ATTEMPTS;
      const wayMs = strikes(chance, rates().slowDatabase, 'slow database')
        ? chance.between(100, 2_800)
        : chance.between(1, 6);
      if (strikes(chance, rates().throttled, 'throttled')) {
        await there(wayMs, 1, killed === 'after', () => undefined);
        if (isLast) throw named('ProvisionedThroughputExceededException');
        await time.sleep(chance.between(20, 200) * attempt);
      } else if (strikes(chance, rates().writeLost, 'request lost')) {
        await there(SDK_TIMEOUT_MS, 0, killed === 'after', () => undefined);
        if (isLast) throw named('TimeoutError');
      } else if (isWrite && strikes(chance, rates().writeDelayed, 'write delayed')) {
        time.after(chance.between(SDK_TIMEOUT_MS, 180_000), () => {
          carriedOut(command);
        });
        await there(SDK_TIMEOUT_MS, 0, killed === 'after', () => undefined);
        if (isLast) throw named('TimeoutError');
      } else if (isWrite && strikes(chance, rates().conflict, 'conflict')) {
        await there(wayMs, 1, killed === 'after', () => undefined);
        throw conflictOf(command);
      } else if (strikes(chance, rates().replyLost, 'reply lost')) {
        // It is carried out, whatever comes of it.
        const wait = chance.chance(0.5) ? SDK_TIMEOUT_MS - wayMs : 5;
        await there(wayMs, Math.max(0, wait), killed === 'after', () => {
          carriedOut(command);
        });
        if (isLast) throw named('TimeoutError');
      } else {
        return there(wayMs, chance.between(1, 6), killed === 'after', () => world.database.answer(command));
      }
      if (!isAlive) return silent;
    }
  };
  const dynamodb = Object.assign(Object.create(sdk) as DynamoDBClient, { send });

  const clock: Clock = {
    now: () => Math.floor(time.now() + offsetMs),
    sleep: async (ms) => {
      if (begin('sleep').killed !== null) return silent;
      await time.sleep(ms);
      return back(undefined);
    },
    random: () => jitter.next(),
  };

  const secretsManager = {
    async send(command: { input: { SecretId?: string } }): Promise<{ SecretString: string }> {
      const { chance, killed } = begin('GetSecretValue');
      if (killed === 'before') return silent;
      const isFailing = strikes(chance, rates().secret, 'secret unreadable');
      return there(chance.between(2, 20), isFailing ? 2_000 : 5, killed === 'after', () => {
        if (isFailing) throw named('InternalServiceError');
        return { SecretString: world.providers.storedCredential(command.input.SecretId ?? '') };
      });
    },
  };
  const secrets = createSecretReader({
    client: secretsManager,
    clock,
    cacheMs: 30_000,
  });

  const exchange = (connection: string, outgoing: Outgoing): Promise<ExchangeResult> =>
    new Promise((resolve) => {
      if (!(outgoing.timeoutMs > 0)) {
        resolve(notSent('NO_TIME_LEFT'));
        return;
      }
      const ask = world.providers.askOf(connection, outgoing);
      const { chance, killed } = begin(ask === null ? 'read of the provider' : 'ask of the provider');
      if (killed === 'before') return;
      const by = process;
      calls += 1;
      const endsAt = time.now() + outgoing.timeoutMs;
      let isOver = false;
      const finish = (result: ExchangeResult): void => {
        if (isOver) return;
        isOver = true;
        calls -= 1;
        if (isAlive) resolve(result);
      };
      const connectsAt =
        time.now() + (strikes(chance, rates().frozen, 'frozen') ? chance.between(100, 5_000) : chance.between(1, 20));
      const isRefused =
        ask === null ? strikes(chance, rates().refusedConnection, 'connection refused') : ask.fate.road === 'refused';
      if (connectsAt >= endsAt || isRefused || world.providers.isDown(connection)) {
        time.at(Math.min(connectsAt, endsAt), () => {
          if (killed === 'after') die('killed');
          finish(notSent(connectsAt >= endsAt ? 'TIMED_OUT' : 'ECONNREFUSED'));
        });
        return;
      }
      time.at(endsAt, () => {
        finish({ kind: 'lost', problem: 'timed_out', code: 'TIMED_OUT' });
      });
      time.at(connectsAt, () => {
        if (!isAlive) return;
        if (ask !== null) {
          const held = world.database.item(TABLES.ledger, { order: { S: ask.order }, slot: { S: 'current' } });
          const state = held?.['state']?.S ?? null;
          ask.operation = held === undefined ? null : `${ask.order}:${held['number']?.N ?? ''}`;
          world.happened({
            at: time.now(),
            event: 'sent',
            process: by,
            order: ask.order,
            operation: ask.operation,
            state,
            kind: ask.kind,
          });
        }
        const isCut = ask === null ? strikes(chance, rates().resetBefore, 'reset') : ask.fate.road === 'reset_before';
        if (isCut) {
          if (killed === 'after') die('killed');
          time.after(5, () => {
            finish({ kind: 'lost', problem: 'connection_cut', code: 'ECONNRESET' });
          });
          return;
        }
        time.after(chance.between(1, LONGEST_WAY_MS), () => {
          const misread = ask === null ? misreadAs(chance) : null;
          world.providers.receive(connection, outgoing, ask, chance, (result) => {
            time.after(chance.between(1, 40), () => {
              finish(misread === null ? result : misread(result));
            });
          });
          if (killed === 'after') die('killed');
        });
      });
    });
  /** What a read brings instead of the truth: never another truth. */
  const misreadAs = (chance: Dice): ((result: ExchangeResult) => ExchangeResult) | null => {
    if (!strikes(chance, rates().read, 'unusable read')) return null;
    const kind = chance.pick(['html', 'cut', 'truncated', '500', '403', '404 page']);
    return (result) => {
      if (kind === 'cut' || result.kind !== 'reply')
        return { kind: 'lost', problem: 'connection_cut', code: 'ECONNRESET' };
      if (kind === 'truncated') return { ...result, body: result.body.slice(0, result.body.length / 2) };
      const status = kind === 'html' ? 200 : Number(kind.slice(0, 3));
      return { ...result, status, body: '<!doctype html><h1>Sorry</h1>' };
    };
  };

  const connections = createConnections({
    declarations: world.declarations,
    readCredential: (connection, options) => secrets.read(connection, options),
    http: (target) =>
      createHttpClient(target, { clock, log, exchange: (outgoing) => exchange(target.connection, outgoing) }),
  });
  const logged = (code: string, fields: Record<string, unknown> = {}): void => {
    const operation = typeof fields['operation'] === 'string' ? fields['operation'] : null;
    if (code.startsWith('PROVIDER_')) return;
    if (code === 'OPERATION_NEEDS_ATTENTION' && operation !== null) world.alarms.add(operation);
    world.happened({ at: time.now(), event: 'logged', process, code, operation });
  };
  const log = { info: logged, warn: logged, error: logged };

  const needs: OperationNeeds = {
    ledger: createLedger({ dynamodb, tables: TABLES, clock }),
    health: rememberingHealth(
      createConnectionHealth({ dynamodb, table: TABLES.connectionHealth, clock }),
      clock,
      2_000,
    ),
    openConnection: (connection, options) => connections.open(connection, options),
    clock,
    newOwner: () => `${process}.${(owners += 1)}`,
    redact,
    log,
    clockSkewMs: CLOCK_SKEW_MS,
  };

  return {
    clock,
    needs,
    dynamodb,
    providerOf: (connection) => connections.get(connection).provider,
    isFree: () => isAlive && !isBusy,
    invoke: (invocation, lastsMs, work) =>
      new Promise((resolve) => {
        process = invocation;
        salt = placeOf(invocation);
        touch = 0;
        isBusy = true;
        let isRunning = true;
        const endsAt = time.now() + lastsMs;
        const end = <T>(invoked: Invoked<T>, settle: (invoked: Invoked<T>) => void): void => {
          if (!isRunning || !isAlive) return;
          isRunning = false;
          isBusy = false;
          settle(invoked);
        };
        die = (why) => {
          if (!isRunning || !isAlive) return;
          isAlive = false;
          world.happened({ at: time.now(), event: 'died', process: invocation, why, isCalling: calls > 0 });
          resolve({ kind: 'died' });
        };
        time.at(endsAt, () => {
          if (isRunning) die('timed out');
        });
        work(() => endsAt - time.now()).then(
          (value) => {
            end({ kind: 'returned', value }, resolve);
          },
          (error: unknown) => {
            end({ kind: 'threw', error }, resolve);
          },
        );
      }),
  };
}

function conflictOf(command: object): Error {
  if (command instanceof TransactWriteItemsCommand) {
    return cancelled(
      (command.input.TransactItems ?? []).map((_, index) => ({ Code: index === 0 ? 'TransactionConflict' : 'None' })),
    );
  }
  return new TransactionConflictException({ message: 'conflict', $metadata: {} });
}

function notSent(code: string): ExchangeResult {
  return { kind: 'not_sent', problem: 'provider_unreachable', code };
}

function named(name: string): Error {
  return Object.assign(new Error(name), { name });
}
