import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { newStillMeant } from '../../functions/operations/unpaid/vetoes.ts';
import type { OperationNeeds } from '../../functions/operations/needs.ts';
import { openChecked } from '../../functions/operations/accounts.ts';
import { createConnectionHealth, rememberingHealth } from '../../functions/operations/connection-health.ts';
import { createLedger } from '../../functions/operations/ledger/ledger.ts';
import { createConnections, type Connections } from '../../functions/providers/connections.ts';
import { createHttpClient } from '../../functions/providers/http-client.ts';
import type { Clock } from '../../functions/runtime/clock.ts';
import { redact } from '../../functions/runtime/redact.ts';
import { createSecretReader } from '../../functions/runtime/secrets.ts';
import { dice, placeOf } from './dice.ts';
import { createOutside } from './outside.ts';
import { CLOCK_SKEW_MS, TABLES, type Life, type World } from './world.ts';
import { accountKeys, accountsOf } from '../support/account-names.ts';

const MOST_OFF_MS = 10_000;

/** One Lambda container: a clock of its own, its caches, and one invocation at a time. Once dead it never comes back. */
export interface Container {
  readonly clock: Clock;
  readonly needs: OperationNeeds;
  readonly dynamodb: DynamoDBClient;
  readonly connections: Connections;
  /** Runs a function's work for so many milliseconds at the most. `name` is unique in a run. */
  invoke<T>(name: string, lastsMs: number, work: (remainingMs: () => number) => Promise<T>): Promise<Invoked<T>>;
  isFree(): boolean;
}

export type Invoked<T> = { kind: 'returned'; value: T } | { kind: 'threw'; error: unknown } | { kind: 'died' };

// Only its `send` is called, which each container has of its own.
const sdk = new DynamoDBClient({ region: 'local', credentials: { accessKeyId: 'none', secretAccessKey: 'none' } });

export function createContainer(world: World, name: string): Container {
  const { plan, time } = world;
  const own = dice(plan.seed, placeOf(name));
  const offsetMs = own.pick([-MOST_OFF_MS, MOST_OFF_MS, own.between(-MOST_OFF_MS, MOST_OFF_MS)]);
  const jitter = dice(plan.seed, placeOf(name), 1);
  const life: Life = { isAlive: true, process: name, salt: 0, touch: 0, calls: 0, die: () => undefined };
  let isBusy = false;
  let owners = 0;

  const outside = createOutside(world, life);
  const dynamodb = Object.assign(Object.create(sdk) as DynamoDBClient, { send: outside.send });
  const clock: Clock = {
    now: () => Math.floor(time.now() + offsetMs),
    sleep: outside.sleep,
    random: () => jitter.next(),
  };
  const secrets = createSecretReader({ client: outside.secretsManager, clock, cacheMs: 30_000 });
  const connections = createConnections({
    declarations: world.declarations,
    readCredential: (connection, options) => secrets.read(connection, options),
    accountKeys,
    http: (target) =>
      createHttpClient(target, { clock, log, exchange: (outgoing) => outside.exchange(target.connection, outgoing) }),
  });
  const logged = (code: string, fields: Record<string, unknown> = {}): void => {
    const operation = typeof fields['operation'] === 'string' ? fields['operation'] : null;
    if (code.startsWith('PROVIDER_')) return;
    if (code === 'OPERATION_NEEDS_ATTENTION' && operation !== null) world.alarms.add(operation);
    world.happened({ at: time.now(), event: 'logged', process: life.process, code, operation });
  };
  const log = { info: logged, warn: logged, error: logged };

  const accounts = accountsOf(connections, { dynamodb, table: TABLES.connectionHealth, clock, log });
  const needs: OperationNeeds = {
    accounts,
    ledger: createLedger({ dynamodb, tables: TABLES, clock }),
    health: rememberingHealth(
      createConnectionHealth({ dynamodb, table: TABLES.connectionHealth, clock }),
      clock,
      2_000,
    ),
    openConnection: openChecked((connection, options) => connections.open(connection, options), accounts),
    clock,
    newOwner: () => `${life.process}.${(owners += 1)}`,
    redact,
    log,
    clockSkewMs: CLOCK_SKEW_MS,
    stillMeant: newStillMeant(clock),
  };

  return {
    clock,
    needs,
    dynamodb,
    connections,
    isFree: () => life.isAlive && !isBusy,
    invoke: (invocation, lastsMs, work) =>
      new Promise((resolve) => {
        life.process = invocation;
        life.salt = placeOf(invocation);
        life.touch = 0;
        isBusy = true;
        let isRunning = true;
        const endsAt = time.now() + lastsMs;
        const end = <T>(invoked: Invoked<T>, settle: (invoked: Invoked<T>) => void): void => {
          if (!isRunning || !life.isAlive) return;
          isRunning = false;
          isBusy = false;
          settle(invoked);
        };
        life.die = (why) => {
          if (!isRunning || !life.isAlive) return;
          life.isAlive = false;
          world.happened({ at: time.now(), event: 'died', process: invocation, why, isCalling: life.calls > 0 });
          resolve({ kind: 'died' });
        };
        time.at(endsAt, () => {
          if (isRunning) life.die('timed out');
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
