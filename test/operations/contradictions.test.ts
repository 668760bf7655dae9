import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { OperationNeeds } from '../../functions/operations/needs.ts';
import { findContradictions } from '../../functions/operations/contradictions.ts';
import { currentItem, currentKey, earlierItem } from '../../functions/operations/ledger/items.ts';
import type { Operation } from '../../functions/operations/rules/operation.ts';
import type { LookUpReply, Warning } from '../../functions/providers/provider.ts';
import { startDynamoDB, type TestDynamoDB } from '../support/dynamodb.ts';
import { ACTIVE, CANCELLED, CONFIRMED, facts, PENDING, world } from './world.ts';

const HOUR_MS = 3_600_000;
const ENOUGH = () => 290_000;

let dynamodb: TestDynamoDB;
let provider: ReturnType<typeof world>;
let connection = '';
let orders = 0;
beforeAll(async () => {
  dynamodb = await startDynamoDB();
});
afterAll(() => dynamodb.stop());
beforeEach(() => {
  provider = world(dynamodb);
  connection = `loja-${(orders += 1)}`;
  provider.lookUp.mockResolvedValue(CANCELLED);
});

const ago = (ms: number) => new Date(provider.clock.now() - ms).toISOString();
const find = (remainingMs = ENOUGH) => findContradictions(connection, provider.needs, remainingMs);
const readOrders = () => provider.lookUp.mock.calls.map(([{ orderId }]) => orderId);
const shown = (reply: Partial<Extract<LookUpReply, { kind: 'not_cancelled' }>>): LookUpReply => ({
  kind: 'not_cancelled',
  order: facts('billing'),
  refusal: null,
  historyMark: null,
  ...reply,
});

const put = (Item: ReturnType<typeof currentItem>) =>
  dynamodb.client.send(new PutItemCommand({ TableName: dynamodb.tables.ledger, Item }));

/** A cancel of an order of its own that was confirmed that long ago. */
function cancelOf(settledMsAgo = HOUR_MS, changes: Partial<typeof CONFIRMED> = {}): typeof CONFIRMED {
  const at = ago(settledMsAgo);
  return {
    ...CONFIRMED,
    connection,
    orderId: String((orders += 1)),
    requestedAt: at,
    settledAt: at,
    evidence: { source: 'reply', status: 'cancelled', at },
    ...changes,
  };
}

async function putCancel(settledMsAgo?: number, changes?: Partial<typeof CONFIRMED>) {
  const operation = cancelOf(settledMsAgo, changes);
  await put(currentItem(operation));
  return operation;
}

async function manyCancelled(count: number) {
  const operations = Array.from({ length: count }, (_, index) => cancelOf(HOUR_MS + index * 1_000));
  await Promise.all(operations.map((operation) => put(currentItem(operation))));
  return operations;
}

const open = (fields: Partial<Operation & { state: 'pending' }>): Operation => ({
  ...PENDING,
  connection,
  dueAt: ago(0),
  askedAt: ago(0),
  lastAskEndedAt: ago(0),
  requestedAt: ago(0),
  ...fields,
});

describe('which cancels are read back', () => {
  it('are those confirmed a minute ago at the least and two days ago at the most', async () => {
    await putCancel(59_999);
    const young = await putCancel(60_000);
    const old = await putCancel(48 * HOUR_MS);
    await putCancel(48 * HOUR_MS + 1);
    expect(await find()).toEqual({ read: 2, unread: 0, contradictions: [] });
    expect(readOrders()).toEqual([young.orderId, old.orderId]);
  });

  it('are those too that were open for three days before they were confirmed', async () => {
    const { orderId } = await putCancel(48 * HOUR_MS, { requestedAt: ago(120 * HOUR_MS) });
    expect(await find()).toEqual({ read: 1, unread: 0, contradictions: [] });
    expect(readOrders()).toEqual([orderId]);
  });

  it('are no other operations, and where there are none, the connection is not opened', async () => {
    provider.lookUp.mockResolvedValue(ACTIVE);
    const openConnection = jest.spyOn(provider.needs, 'openConnection');
    await putCancel(HOUR_MS, { kind: 'restore', detail: 'restored' });
    await putCancel(HOUR_MS, { kind: 'delete', detail: 'deleted' });
    await putCancel(HOUR_MS, { connection: `another than ${connection}` });
    await put(currentItem({ ...cancelOf(), state: 'refused', detail: 'refused_by_provider' }));
    await put(currentItem(open({ orderId: 'open', requestedAt: ago(HOUR_MS) })));
    expect(await find()).toEqual({ read: 0, unread: 0, contradictions: [] });
    expect(provider.lookUp).not.toHaveBeenCalled();
    expect(openConnection).not.toHaveBeenCalled();
  });

  it('are two hundred of many, by chance', async () => {
    const operations = await manyCancelled(230);
    let chance = 1;
    provider.clock.random = () => (chance -= 0.001);
    expect(await find()).toEqual({ read: 200, unread: 0, contradictions: [] });
    const oldestFirst = operations.map(({ orderId }) => orderId).toReversed();
    expect(readOrders()).toEqual(oldestFirst.slice(0, 200));
  });
});

