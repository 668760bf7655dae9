import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { currentItem, earlierItem } from '../../../functions/operations/ledger/items.ts';
import { operationId, type Operation } from '../../../functions/operations/rules/operation.ts';
import { startDynamoDB, type TestDynamoDB } from '../../support/dynamodb.ts';
import { cancelCommand, CONFIRMED } from '../world.ts';
import { keysIn, leavingUnread, stopWatching, watchedLedger, type Answer } from '../watched-client.ts';

describe('many operations at once', () => {
  let dynamodb: TestDynamoDB;
  beforeAll(async () => {
    dynamodb = await startDynamoDB();
  });
  afterEach(stopWatching);
  afterAll(() => dynamodb.stop());

  /** Orders whose current operation has this number, each with all its earlier ones. */
  async function orders(count: number, number = 1): Promise<Operation[][]> {
    const made = Array.from({ length: count }, () => {
      const { orderId } = cancelCommand();
      return Array.from({ length: number }, (_, index): Operation => ({ ...CONFIRMED, orderId, number: index + 1 }));
    });
    const items = made.flatMap((operations) =>
      operations.map((operation, index) => (index === number - 1 ? currentItem(operation) : earlierItem(operation))),
    );
    const { client, tables } = dynamodb;
    await Promise.all(items.map((Item) => client.send(new PutItemCommand({ TableName: tables.ledger, Item }))));
    return made;
  }
  const watched = (answer?: Answer) => watchedLedger(dynamodb, answer && { answer });
  const found = (operations: Operation[]) => ({
    operations: new Map(operations.map((one) => [operationId(one), one])),
    unreadable: new Set(),
  });
  const ids = (operations: Operation[]) => operations.map(operationId);
  const sizes = ({ requests }: ReturnType<typeof watched>) => requests.map((request) => keysIn(request).length);

  it('are found, be they their order’s current ones or earlier ones', async () => {
    const made = (await orders(3, 3)).flat();
    expect(await watched().ledger.findOperations(ids(made))).toEqual(found(made));
  });

  it('are those that were asked for and no others', async () => {
    const [first, second] = await orders(2, 3);
    const asked = [first?.slice(0, 1) ?? [], second?.slice(2) ?? []].flat();
    expect(asked).toHaveLength(2);
    expect(await watched().ledger.findOperations(ids(asked))).toEqual(found(asked));
  });

  it('are looked for among the earlier ones only where they are not the current ones', async () => {
    const [old = [], ...current] = [...(await orders(1, 2)), ...(await orders(4))];
    const seen = watched();
    await seen.ledger.findOperations(ids([...old, ...current.flat()]));
    expect(sizes(seen)).toEqual([5, 1]);
    await seen.ledger.findOperations(ids(current.flat()));
    expect(sizes(seen)).toEqual([5, 1, 4]);
  });

  it('are read as they stand at this moment', async () => {
    const [operations = []] = await orders(1, 2);
    const seen = watched();
    await seen.ledger.findOperations(ids(operations));
    expect(seen.requests).toHaveLength(2);
    const consistent = { RequestItems: { [dynamodb.tables.ledger]: { ConsistentRead: true } } };
    for (const { input } of seen.requests) expect(input).toMatchObject(consistent);
  });

  it('are found by an id that is there twice, and beside one that nobody has', async () => {
    const made = (await orders(1)).flat();
    const [id = ''] = ids(made);
    const unknown = ['loja-rio:999999:1', id.replace(/1$/, '7'), 'nonsense'];
    expect(await watched().ledger.findOperations([id, id, ...unknown])).toEqual(found(made));
  });

  it('cost no request where none is asked for', async () => {
    const seen = watched();
    expect(await seen.ledger.findOperations([])).toEqual(found([]));
    expect(seen.requests).toEqual([]);
  });

  it('are read a hundred in a request, without a wait', async () => {
    const made = (await orders(230)).flat();
    const seen = watched();
    expect(await seen.ledger.findOperations(ids(made))).toEqual(found(made));
    expect(sizes(seen)).toEqual([100, 100, 30]);
    expect(seen.waits).toEqual([]);
  });

  it('are asked for again where DynamoDB leaves some unread, after ever longer waits', async () => {
    const made = (await orders(150)).flat();
    const seen = watched(leavingUnread(dynamodb, [40, 0, 100, 3]));
    expect(await seen.ledger.findOperations(ids(made))).toEqual(found(made));
    expect(sizes(seen)).toEqual([100, 100, 100, 10, 7]);
    // Of the second nothing was read; the third was read in full.
    expect(seen.waits).toEqual([25, 50, 25]);
  });

  it('are all found where DynamoDB leaves most of them unread each time', async () => {
    const made = (await orders(250)).flat();
    const seen = watched(leavingUnread(dynamodb, Array<number>(12).fill(20)));
    expect(await seen.ledger.findOperations(ids(made))).toEqual(found(made));
    expect(sizes(seen)).toHaveLength(13);
    expect(new Set(seen.waits)).toEqual(new Set([25]));
  });

  it('are given up in the end, and never taken for missing', async () => {
    const made = (await orders(2)).flat();
    const seen = watched(leavingUnread(dynamodb, Array<number>(50).fill(0)));
    await expect(seen.ledger.findOperations(ids(made))).rejects.toThrow('left keys of a batch unread');
    expect(sizes(seen)).toEqual([2, 2, 2, 2, 2]);
    expect(seen.waits).toEqual([50, 100, 200, 400]);
  });

  it('are none where DynamoDB names neither items nor keys', async () => {
    for (const answer of [{}, { Responses: {}, UnprocessedKeys: {} }]) {
      const seen = watched(() => answer);
      expect(await seen.ledger.findOperations(['loja-rio:340:1'])).toEqual(found([]));
      expect(seen.requests).toHaveLength(2);
    }
  });
});
