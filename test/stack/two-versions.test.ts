import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient, ListTablesCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { SCHEMA } from '../../functions/operations/ledger/items.ts';
import { startFakeProvider, type Delivery, type FakeProvider, type SeenRequest } from '../providers/fake-provider.ts';
import { newDataDir, startLocalStack, type LocalStackProcess } from '../support/local-stack.ts';
import { copySource, type Edit } from '../support/source-copy.ts';

/**
 * A deployment, its rollback, and the deployment again, each running on the local stack over one ledger. The newer version is this one
 * with what a next one may well bring: a member of every operation that older versions may keep without knowing it (`priority`), and asks that
 * wait for a second person, in a state that they must not touch (`held`), whose items have the next schema.
 */
const NEWER: Edit[] = [
  {
    file: 'functions/operations/rules/operation.ts',
    text: '  attempts: z.int().nonnegative(),\n',
    instead:
      '  attempts: z.int().nonnegative(),\n  priority: z.optional(z.string()),\n  heldFor: z.optional(z.string()),\n',
  },
  {
    file: 'functions/operations/rules/operation.ts',
    text: "  z.object({ state: z.literal('pending'), ...open }),\n",
    instead:
      "  z.object({ state: z.literal('held'), ...open }),\n  z.object({ state: z.literal('pending'), ...open }),\n",
  },
  {
    file: 'functions/operations/rules/operation.ts',
    text: "  needs_attention: ['confirmed', 'refused', 'needs_attention'],\n",
    instead:
      "  needs_attention: ['confirmed', 'refused', 'needs_attention'],\n  held: ['calling', 'confirmed', 'refused', 'held'],\n",
  },
  {
    file: 'functions/operations/rules/view-of.ts',
    text: "outcome: operation.state === 'calling' ? 'unknown' : operation.state,",
    instead: "outcome: { calling: 'unknown', held: 'pending' }[operation.state] ?? operation.state,",
  },
  {
    file: 'functions/operations/rules/moves.ts',
    text: "    case 'pending':\n    case 'unknown':\n",
    instead: "    case 'held':\n    case 'pending':\n    case 'unknown':\n",
  },
  {
    file: 'functions/operations/ledger/items.ts',
    text: 'export const SCHEMA = 1;',
    instead: 'export const SCHEMA = 2;',
  },
  {
    file: 'functions/operations/ledger/items.ts',
    text: '      schema: SCHEMA,\n',
    instead: '      schema: operation.heldFor === undefined ? 1 : SCHEMA,\n',
  },
  {
    file: 'functions/operations/perform.ts',
    text: '  const connecting = awaitLater(',
    instead: "  if (command.reason === 'fraud') return performLater(command, needs);\n  const connecting = awaitLater(",
  },
  {
    file: 'functions/operations/perform.ts',
    text: "    state: 'pending',\n    attempts: 0,\n    detail: 'queued',\n",
    instead: "    state: 'held',\n    heldFor: 'a second person',\n    attempts: 0,\n    detail: 'held',\n",
  },
  {
    file: 'functions/operations/perform.ts',
    text: '    trigger: command.trigger,\n',
    instead: "    trigger: command.trigger,\n    priority: 'high',\n",
  },
];
const PARTS = ['functions', 'infra', 'cdk.json', 'package.json', 'package-lock.json', 'tsconfig.json'];

const SHOP = 'loja-rio';
const HELD = { reason: 'fraud' };

/** What becomes of the first ask of an order. */
type Fate = 'answers' | 'acts and does not answer' | 'does nothing and does not answer';
const FATES: Readonly<Record<string, Fate>> = {
  12: 'acts and does not answer',
  13: 'does nothing and does not answer',
};

/** An Estoka that does as these fates say, counts what it did, and may be out of reach for reads. */
class Shop {
  readonly effects = new Map<string, number>();
  readonly asks = new Map<string, number>();
  isReadable = true;

  answer({ path, method }: SeenRequest): Delivery {
    const [, orderId = ''] = /\/orders\/(\d+)/.exec(path) ?? [];
    if (method === 'GET') return this.isReadable ? this.#order(orderId) : 'reset';
    const asks = (this.asks.get(orderId) ?? 0) + 1;
    this.asks.set(orderId, asks);
    const fate = asks === 1 ? FATES[orderId] : undefined;
    if (fate === 'does nothing and does not answer') return 'hang';
    this.effects.set(orderId, (this.effects.get(orderId) ?? 0) + 1);
    return fate === undefined ? this.#order(orderId) : 'hang';
  }

  #order(orderId: string): Delivery {
    const status = this.effects.has(orderId) ? 'cancelled' : 'billing';
    const order = { id: Number(orderId), organization_id: 1, status, order_histories: [] };
    return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ order }) };
  }
}

let dataDir: Awaited<ReturnType<typeof newDataDir>>;
let source: Awaited<ReturnType<typeof copySource>>;
let estoka: FakeProvider;
let stack: LocalStackProcess;
const shop = new Shop();

beforeAll(async () => {
  dataDir = await newDataDir();
  source = await copySource(PARTS, NEWER);
  estoka = await startFakeProvider((request) => shop.answer(request));
  const account = { provider: 'estoka', baseUrl: estoka.baseUrl.href, organizationId: 1, credential: 'any' };
  const declared = { [SHOP]: { ...account, quietPeriodSeconds: 3, timeoutSeconds: 2 } };
  await writeFile(join(dataDir.path, 'connections.json'), JSON.stringify(declared));
});
afterAll(async () => {
  await stack.stop();
  await estoka.close();
  await source.remove();
  await dataDir.remove();
});