describe('a look', () => {
  it('is told when its cancel was asked for, and what was there before', async () => {
    const { orderId, requestedAt } = await putCancel(HOUR_MS, { requestedAt: ago(2 * HOUR_MS), historyMark: 'a mark' });
    await find();
    expect(provider.lookUpQueries).toEqual([{ orderId, askedAt: Date.parse(requestedAt), historyMark: 'a mark' }]);
    expect(provider.lookUpLimits).toEqual([{ timeoutMs: 30_000 }]);
  });

  it('has the time that is left, as long as that may suffice', async () => {
    await putCancel();
    expect(await find(() => 20_000)).toEqual({ read: 1, unread: 0, contradictions: [] });
    expect(await find(() => 5_000)).toEqual({ read: 1, unread: 0, contradictions: [] });
    expect(await find(() => 4_999)).toEqual({ read: 0, unread: 1, contradictions: [] });
    expect(provider.lookUpLimits).toEqual([{ timeoutMs: 16_000 }, { timeoutMs: 1_000 }]);
  });

  it('is made of two orders at once and no more', async () => {
    await manyCancelled(5);
    const leave: (() => void)[] = [];
    let [most, atProvider] = [0, 0];
    provider.lookUp.mockImplementation(async () => {
      atProvider += 1;
      most = Math.max(most, atProvider);
      await new Promise<void>((resolve) => leave.push(resolve));
      atProvider -= 1;
      return CANCELLED;
    });
    const run = find().then(() => 'ended');
    const turn = () => new Promise((resolve) => setTimeout(resolve, 1));
    while ((await Promise.race([run, turn()])) !== 'ended') leave.shift()?.();
    expect(most).toBe(2);
    expect(provider.lookUp).toHaveBeenCalledTimes(5);
  });

  it.each<LookUpReply>([
    { kind: 'credential_rejected' },
    { kind: 'rate_limited', retryAfterMs: null },
    { kind: 'not_sent', problem: 'provider_unreachable' },
  ])('that ends with $kind is the last one, but for the one beside it', async (reply) => {
    await manyCancelled(6);
    provider.lookUp.mockResolvedValueOnce(reply);
    expect(await find()).toEqual({ read: 1, unread: 5, contradictions: [] });
    expect(provider.lookUp).toHaveBeenCalledTimes(2);
  });

  it('whose answer got lost keeps no other from being made', async () => {
    await manyCancelled(6);
    provider.lookUp.mockResolvedValueOnce({ kind: 'lost', problem: 'timed_out' });
    expect(await find()).toEqual({ read: 5, unread: 1, contradictions: [] });
  });

  it('is not made with a credential that stands rejected, and is with another one', async () => {
    await manyCancelled(3);
    await provider.needs.health.markRejected(connection, provider.open(connection).credentialDigest);
    expect(await find()).toEqual({ read: 0, unread: 3, contradictions: [] });
    expect(provider.lookUp).not.toHaveBeenCalled();
    const old = provider.open(connection);
    provider.credentials.set(connection, 'a new one');
    const openConnection: OperationNeeds['openConnection'] = (name, options) =>
      options?.fresh === true ? provider.needs.openConnection(name) : Promise.resolve(old);
    const needs = { ...provider.needs, openConnection };
    expect(await findContradictions(connection, needs, ENOUGH)).toEqual({ read: 3, unread: 0, contradictions: [] });
  });
});

