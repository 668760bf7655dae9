import { expect, it } from '@jest/globals';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { newStillMeant } from '../../functions/operations/unpaid/vetoes.ts';
import type { OperationNeeds } from '../../functions/operations/needs.ts';
import { openChecked } from '../../functions/operations/accounts.ts';
import { createConnectionHealth } from '../../functions/operations/connection-health.ts';
import { OperationInProgress } from '../../functions/operations/errors.ts';
import { createLedger } from '../../functions/operations/ledger/ledger.ts';
import { perform } from '../../functions/operations/perform.ts';
import { createConnections, parseConnections } from '../../functions/providers/connections.ts';
import { createHttpClient } from '../../functions/providers/http-client.ts';
import type { ExchangeResult, Outgoing } from '../../functions/providers/http-exchange.ts';
import { redact } from '../../functions/runtime/redact.ts';
import { TABLES } from './world.ts';
import { createMemoryDynamoDB } from './dynamodb.ts';
import { PROVIDERS, type ProviderName } from './plan.ts';
import { SHAPES } from './simulate.ts';
import { WIRES, type KeptOrder } from './wire.ts';
import { accountKeys, accountsOf } from '../support/account-names.ts';

/**
 * 100 callers of one order at once. Every request to DynamoDB and to the provider is a task of fast-check's scheduler, which carries
 * them out in any order at all; a failing order of tasks is printed, and shrinks.
 */
const CALLERS = 100;
const NOW = Date.parse('2026-03-01T12:00:00.000Z');
const clock = { now: () => NOW, sleep: () => Promise.resolve(), random: () => 0.5 };
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const sdk = new DynamoDBClient({ region: 'local', credentials: { accessKeyId: 'none', secretAccessKey: 'none' } });

function world(provider: ProviderName, scheduler: fc.Scheduler) {
  const database = createMemoryDynamoDB(SHAPES);
  const scheduled = scheduler.scheduleFunction((work: () => object) => Promise.resolve().then(work));
  const send = (command: object) => scheduled(() => database.answer(command));
  const dynamodb = Object.assign(Object.create(sdk) as DynamoDBClient, { send });

  const order: KeptOrder = { id: '340', standing: 'active', isMoving: false, rows: [], clockOffMs: 0, undecided: 0 };
  let effects = 0;
  const exchange = async (outgoing: Outgoing): Promise<ExchangeResult> => {
    let reply = { status: 0, headers: {}, body: '' };
    await scheduled(() => {
      const wire = WIRES[provider];
      if (wire.askOf(outgoing.method, outgoing.url, outgoing.body) === null)
        reply = wire.read(outgoing.url, new Map([['340', order]]));
      else {
        effects += 1;
        order.standing = 'cancelled';
        reply = wire.done(order);
      }
      return {};
    });
    return { kind: 'reply', ...reply };
  };

  const own = provider === 'estoka' ? { organizationId: 1 } : {};
  const connections = createConnections({
    declarations: parseConnections({ shop: { provider, baseUrl: 'https://provider.example', ...own } }),
    readCredential: () => Promise.resolve('credential-1'),
    accountKeys,
    http: (target) => createHttpClient(target, { clock, log: silent, exchange }),
  });
  let owners = 0;
  const accounts = accountsOf(connections, { dynamodb, table: TABLES.connectionHealth, clock, log: silent });
  const needs: OperationNeeds = {
    accounts,
    ledger: createLedger({ dynamodb, tables: TABLES, clock }),
    health: createConnectionHealth({ dynamodb, table: TABLES.connectionHealth, clock }),
    openConnection: openChecked((name, options) => connections.open(name, options), accounts),
    clock,
    newOwner: () => `owner-${(owners += 1)}`,
    redact,
    log: silent,
    clockSkewMs: 20_000,
    stillMeant: newStillMeant(clock),
  };
  return { needs, effects: () => effects };
}

it.each(PROVIDERS)(
  '100 callers of one order of %s, in any interleaving, have one effect and true answers',
  async (provider) => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.option(fc.constantFrom('k1', 'k2', 'k3')), { minLength: CALLERS, maxLength: CALLERS }),
        async (scheduler, keys) => {
          const { needs, effects } = world(provider, scheduler);
          const answers = keys.map((key) =>
            perform(
              {
                connection: 'shop',
                provider,
                orderId: '340',
                kind: 'cancel',
                reason: null,
                note: null,
                actor: null,
                trigger: 'http',
                idempotency: key === null ? null : { key, fingerprint: 'the same ask' },
              },
              needs,
              () => 27_000,
            ).then(
              ({ operation, replayed }) => ({ state: operation.state, number: operation.number, replayed }),
              (error: unknown) => error,
            ),
          );
          await scheduler.waitIdle();
          const told = await Promise.all(answers);

          expect(effects()).toBe(1);
          const shown = told.filter((answer) => !(answer instanceof Error));
          expect(told.filter((answer) => answer instanceof Error && !(answer instanceof OperationInProgress))).toEqual(
            [],
          );
          expect(
            shown.filter((answer) => 'replayed' in Object(answer) && !(answer as { replayed: boolean }).replayed),
          ).toHaveLength(1);
          for (const answer of shown) expect(answer).toMatchObject({ state: 'confirmed', number: 1 });
          const found = await Promise.all([needs.ledger.find('shop', '340'), scheduler.waitIdle()]);
          expect(found[0]).toMatchObject({ current: { state: 'confirmed', number: 1 }, previous: [] });
        },
      ),
      { numRuns: 40 },
    );
  },
);
