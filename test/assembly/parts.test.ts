import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { partsFor } from '../../functions/assembly/parts.ts';
import { perform } from '../../functions/operations/perform.ts';
import { settleDue } from '../../functions/operations/settle-due.ts';
import { ENVIRONMENT } from '../../functions/runtime/environment.ts';
import { startSecrets, type LocalSecrets } from '../../infra/local/aws/secrets.ts';
import { cancelCommand, handClock, timeLeft } from '../operations/world.ts';
import { startFakeProvider, type FakeProvider, type SeenRequest } from '../providers/fake-provider.ts';
import { startDynamoDB, type TestDynamoDB } from '../support/dynamodb.ts';

/** What the provider takes, and what is stored. */
const credential = { atProvider: '', stored: '' };
/** What happens while a changing call is on its way. */
let whileAsked: () => void = () => undefined;
const cancelled = new Set<string>();

function reply({ method, path, headers }: SeenRequest) {
  if (method === 'POST') whileAsked();
  if (headers.authorization !== `Token token=${credential.atProvider}`) {
    return { status: 401, body: '{"errors":"token inválido"}' };
  }
  const id = /orders\/(\d+)/.exec(path)?.[1] ?? '0';
  if (method === 'POST') cancelled.add(id);
  const status = cancelled.has(id) ? 'cancelled' : 'waiting_picking';
  return {
    status: 200,
    headers: { 'content-type': 'application/json', 'x-request-id': 'r' },
    body: JSON.stringify({ order: { id: Number(id), organization_id: 1, status, order_histories: [] } }),
  };
}

let dynamodb: TestDynamoDB;
let secrets: LocalSecrets;
let provider: FakeProvider;
let folder: string;
const environment = { ...process.env };
beforeAll(async () => {
  dynamodb = await startDynamoDB();
  secrets = await startSecrets(() => Promise.resolve(credential.stored));
  provider = await startFakeProvider(reply);
  folder = await mkdtemp(join(tmpdir(), 'parts-'));
  const declared = { provider: 'estoka', baseUrl: provider.baseUrl.href, organizationId: 1 };
  await writeFile(join(folder, 'connections.json'), JSON.stringify({ 'loja-rio': declared }));
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.endpoint,
    LAMBDA_TASK_ROOT: folder,
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    [ENVIRONMENT.ledgerTable]: dynamodb.tables.ledger,
    [ENVIRONMENT.idempotencyKeysTable]: dynamodb.tables.idempotencyKeys,
    [ENVIRONMENT.connectionHealthTable]: dynamodb.tables.connectionHealth,
    [ENVIRONMENT.connectionSecretPrefix]: 'Countermand/',
    [ENVIRONMENT.clockSkewSeconds]: '20',
  });
});
afterAll(async () => {
  process.env = environment;
  await rm(folder, { recursive: true });
  await Promise.all([provider.close(), secrets.close(), dynamodb.stop()]);
});
let names = 0;
let first: string;
let second: string;
beforeEach(() => {
  whileAsked = () => undefined;
  names += 1;
  [first, second] = [`first-${names}`, `second-${names}`];
  rotate({ atProvider: first, stored: first });
});

function rotate(to: Partial<typeof credential>): void {
  Object.assign(credential, to);
}

/** How often the provider was asked to cancel, with that credential; of all orders or of one. */
const asksWith = (token: string, orderId = '') =>
  provider.seen.filter(
    ({ method, path, headers }) =>
      method === 'POST' && headers.authorization === `Token token=${token}` && path.includes(`/orders/${orderId}`),
  ).length;

/** Containers of one function, each with its own caches, that have all cancelled an order just now. */
async function warmContainers(count: number) {
  const clock = handClock();
  const containers = Array.from({ length: count }, () => partsFor('cancel-order', clock).operations());
  const cancel = async (container: number) => {
    const needs = containers[container];
    if (needs === undefined) throw new Error('There is no such container.');
    return (await perform(cancelCommand(), needs, timeLeft(clock))).operation;
  };
  for (const container of containers.keys()) expect((await cancel(container)).state).toBe('confirmed');
  return { clock, containers, cancel };
}

