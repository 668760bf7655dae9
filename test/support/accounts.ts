import { newStillMeant } from '../../functions/operations/unpaid/vetoes.ts';
import type { OperationNeeds } from '../../functions/operations/needs.ts';
import { openChecked } from '../../functions/operations/accounts.ts';
import { createConnectionHealth } from '../../functions/operations/connection-health.ts';
import { createLedger } from '../../functions/operations/ledger/ledger.ts';
import { perform } from '../../functions/operations/perform.ts';
import { createConnections, parseConnections } from '../../functions/providers/connections.ts';
import { createHttpClient } from '../../functions/providers/http-client.ts';
import { systemClock, type Clock } from '../../functions/runtime/clock.ts';
import { redact } from '../../functions/runtime/redact.ts';
import { startFakeProvider, type FakeProvider } from '../providers/fake-provider.ts';
import type { TestDynamoDB } from './dynamodb.ts';
import { accountKeys, accountsOf } from './account-names.ts';

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Counts over all containers, since every invocation's name is unique. */
let owners = 0;

/** Everything that operations need, over real HTTP to fake providers, with the real ledger. `connections`: by name. */
export function accounts(
  dynamodb: Pick<TestDynamoDB, 'client' | 'tables'>,
  providers: Record<string, { provider: string; fake: FakeProvider; cancelUnpaid?: unknown; formerly?: string[] }>,
  clock: Clock = systemClock,
) {
  const credentials = new Map<string, string>();
  const connections = createConnections({
    declarations: parseConnections(
      Object.fromEntries(
        Object.entries(providers).map(([name, { provider, fake, ...rule }]) => [
          name,
          { provider, baseUrl: fake.baseUrl.href, ...(provider === 'estoka' ? { organizationId: 1 } : {}), ...rule },
        ]),
      ),
    ),
    readCredential: (name) => Promise.resolve(credentials.get(name) ?? `credential of ${name}`),
    accountKeys,
    http: (target) => createHttpClient(target, { clock, log }),
  });
  const names = accountsOf(connections, {
    dynamodb: dynamodb.client,
    table: dynamodb.tables.connectionHealth,
    clock,
    log,
  });
  const needs: OperationNeeds = {
    accounts: names,
    ledger: createLedger({ dynamodb: dynamodb.client, tables: dynamodb.tables, clock }),
    health: createConnectionHealth({ dynamodb: dynamodb.client, table: dynamodb.tables.connectionHealth, clock }),
    openConnection: openChecked((name, options) => connections.open(name, options), names),
    clock,
    newOwner: () => `owner ${(owners += 1)}`,
    redact,
    log,
    clockSkewMs: 0,
    stillMeant: newStillMeant(clock),
  };
  const cancel = async (connection: string, orderId: string) => {
    const { provider } = connections.get(connection);
    const command = { connection, provider, orderId, kind: 'cancel', reason: null, note: null, actor: null } as const;
    return (await perform({ ...command, trigger: 'http', idempotency: null }, needs, () => 30_000)).operation;
  };
  return { needs, connections, credentials, cancel, names: Object.keys(providers) };
}

/** An Estoka that cancels every order at once. `placedAt` returns an order's time by its id. */
export function startFakeEstoka(placedAt: (orderId: string) => string): Promise<FakeProvider> {
  return startFakeProvider(({ path }) => {
    const orderId = /orders\/(\d+)/.exec(path)?.[1] ?? '0';
    const customer = { name: 'Ana Contoh', document: '01527675173', phones: ['21 999999999'] };
    const data = { code: `C-${orderId}`, placed_at: placedAt(orderId), total_value: 62.5, items: [], customer };
    const order = { id: Number(orderId), organization_id: 1, status: 'cancelled', data, order_histories: [] };
    return { status: 200, body: JSON.stringify({ order }) };
  });
}
