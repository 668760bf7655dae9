import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { CancelledQuery } from '../../../functions/operations/ledger/cancelled.ts';
import { currentItem, earlierItem, type Item } from '../../../functions/operations/ledger/items.ts';
import type { Operation } from '../../../functions/operations/rules/operation.ts';
import { snapshotOf } from '../../../functions/operations/rules/snapshot.ts';
import { startDynamoDB, type TestDynamoDB } from '../../support/dynamodb.ts';
import { CONFIRMED, PENDING, shownOrder } from '../world.ts';
import { keysIn, leavingUnread, stopWatching, watchedLedger, type Answer } from '../watched-client.ts';

type Confirmed = Operation & { state: 'confirmed' };

let dynamodb: TestDynamoDB;
let connection = '';
let connections = 0;
beforeAll(async () => {
  dynamodb = await startDynamoDB();
});
/** Each test has a connection to itself. */
beforeEach(() => {
  connection = `loja-${(connections += 1)}`;
});
afterEach(stopWatching);
afterAll(() => dynamodb.stop());

const watched = (answer?: Answer) => watchedLedger(dynamodb, answer && { answer });

async function put(...items: Item[]): Promise<void> {
  const { client, tables } = dynamodb;
  await Promise.all(items.map((Item) => client.send(new PutItemCommand({ TableName: tables.ledger, Item }))));
}

const moment = (second: number) => `2026-03-01T12:00:0${second}.000Z`;
const cancelOf = (orderId: string, changes: Partial<Confirmed> = {}): Confirmed => ({
  ...CONFIRMED,
  connection,
  orderId,
  ...changes,
});

describe('cancelled orders', () => {
  const cancelledAt = (orderId: string, second: number) => cancelOf(orderId, { settledAt: moment(second) });
  const query = (changes: Partial<CancelledQuery> = {}): CancelledQuery => ({
    ...{ connection, from: moment(0), to: moment(9), limit: 100, after: null },
    ...changes,
  });
  async function listOrderIds(changes: Partial<CancelledQuery> = {}): Promise<string[]> {
    const { cancels } = await watched().ledger.listCancelled(query(changes));
    return cancels.map(({ operation }) => operation.orderId);
  }

  it('are the newest first, and of one moment by descending order id', async () => {
    const made = [cancelledAt('2', 5), cancelledAt('9', 1), cancelledAt('1', 5), cancelledAt('5', 7)];
    await put(...made.map(currentItem));
    expect(await listOrderIds()).toEqual(['5', '2', '1', '9']);
    const { cancels } = await watched().ledger.listCancelled(query({ from: moment(7) }));
    expect(cancels).toEqual([{ listedAt: moment(7), operation: made[3] }]);
  });

  it('are listed by when they were ordered, where that was shown', async () => {
    const snapshot = snapshotOf(shownOrder({ orderedAt: moment(1) }));
    await put(currentItem(cancelOf('1', { settledAt: moment(8), snapshot })), currentItem(cancelledAt('2', 4)));
    expect(await listOrderIds()).toEqual(['2', '1']);
    const { cancels } = await watched().ledger.listCancelled(query({ to: moment(1) }));
    expect(cancels).toMatchObject([{ listedAt: moment(1), operation: { orderId: '1' } }]);
  });

  it('are those of the connection and from the first moment to the last one, both included', async () => {
    await put(...[2, 3, 4, 5].map((second) => currentItem(cancelledAt(String(second), second))));
    await put(currentItem({ ...cancelledAt('7', 3), connection: `${connection}-outlet` }));
    expect(await listOrderIds({ from: moment(3), to: moment(4) })).toEqual(['4', '3']);
    expect(await listOrderIds({ from: '2026-03-01T12:00:03.001Z', to: '2026-03-01T12:00:03.999Z' })).toEqual([]);
  });

  it('are only those whose order is still cancelled, as far as the ledger knows', async () => {
    const next = { number: 2, lastConfirmed: { kind: 'cancel', number: 1, doneAt: moment(1) } } as const;
    await put(
      currentItem(cancelledAt('1', 1)),
      currentItem(cancelOf('2', { ...next, kind: 'restore' })),
      currentItem(cancelOf('3', { ...next, kind: 'delete' })),
      currentItem({ ...cancelledAt('4', 4), state: 'refused' }),
      earlierItem(cancelledAt('2', 2)),
    );
    // An item that lies in the index by mistake is no cancel for that.
    const { cancelledConnection = { S: '' }, listedAt = { S: '' } } = currentItem(cancelledAt('5', 5));
    const refused = currentItem({ ...cancelledAt('5', 5), state: 'refused' });
    await put({ ...refused, cancelledConnection, listedAt });
    expect(await listOrderIds()).toEqual(['1']);
  });

  it('go on behind the last one of a page, within its moment too', async () => {
    await put(...['1', '2', '3'].map((orderId) => currentItem(cancelledAt(orderId, 5))));
    await put(currentItem(cancelledAt('9', 6)), currentItem(cancelledAt('8', 4)));
    expect(await listOrderIds({ after: { listedAt: moment(5), orderId: '3' } })).toEqual(['2', '1', '8']);
    expect(await listOrderIds({ after: { listedAt: moment(5), orderId: '1' } })).toEqual(['8']);
    expect(await listOrderIds({ after: { listedAt: moment(4), orderId: '8' } })).toEqual([]);
  });

  it('go on behind a place that the order was at before, with that order where it is now', async () => {
    await put(currentItem(cancelledAt('1', 3)));
    expect(await listOrderIds({ after: { listedAt: moment(5), orderId: '1' } })).toEqual(['1']);
  });

  it('are told that there are more of them', async () => {
    await put(...[1, 2, 3].map((second) => currentItem(cancelledAt(String(second), second))));
    const page = await watched().ledger.listCancelled(query({ limit: 2 }));
    expect(page.cancels.map(({ operation }) => operation.orderId)).toEqual(['3', '2']);
    expect(page.next).toEqual({ listedAt: moment(2), orderId: '2' });
    expect((await watched().ledger.listCancelled(query({ limit: 4 }))).next).toBeNull();
  });

  it('are read to their end page by page, though each page but the first has one fewer', async () => {
    await put(...Array.from({ length: 7 }, (_, second) => currentItem(cancelledAt(String(second), second))));
    const pages: string[][] = [];
    let after: CancelledQuery['after'] = null;
    do {
      const { cancels, next } = await watched().ledger.listCancelled(query({ limit: 3, after }));
      pages.push(cancels.map(({ operation }) => operation.orderId));
      after = next;
    } while (after !== null);
    expect(pages.flat()).toEqual(['6', '5', '4', '3', '2', '1', '0']);
    expect(pages.slice(0, 2).map(({ length }) => length)).toEqual([3, 2]);
  });

  it('are none where DynamoDB names no items', async () => {
    const { ledger } = watched(() => ({}));
    expect(await ledger.listCancelled(query())).toEqual({ cancels: [], next: null, unreadable: [] });
  });
});