describe('containers, and a credential that is rotated', () => {
  it('none asks with the old one once the new one is stored, and no order waits', async () => {
    const { containers, cancel } = await warmContainers(8);
    const before = asksWith(first);
    rotate({ atProvider: second, stored: second });
    const operations = await Promise.all(Array.from(containers.keys(), cancel));
    expect(operations.map(({ state }) => state)).toEqual(containers.map(() => 'confirmed'));
    expect(asksWith(first) - before).toBe(0);
  });

  it('one asks with the old one between its end at the provider and the new one, and the others wait without an ask', async () => {
    const { clock, containers, cancel } = await warmContainers(4);
    const before = asksWith(first);
    rotate({ atProvider: second });
    const operations = [];
    for (const container of containers.keys()) {
      operations.push(await cancel(container));
      clock.advance(2_000);
    }
    expect(operations).toMatchObject(
      ['sent', 'not_sent', 'not_sent', 'not_sent'].map((askReach) => ({ detail: 'credential_rejected', askReach })),
    );
    expect(asksWith(first) - before).toBe(1);

    rotate({ stored: second });
    expect((await cancel(2)).state).toBe('confirmed');
    const [needs] = containers;
    if (needs === undefined) throw new Error('There is no container.');
    expect(await settleDue(['loja-rio'], needs, timeLeft(clock, 120_000))).toMatchObject({ settled: 3, open: 1 });
    expect(asksWith(first) - before).toBe(1);
  });

  it('an ask that was under way is asked again with the new one after its quiet period, 140 s, and no sooner', async () => {
    const { clock, containers, cancel } = await warmContainers(1);
    whileAsked = () => {
      rotate({ atProvider: second, stored: second });
    };
    const met = await cancel(0);
    expect(met).toMatchObject({ state: 'pending', detail: 'credential_rejected', askReach: 'sent' });
    const [needs] = containers;
    if (needs === undefined) throw new Error('There is no container.');
    const settleAfter = async (afterMs: number) => {
      clock.advance(afterMs);
      await settleDue(['loja-rio'], needs, timeLeft(clock, 120_000));
      return (await needs.ledger.find('loja-rio', met.orderId))?.current.state;
    };
    expect([await settleAfter(60_000), await settleAfter(60_000)]).toEqual(['pending', 'pending']);
    expect(await settleAfter(25_000)).toBe('confirmed');
    expect(asksWith(second, met.orderId)).toBe(1);
  });
});

describe('an account that has another name', () => {
  it('is turned away with what to do, which is another thing where that name is still declared', async () => {
    const { LAMBDA_TASK_ROOT } = process.env;
    const estoka = (organizationId: number) => ({
      ...{ provider: 'estoka', baseUrl: provider.baseUrl.href, organizationId },
    });
    const cancelAt = async (connection: string, declared: Record<string, object>) => {
      const root = (process.env['LAMBDA_TASK_ROOT'] = await mkdtemp(join(tmpdir(), 'parts-')));
      await writeFile(join(root, 'connections.json'), JSON.stringify(declared));
      const clock = handClock();
      const needs = partsFor('cancel-order', clock).operations();
      return perform(cancelCommand({ connection }), needs, timeLeft(clock)).finally(() =>
        rm(root, { recursive: true }),
      );
    };
    try {
      await cancelAt('loja-velha', { 'loja-velha': estoka(7) });
      await expect(cancelAt('loja-nova', { 'loja-nova': estoka(7) })).rejects.toThrow('Declare it as loja-velha again');
      const both = { 'loja-nova': estoka(7), 'loja-velha': estoka(8) };
      await expect(cancelAt('loja-nova', both)).rejects.toThrow('Ask loja-velha;');
    } finally {
      process.env['LAMBDA_TASK_ROOT'] = LAMBDA_TASK_ROOT;
    }
  });
});

describe('one container', () => {
  it('makes one call for two asks of one order at once: each invocation writes as an owner of its own', async () => {
    const clock = handClock();
    const needs = partsFor('cancel-order', clock).operations();
    const command = cancelCommand();
    const asked = await Promise.allSettled(
      [1, 2].map(() => perform({ ...command, idempotency: null }, needs, timeLeft(clock))),
    );
    expect(asksWith(first, `${command.orderId}/`)).toBe(1);
    expect(asked.filter(({ status }) => status === 'rejected')).toMatchObject([
      { reason: { name: 'OperationInProgress' } },
    ]);
  });

  it('reads with a credential that is up to 30 seconds old, and asks with none that was read before', async () => {
    const clock = handClock();
    const { openConnection } = partsFor('list-cancelled-orders', clock).reading();
    const digestOf = async (options?: { fresh: boolean }) =>
      (await openConnection('loja-rio', options)).credentialDigest;
    const old = await digestOf();
    rotate({ stored: second });
    clock.advance(29_999);
    expect(await digestOf()).toBe(old);
    clock.advance(1);
    const rotated = await digestOf();
    expect(rotated).not.toBe(old);
    rotate({ stored: first });
    expect(await digestOf({ fresh: true })).toBe(old);
  });

  it('knows for two seconds at most no better than that a credential was not rejected', async () => {
    const clock = handClock();
    const [one, other] = [1, 2].map(() => partsFor('list-cancelled-orders', clock).reading().health);
    const name = `loja-${names}`;
    expect(await one?.read(name)).toBeNull();
    await other?.markRejected(name, 'digest');
    clock.advance(1_999);
    expect(await one?.read(name)).toBeNull();
    clock.advance(1);
    expect(await one?.read(name)).toMatchObject({ credentialDigest: 'digest' });
  });

  it('allows for the clocks to differ by what the stack says, and does not begin without a sensible number', () => {
    expect(partsFor('cancel-order').operations().clockSkewMs).toBe(20_000);
    try {
      for (const skew of ['0', '60']) {
        process.env[ENVIRONMENT.clockSkewSeconds] = skew;
        expect(partsFor('cancel-order').operations().clockSkewMs).toBe(Number(skew) * 1_000);
      }
      for (const skew of ['-1', '61', 'soon', '']) {
        process.env[ENVIRONMENT.clockSkewSeconds] = skew;
        expect(() => partsFor('cancel-order').operations()).toThrow();
      }
    } finally {
      process.env[ENVIRONMENT.clockSkewSeconds] = '20';
    }
  });
});