async function deploy(version: 'newer' | 'older') {
  const args = ['--connections', join(dataDir.path, 'connections.json')];
  stack = await startLocalStack(dataDir.path, args, {}, version === 'newer' ? source.path : undefined);
}
const cancel = (orderId: string, body: object = {}) =>
  stack.ask('POST', `/v1/connections/${SHOP}/orders/${orderId}/cancel`, { body });
const operation = (orderId: string) => stack.ask('GET', `/v1/operations/${SHOP}:${orderId}:1`);
const waitUntilSettled = (orderId: string) => stack.waitUntilSettled(`${SHOP}:${orderId}:1`, 60_000);

/** The ledger's items by order, as they lie in the table. */
async function ledger(): Promise<Map<string, Record<string, unknown>>> {
  const { dynamodbEndpoint: endpoint } = z
    .object({ dynamodbEndpoint: z.string() })
    .parse(JSON.parse(await readFile(join(dataDir.path, 'local.json'), 'utf8')));
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
  const { TableNames = [] } = await client.send(new ListTablesCommand({}));
  const TableName = TableNames.find((name) => name.includes('Ledger'));
  const { Items = [] } = await client.send(new ScanCommand({ TableName }));
  client.destroy();
  return new Map(Items.map((item) => [item['orderId']?.S ?? '', unmarshall(item)]));
}

describe('a version that is deployed, rolled back and deployed again over one ledger', () => {
  it('newer: leaves operations of every kind behind', async () => {
    await deploy('newer');
    expect(await cancel('11')).toMatchObject({ status: 200, body: { outcome: 'confirmed' } });
    expect(await cancel('15', HELD)).toMatchObject({ status: 202, body: { outcome: 'pending', detail: 'held' } });
    expect(await waitUntilSettled('15')).toMatchObject({ outcome: 'confirmed' });

    shop.isReadable = false;
    for (const orderId of ['12', '13'])
      expect(await cancel(orderId)).toMatchObject({ status: 202, body: { outcome: 'unknown', detail: 'timed_out' } });
    expect(await cancel('14', HELD)).toMatchObject({ status: 202, body: { detail: 'held' } });
    await stack.stop();
    expect(Object.fromEntries(shop.effects)).toEqual({ 11: 1, 12: 1, 15: 1 });
  });

  it('older: settles what it can read, leaves the rest alone, and serves everything else', async () => {
    await deploy('older');
    const before = await ledger();
    expect([before.get('14'), before.get('15')]).toMatchObject([
      { schema: SCHEMA + 1, state: 'held' },
      { schema: SCHEMA + 1, state: 'confirmed' },
    ]);
    shop.isReadable = true;
    for (const orderId of ['12', '13']) expect(await waitUntilSettled(orderId)).toMatchObject({ outcome: 'confirmed' });

    const replay = await cancel('11');
    expect([replay.status, replay.headers.get('idempotent-replayed')]).toEqual([200, 'true']);
    expect(await cancel('16')).toMatchObject({ status: 200, body: { outcome: 'confirmed' } });
    for (const orderId of ['14', '15']) {
      const asks = shop.asks.get(orderId);
      const closed = { status: 503, body: { type: '/problems/operation-unreadable' } };
      expect(await cancel(orderId)).toMatchObject(closed);
      expect(await operation(orderId)).toMatchObject(closed);
      expect(shop.asks.get(orderId)).toBe(asks);
    }
    const { body } = await stack.ask('GET', '/v1/operations');
    expect(body).toMatchObject({ unreadable: 2 });
    const listed = z.array(z.object({ orderId: z.string() })).parse(body['operations']);
    expect(listed.map(({ orderId }) => orderId).sort()).toEqual(['11', '12', '13', '16']);
    const cancelled = await stack.ask('GET', '/v1/cancelled-orders');
    expect(cancelled.body).toMatchObject({ incomplete: [{ connection: SHOP, problem: 'unreadable_items' }] });

    // A few more runs of its settler, which pass over the held one.
    await sleep(2_000);
    const after = await ledger();
    for (const orderId of ['14', '15']) expect(after.get(orderId)).toEqual(before.get(orderId));
    for (const orderId of ['12', '13'])
      expect(after.get(orderId)).toMatchObject({ schema: SCHEMA, priority: 'high', state: 'confirmed' });
    await stack.stop();
  });

  it('newer again: goes on with its own, and nothing is lost or done twice', async () => {
    await deploy('newer');
    expect(await waitUntilSettled('14')).toMatchObject({ outcome: 'confirmed' });
    for (const orderId of ['11', '12', '13', '15', '16']) {
      expect(await operation(orderId)).toMatchObject({ status: 200, body: { outcome: 'confirmed', final: true } });
      expect(await cancel(orderId)).toMatchObject({ status: 200, body: { id: `${SHOP}:${orderId}:1` } });
    }
    const { body } = await stack.ask('GET', '/v1/operations');
    expect(body).toMatchObject({ unreadable: 0 });
    expect(body['operations']).toHaveLength(6);
    const items = await ledger();
    for (const orderId of ['11', '12', '13', '14', '15']) expect(items.get(orderId)?.['priority']).toBe('high');
    for (const orderId of ['14', '15']) expect(items.get(orderId)?.['heldFor']).toBe('a second person');
    expect(Object.fromEntries(shop.effects)).toEqual({ 11: 1, 12: 1, 13: 1, 14: 1, 15: 1, 16: 1 });
    expect(shop.asks.get('13')).toBe(2);

    const events = await readFile(join(dataDir.path, 'events.ndjson'), 'utf8');
    for (const orderId of ['11', '12', '13', '14', '15', '16'])
      expect(events).toMatch(
        new RegExp(`OrderOperationConfirmed.*${SHOP}:${orderId}:1|${SHOP}:${orderId}:1.*OrderOperationConfirmed`),
      );
  });
});