describe('when orders were cancelled', () => {
  const last = (kind: 'cancel' | 'restore' | 'delete', doneAt: string | null = moment(1)) => ({
    number: 2,
    lastConfirmed: { kind, number: 1, doneAt },
  });
  const pending = (orderId: string, changes: Partial<Operation> = {}): Item => {
    const { kind = 'cancel', number = 1, lastConfirmed = null } = changes;
    return currentItem({ ...PENDING, connection, orderId, kind, number, lastConfirmed });
  };
  const refused = (orderId: string, changes: Partial<Confirmed>): Item =>
    currentItem({ ...cancelOf(orderId, changes), state: 'refused', detail: 'refused' });

  it('is known of those whose last confirmed operation is a cancel of ours, whatever is under way or was refused since', async () => {
    await put(
      currentItem(cancelOf('1', { settledAt: moment(3) })),
      refused('2', { kind: 'restore', ...last('cancel', moment(4)) }),
      pending('3', { kind: 'delete', ...last('cancel', moment(5)) }),
    );
    expect(await watched().ledger.cancelTimes(connection, ['1', '2', '3'])).toEqual(
      new Map([
        ['1', moment(3)],
        ['2', moment(4)],
        ['3', moment(5)],
      ]),
    );
  });

  it('is not known of any other', async () => {
    await put(
      currentItem(cancelOf('1', { detail: 'already_cancelled' })),
      currentItem(cancelOf('2', { kind: 'restore', ...last('cancel') })),
      currentItem(cancelOf('3', { kind: 'delete', ...last('cancel') })),
      refused('4', {}),
      pending('5'),
      refused('6', last('restore')),
      refused('7', { kind: 'restore', ...last('delete') }),
      refused('8', { kind: 'restore', ...last('cancel', null) }),
    );
    const orderIds = ['1', '2', '3', '4', '5', '6', '7', '8', 'unheard-of'];
    expect(await watched().ledger.cancelTimes(connection, orderIds)).toEqual(new Map());
  });

  it('is not known of an item from before what was confirmed last was kept, which hides no other', async () => {
    const { lastConfirmed, ...item } = refused('1', {});
    expect(lastConfirmed).toEqual({ NULL: true });
    await put(item, currentItem(cancelOf('2')));
    expect(await watched().ledger.cancelTimes(connection, ['1', '2'])).toEqual(new Map([['2', CONFIRMED.settledAt]]));
  });

  it('is read of a hundred orders in a request, as they stand, and again where some were left unread', async () => {
    const orderIds = Array.from({ length: 130 }, (_, index) => String(index));
    await put(...orderIds.map((orderId) => currentItem(cancelOf(orderId))));
    const seen = watched(leavingUnread(dynamodb, [99]));
    const times = await seen.ledger.cancelTimes(connection, orderIds);
    expect(times).toEqual(new Map(orderIds.map((orderId) => [orderId, CONFIRMED.settledAt])));
    expect(seen.requests.map((request) => keysIn(request).length)).toEqual([100, 31]);
    expect(seen.waits).toEqual([25]);
    const consistent = { RequestItems: { [dynamodb.tables.ledger]: { ConsistentRead: true } } };
    for (const { input } of seen.requests) expect(input).toMatchObject(consistent);
  });

  it('is asked of nobody for no orders', async () => {
    const seen = watched();
    expect(await seen.ledger.cancelTimes(connection, [])).toEqual(new Map());
    expect(seen.requests).toEqual([]);
  });
});
