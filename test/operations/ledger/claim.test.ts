import { ConditionalCheckFailedException, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { currentItem, earlierItem, type Item } from '../../../functions/operations/ledger/items.ts';
import type { KeyClaim, Ledger } from '../../../functions/operations/ledger/ledger.ts';
import type { OpenOperation, Operation } from '../../../functions/operations/rules/operation.ts';
import { startDynamoDB, type TestDynamoDB } from '../../support/dynamodb.ts';
import { cancelCommand, CONFIRMED, handClock, PENDING } from '../world.ts';
import { stopWatching, watchedLedger, type Answer } from '../watched-client.ts';

type Pending = OpenOperation & { state: 'pending' };

const TWO_WEEKS_MS = 14 * 86_400_000;
let dynamodb: TestDynamoDB;
let clock: ReturnType<typeof handClock>;
let ledger: Ledger;
let requests: ReturnType<typeof watchedLedger>['requests'];
let keys = 0;
const watched = (answer?: Answer) => watchedLedger(dynamodb, { clock, ...(answer && { answer }) });
beforeAll(async () => {
  dynamodb = await startDynamoDB();
});
beforeEach(() => {
  clock = handClock();
  ({ ledger, requests } = watched());
});
afterEach(stopWatching);
afterAll(() => dynamodb.stop());

const AT = '2026-03-01T12:00:00.000Z';
const aKey = (): KeyClaim => ({ key: `key ${(keys += 1)}`, fingerprint: 'an ask' });
/** An order's first operation, of an order that no other test has. */
const opening = (changes: Partial<Pending> = {}): Pending => ({
  ...{ ...PENDING, orderId: cancelCommand().orderId, askReach: 'not_sent', lastAskEndedAt: null },
  ...changes,
});
const settledOf = ({ orderId }: Operation, changes: Partial<Operation & { state: 'confirmed' }> = {}) => ({
  ...CONFIRMED,
  orderId,
  ...changes,
});
const standing = ({ connection, orderId }: Operation) => ledger.find(connection, orderId);
async function put(...all: Item[]): Promise<void> {
  const { client, tables } = dynamodb;
  await Promise.all(all.map((Item) => client.send(new PutItemCommand({ TableName: tables.ledger, Item }))));
}

describe('an order’s first operation', () => {
  it('is opened once, and whoever comes later is told which one stands', async () => {
    const first = opening();
    const second = { ...first, owner: 'another' };
    expect(await ledger.claim(first, null)).toEqual({ kind: 'claimed', operation: first });
    for (const key of [null, aKey()]) {
      expect(await ledger.claim(second, key)).toEqual({ kind: 'exists', current: first });
      expect(await standing(first)).toEqual({ current: first, previous: [] });
      if (key !== null) expect(await ledger.findKey(key)).toBeNull();
    }
  });

  it('is opened in one request, and binds its key in that very one', async () => {
    const [bare, keyed, key] = [opening(), opening(), aKey()];
    await ledger.claim(bare, null);
    expect(requests.map(({ command }) => command)).toEqual(['PutItemCommand']);
    expect(await ledger.claim(keyed, key)).toEqual({ kind: 'claimed', operation: keyed });
    expect(requests.map(({ command }) => command)).toEqual(['PutItemCommand', 'TransactWriteItemsCommand']);
    const expiresAt = (clock.now() + TWO_WEEKS_MS) / 1_000;
    const bound = { ...key, operationId: `loja-rio:${keyed.orderId}:1`, expiresAt };
    expect(await ledger.findKey(key)).toEqual(bound);
    expect(await standing(keyed)).toEqual({ current: keyed, previous: [] });
  });

  it('is not opened with a key that another order’s ask was answered with', async () => {
    const [first, other, key] = [opening(), opening(), aKey()];
    await ledger.claim(first, key);
    const bound = await ledger.findKey(key);
    expect(await ledger.claim(other, { ...key, fingerprint: 'another ask' })).toEqual({
      ...{ kind: 'key_known', bound, current: null },
    });
    expect(await standing(other)).toBeNull();
  });

  it('is not opened a second time with its key, and the key comes with what stands', async () => {
    const [first, key] = [opening(), aKey()];
    await ledger.claim(first, key);
    const bound = await ledger.findKey(key);
    expect(await ledger.claim({ ...first, owner: 'another' }, key)).toEqual({
      ...{ kind: 'key_known', bound, current: first },
    });
  });

  it('is recognised as one’s own where the reply to it was lost, with a key and without', async () => {
    for (const key of [null, aKey()]) {
      const first = opening();
      await ledger.claim(first, key);
      expect(await ledger.claim(first, key)).toEqual({ kind: 'claimed', operation: first });
    }
  });

  it.each([{ owner: 'another' }, { version: 2 }, { number: 2 }])(
    'is not taken for one’s own where it differs in %j',
    async (difference) => {
      const first = opening();
      const standsThere = { ...first, ...difference };
      await put(currentItem(standsThere));
      expect(await ledger.claim(first, null)).toEqual({ kind: 'exists', current: standsThere });
    },
  );
});

describe('an order’s next operation', () => {
  /** An order with a settled operation, and one to follow it. */
  async function putSettledOrder() {
    const previous = settledOf(opening(), { owner: 'first', version: 3 });
    await put(currentItem(previous));
    const next = opening({ orderId: previous.orderId, number: 2, owner: 'second', kind: 'restore' });
    return { previous, next };
  }

  it('takes the place of the settled one, which is kept beside it, with a key and without', async () => {
    for (const key of [null, aKey()]) {
      const { previous, next } = await putSettledOrder();
      expect(await ledger.claimNext(previous, next, key)).toEqual({ kind: 'claimed', operation: next });
      expect(await standing(next)).toEqual({ current: next, previous: [previous] });
      if (key !== null)
        expect(await ledger.findKey(key)).toMatchObject({ ...key, operationId: `loja-rio:${next.orderId}:2` });
    }
  });

  it.each([{ owner: 'another' }, { version: 4 }])(
    'does not take it where what stands differs in %j: nothing is written then',
    async (difference) => {
      const { previous, next } = await putSettledOrder();
      const key = aKey();
      const meanwhile = { ...previous, ...difference };
      await put(currentItem(meanwhile));
      expect(await ledger.claimNext(previous, next, key)).toEqual({ kind: 'exists', current: meanwhile });
      expect(await standing(next)).toEqual({ current: meanwhile, previous: [] });
      expect(await ledger.findKey(key)).toBeNull();
    },
  );

  it('does not take it with a key that was used before', async () => {
    const { previous, next } = await putSettledOrder();
    const [first, key] = [opening(), aKey()];
    await ledger.claim(first, key);
    const bound = await ledger.findKey(key);
    expect(await ledger.claimNext(previous, next, key)).toEqual({ kind: 'key_known', bound, current: null });
    expect(await standing(next)).toEqual({ current: previous, previous: [] });
  });

  it('is recognised as one’s own where the reply to it was lost', async () => {
    for (const key of [null, aKey()]) {
      const { previous, next } = await putSettledOrder();
      await ledger.claimNext(previous, next, key);
      expect(await ledger.claimNext(previous, next, key)).toEqual({ kind: 'claimed', operation: next });
      expect(await standing(next)).toEqual({ current: next, previous: [previous] });
    }
  });

  it('never writes over one that was kept', async () => {
    const { previous, next } = await putSettledOrder();
    await put(earlierItem({ ...previous, detail: 'kept' }));
    await expect(ledger.claimNext(previous, next, null)).rejects.toThrow('no condition says why');
    const order = await standing(next);
    const details = [order?.current, ...(order?.previous ?? [])].map((operation) => operation?.detail);
    expect(details.toSorted()).toEqual(['cancelled', 'kept']);
  });
});

describe('an idempotency key', () => {
  it('is free until it is bound, and stays bound to what it was bound to first', async () => {
    const [first, second, key] = [opening(), opening(), aKey()];
    expect(await ledger.findKey(key)).toBeNull();
    const bound = {
      ...key,
      operationId: `loja-rio:${first.orderId}:1`,
      expiresAt: (clock.now() + TWO_WEEKS_MS) / 1_000,
    };
    expect(await ledger.bindKey(key, first)).toEqual(bound);
    expect(await ledger.bindKey({ ...key, fingerprint: 'another ask' }, second)).toEqual(bound);
    expect(await ledger.findKey(key)).toEqual(bound);
  });

  it('is bound to the end of its last second, and free with the next', async () => {
    const [first, second, key] = [opening(), opening(), aKey()];
    clock.advance(400);
    const bound = await ledger.bindKey(key, first);
    clock.advance(TWO_WEEKS_MS + 599);
    expect(await ledger.findKey(key)).toEqual(bound);
    expect(await ledger.bindKey(key, second)).toEqual(bound);
    expect(await ledger.claim(second, key)).toMatchObject({ kind: 'key_known' });
    clock.advance(1);
    expect(await ledger.findKey(key)).toBeNull();
    expect(await ledger.claim(second, key)).toMatchObject({ kind: 'claimed' });
    expect(await ledger.findKey(key)).toMatchObject({ operationId: `loja-rio:${second.orderId}:1` });
  });

  it('is read as it stands at this moment', async () => {
    await ledger.findKey(aKey());
    expect(requests).toMatchObject([{ input: { ConsistentRead: true } }]);
  });
});

describe('the next version of an operation', () => {
  it('is written on top of the one it follows, and recognised where the reply was lost', async () => {
    const first = opening();
    await ledger.claim(first, null);
    const next = settledOf(first, { owner: 'another', version: 2 });
    expect(await ledger.write(first, next)).toEqual({ kind: 'written', operation: next });
    expect(await ledger.write(first, next)).toEqual({ kind: 'written', operation: next });
    expect(await standing(first)).toEqual({ current: next, previous: [] });
  });

  it.each([{ owner: 'another' }, { version: 7 }])('is lost where what stands differs in %j', async (difference) => {
    const first = opening();
    const meanwhile = { ...first, ...difference };
    await put(currentItem(meanwhile));
    const next = settledOf(first, { version: 2 });
    expect(await ledger.write(first, next)).toEqual({ kind: 'lost', current: meanwhile });
    expect(await standing(first)).toEqual({ current: meanwhile, previous: [] });
  });

  it('is not written where the ledger has no such order', async () => {
    const first = opening();
    const next = settledOf(first, { version: 2 });
    await expect(ledger.write(first, next)).rejects.toThrow(ConditionalCheckFailedException);
    expect(await standing(first)).toBeNull();
  });
});

describe('what is due', () => {
  const due = (connection: string, dueAt: string) => opening({ connection, dueAt });

  it('is what is open and was due until now, the longest due first, and so many', async () => {
    const late = due('due', '2026-03-01T11:59:00.000Z');
    const now = due('due', AT);
    const later = due('due', '2026-03-01T12:00:00.001Z');
    const other = due('elsewhere', '2026-03-01T11:59:00.000Z');
    await put(...[now, later, late, other].map(currentItem));
    expect((await ledger.due('due', clock.now(), 10)).operations).toEqual([late, now]);
    expect((await ledger.due('due', clock.now(), 1)).operations).toEqual([late]);
    expect((await ledger.due('due', clock.now() + 1, 10)).operations).toEqual([late, now, later]);
  });

  it('is nothing that is settled, should it lie among it', async () => {
    const { dueAt = { S: '' }, dueConnection = { S: '' } } = currentItem(due('settled', AT));
    await put({ ...currentItem({ ...CONFIRMED, connection: 'settled' }), dueAt, dueConnection });
    expect((await ledger.due('settled', clock.now(), 10)).operations).toEqual([]);
  });

  it('is nothing where DynamoDB names no items, nor is there an order then', async () => {
    const empty = watched(() => ({})).ledger;
    expect((await empty.due('due', clock.now(), 10)).operations).toEqual([]);
    expect(await empty.find('loja-rio', '340')).toBeNull();
  });
});

describe('an order with more operations than DynamoDB gives in one page', () => {
  const COUNT = 130;
  const first = opening();
  // 1 MB is a page. These are 130 times 12 KB.
  const all = Array.from({ length: COUNT }, (_, index) =>
    settledOf(first, { number: index + 1, words: 'x'.repeat(12_000) }),
  );
  beforeAll(async () => {
    await put(...all.slice(0, -1).map(earlierItem), ...all.slice(-1).map(currentItem));
  });

  it('is found with its current operation and the latest hundred before', async () => {
    const newestFirst = all.toReversed();
    expect(await ledger.find('loja-rio', first.orderId)).toEqual({
      current: newestFirst[0],
      previous: newestFirst.slice(1, 101),
    });
    expect(requests.length).toBeGreaterThan(1);
  });

  it('shows its current operation by one read', async () => {
    expect(await ledger.findCurrent('loja-rio', first.orderId)).toEqual(all.at(-1));
    expect(requests).toHaveLength(1);
    expect(requests[0]?.input).toMatchObject({ ConsistentRead: true });
    expect(await ledger.findCurrent('loja-rio', 'unheard-of')).toBeNull();
  });
});

describe('an order', () => {
  it('is found as it stands at this moment: its current operation, and what was before, the newest first', async () => {
    const first = opening();
    const all = [1, 2, 3, 4].map((number) => settledOf(first, { number }));
    const [current, ...previous] = all.toReversed();
    if (current === undefined) throw new Error('There is none.');
    await put(...previous.map(earlierItem), currentItem(current));
    expect(await ledger.find('loja-rio', first.orderId)).toEqual({ current, previous });
    for (const operation of all) {
      expect(await ledger.findOperation(`loja-rio:${first.orderId}:${operation.number}`)).toEqual(operation);
    }
    expect(await ledger.findOperation(`loja-rio:${first.orderId}:5`)).toBeNull();
    expect(await ledger.findOperation('loja-rio:unheard-of:1')).toBeNull();
    for (const { input } of requests) expect(input).toMatchObject({ ConsistentRead: true });
  });
});
