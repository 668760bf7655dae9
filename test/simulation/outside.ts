import { PutItemCommand, TransactionConflictException, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import type { ExchangeResult, Outgoing } from '../../functions/providers/http-exchange.ts';
import { HTML, LONGEST_WAY_MS, ok, TO_ALL } from './ask-fates.ts';
import { dice, type Dice } from './dice.ts';
import { cancelled } from './dynamodb.ts';
import { FOREIGN_REPLIES, NO_FAULTS, type ForeignReply, type Rates } from './plan.ts';
import { TABLES, type Life, type World } from './world.ts';

/** Everything that a container reaches, over a road on which anything may happen. */
export interface Outside {
  /** One command of the SDK to DynamoDB, its repetitions included. */
  readonly send: (command: object) => Promise<object>;
  readonly secretsManager: { send(command: { input: { SecretId?: string } }): Promise<{ SecretString: string }> };
  readonly exchange: (connection: string, outgoing: Outgoing) => Promise<ExchangeResult>;
  readonly sleep: (ms: number) => Promise<void>;
}

const SDK_ATTEMPTS = 3;
const SDK_TIMEOUT_MS = 3_000;
/** Nothing comes any more. A promise of its own each time: whoever waits for it would be kept in memory by one that they share. */
const silence = (): Promise<never> => new Promise<never>(() => undefined);

export function createOutside(world: World, life: Life): Outside {
  const { plan, time } = world;
  const rates = (): Rates => (world.areFaultsOver ? NO_FAULTS : plan.rates);
  const strikes = (chance: Dice, rate: number, what: string): boolean =>
    chance.chance(rate) && world.struck(`${life.process}/${life.touch}: ${what}`, what);
  /** Begins a life.touch of the outside world. This is where a function may be killed: before it happens, or before its answer is seen. */
  const begin = (what: string): { chance: Dice; killed: 'before' | 'after' | null } => {
    life.touch += 1;
    const number = world.touches;
    world.touches += 1;
    const chance = dice(plan.seed, life.salt, life.touch);
    let killed: 'before' | 'after' | null = null;
    if (plan.kill?.touch === number) killed = plan.kill.when;
    else if (chance.chance(rates().kill) && world.struck(`${life.process}/${life.touch}: kill`, `killed at ${what}`)) {
      killed = chance.pick(['before', 'after']);
    }
    if (killed === 'before') life.die('killed');
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
        if (isKilled) life.die('killed');
        time.after(backMs, () => {
          if (life.isAlive) settle();
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
      command.input.ClientRequestToken ??= `${life.process}/${life.touch}`;
    }
    const isWrite = command instanceof PutItemCommand || command instanceof TransactWriteItemsCommand;
    for (let attempt = 1; ; attempt += 1) {
      const { chance, killed } = begin(command.constructor.name);
      if (killed === 'before') return silence();
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
      if (!life.isAlive) return silence();
    }
  };
  const secretsManager = {
    async send(command: { input: { SecretId?: string } }): Promise<{ SecretString: string }> {
      const { chance, killed } = begin('GetSecretValue');
      if (killed === 'before') return silence();
      const isFailing = strikes(chance, rates().secret, 'secret unreadable');
      return there(chance.between(2, 20), isFailing ? 2_000 : 5, killed === 'after', () => {
        if (isFailing) throw named('InternalServiceError');
        return { SecretString: world.providers.storedCredential(command.input.SecretId ?? '') };
      });
    },
  };
  const exchange = (connection: string, outgoing: Outgoing): Promise<ExchangeResult> =>
    new Promise((resolve) => {
      if (!(outgoing.timeoutMs > 0)) {
        resolve(notSent('NO_TIME_LEFT'));
        return;
      }
      const ask = world.providers.askOf(connection, outgoing);
      const { chance, killed } = begin(ask === null ? 'read of the provider' : 'ask of the provider');
      if (killed === 'before') return;
      const by = life.process;
      life.calls += 1;
      const endsAt = time.now() + outgoing.timeoutMs;
      let isOver = false;
      const finish = (result: ExchangeResult): void => {
        if (isOver) return;
        isOver = true;
        life.calls -= 1;
        if (life.isAlive) resolve(result);
      };
      const connectsAt =
        time.now() + (strikes(chance, rates().frozen, 'frozen') ? chance.between(100, 5_000) : chance.between(1, 20));
      const isRefused =
        ask === null ? strikes(chance, rates().refusedConnection, 'connection refused') : ask.fate.road === 'refused';
      if (connectsAt >= endsAt || isRefused || world.providers.isDown(connection)) {
        time.at(Math.min(connectsAt, endsAt), () => {
          if (killed === 'after') life.die('killed');
          finish(notSent(connectsAt >= endsAt ? 'TIMED_OUT' : 'ECONNREFUSED'));
        });
        return;
      }
      time.at(endsAt, () => {
        finish({ kind: 'lost', problem: 'timed_out', code: 'TIMED_OUT' });
      });
      time.at(connectsAt, () => {
        if (!life.isAlive) return;
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
          if (killed === 'after') life.die('killed');
          time.after(5, () => {
            finish({ kind: 'lost', problem: 'connection_cut', code: 'ECONNRESET' });
          });
          return;
        }
        time.after(chance.between(1, LONGEST_WAY_MS), () => {
          const misread = ask === null ? misreadAs(chance) : null;
          const answer = (result: ExchangeResult): void => {
            time.after(chance.between(1, 40), () => {
              finish(misread === null ? result : misread(result));
            });
          };
          if (ask === null) readThroughCache(connection, outgoing, chance, answer);
          else world.providers.receive(connection, outgoing, ask, chance, answer);
          if (killed === 'after') life.die('killed');
        });
      });
    });
  const readThroughCache = (
    connection: string,
    outgoing: Outgoing,
    chance: Dice,
    answer: (result: ExchangeResult) => void,
  ): void => {
    const address = `${connection} ${outgoing.url.href}`;
    const kept = world.cache.answer(address, time.now());
    // Drawn whether or not there is something to strike with: all that is drawn after it stays the same.
    const isDrawn = chance.chance(rates().staleRead);
    if (kept !== null && isDrawn && world.struck(`${life.process}/${life.touch}: stale read`, 'stale read')) {
      answer(kept);
      return;
    }
    world.providers.receive(connection, outgoing, null, chance, (result) => {
      const dated =
        result.kind === 'reply' ? { ...result, headers: { ...result.headers, ...dateOf(connection) } } : result;
      if (dated.kind === 'reply' && [200, 404].includes(dated.status)) {
        world.cache.keep(address, dated, time.now(), chance);
      }
      answer(dated);
    });
  };
  /** The time by the provider's clock. Of one that is ahead, what is out of date may look as if it were not: the README says so. */
  const dateOf = (connection: string): { date: string } => {
    const { clockOffMs = 0 } = plan.connections.find(({ name }) => name === connection) ?? {};
    return { date: new Date(time.now() + Math.min(0, clockOffMs)).toUTCString() };
  };
  /** What a read brings instead of the truth: never another truth. */
  const misreadAs = (chance: Dice): ((result: ExchangeResult) => ExchangeResult) | null => {
    if (!strikes(chance, rates().read, 'unusable read')) return null;
    const kind = chance.pick<ForeignReply | 'html' | 'cut' | 'truncated' | '500'>([
      'html',
      'cut',
      'truncated',
      '500',
      ...FOREIGN_REPLIES,
    ]);
    return (result) => {
      if (kind === 'cut' || result.kind !== 'reply')
        return { kind: 'lost', problem: 'connection_cut', code: 'ECONNRESET' };
      if (kind === 'truncated') return { ...result, body: result.body.slice(0, result.body.length / 2) };
      if (kind === 'html') return ok(HTML);
      return kind === '500' ? ok({ ...HTML, status: 500 }) : ok(TO_ALL[kind]);
    };
  };
  const sleep = async (ms: number): Promise<void> => {
    if (begin('sleep').killed !== null) return silence();
    await time.sleep(ms);
    if (!life.isAlive) return silence();
  };

  return { send, secretsManager, exchange, sleep };
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