describe('a contradiction', () => {
  it.each<LookUpReply>([
    CANCELLED,
    { kind: 'closed', order: facts('expired') },
    { kind: 'deciding', order: facts('billing') },
  ])('is none where the order is $kind', async (reply) => {
    await putCancel();
    provider.lookUp.mockResolvedValue(reply);
    expect(await find()).toEqual({ read: 1, unread: 0, contradictions: [] });
  });

  it.each<LookUpReply>([{ kind: 'order_not_found' }, { kind: 'nowhere' }])(
    'is that the order is gone, where it is $kind',
    async (reply) => {
      const operation = await putCancel();
      provider.lookUp.mockResolvedValue(reply);
      expect(await find()).toEqual({
        read: 1,
        unread: 0,
        contradictions: [{ operation, found: 'gone', status: null }],
      });
    },
  );

  it.each([
    { codes: [], found: 'active' },
    { codes: ['paid'], found: 'active' },
    { codes: ['paid', 'shipped'], found: 'shipped' },
  ] satisfies { codes: Warning['code'][]; found: string }[])(
    'is that the order is $found, where it shows $codes',
    async ({ codes, found }) => {
      const operation = await putCancel();
      const warnings = codes.map((code) => ({ code, text: code }));
      provider.lookUp.mockResolvedValue(shown({ order: { ...facts('billing'), warnings } }));
      expect(await find()).toEqual({
        read: 1,
        unread: 0,
        contradictions: [{ operation, found, status: 'billing' }],
      });
    },
  );

  it('has no more of the provider’s word than sixty characters, and no personal data', async () => {
    await putCancel();
    const statusFor = async (status: string) => {
      provider.lookUp.mockResolvedValue(shown({ order: facts(status) }));
      return (await find()).contradictions.map((found) => found.status);
    };
    expect(await statusFor('x'.repeat(60))).toEqual(['x'.repeat(60)]);
    expect(await statusFor('x'.repeat(61))).toEqual(['x'.repeat(60)]);
    expect(await statusFor(`${'x'.repeat(50)} ana.silva@example.com`)).toEqual([`${'x'.repeat(50)} [redacted`]);
  });

  it('is none where the ledger has lost the order meanwhile', async () => {
    const { orderId } = await putCancel();
    provider.lookUp.mockImplementation(async () => {
      const Key = currentKey(connection, orderId);
      await dynamodb.client.send(new DeleteItemCommand({ TableName: dynamodb.tables.ledger, Key }));
      return ACTIVE;
    });
    expect(await find()).toEqual({ read: 1, unread: 0, contradictions: [] });
  });
});

describe('an order that has a later operation', () => {
  const CANCEL = { kind: 'cancel', number: 1, doneAt: null } as const;
  const RESTORE = { kind: 'restore', number: 2, doneAt: null } as const;
  const refused = (changes: Partial<Operation & { state: 'refused' }>): Operation => ({
    ...cancelOf(0),
    ...changes,
    state: 'refused',
    detail: 'refused_by_provider',
  });

  it.each<{ how: string; later: () => Operation; contradictions: number }>([
    {
      how: 'a restore that is under way',
      later: () => open({ kind: 'restore', number: 2, lastConfirmed: CANCEL }),
      contradictions: 0,
    },
    {
      how: 'a restore that is confirmed',
      later: () => ({ ...cancelOf(0), kind: 'restore', detail: 'restored', number: 2, lastConfirmed: CANCEL }),
      contradictions: 0,
    },
    {
      how: 'a restore that was refused, so that the cancel still stands',
      later: () => refused({ kind: 'restore', number: 2, lastConfirmed: CANCEL }),
      contradictions: 1,
    },
    {
      how: 'a cancel that was refused after a restore',
      later: () => refused({ number: 3, lastConfirmed: RESTORE }),
      contradictions: 0,
    },
    {
      how: 'one that was refused, of which nobody wrote what stood before it',
      later: () => refused({ kind: 'restore', number: 2, lastConfirmed: null }),
      contradictions: 0,
    },
  ])('is contradicted $contradictions times after $how', async ({ later, contradictions }) => {
    const operation = cancelOf();
    await put(earlierItem(operation));
    await put(currentItem({ ...later(), orderId: operation.orderId }));
    provider.lookUp.mockResolvedValue(ACTIVE);
    const report = await find();
    expect(report).toMatchObject({ read: 1, unread: 0 });
    expect(report.contradictions).toEqual([{ operation, found: 'active', status: 'billing' }].slice(0, contradictions));
  });
});
