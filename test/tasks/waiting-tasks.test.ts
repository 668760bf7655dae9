import { GetItemCommand, type QueryCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createWaitingTasks, taskKeyOf } from '../../functions/tasks/waiting-tasks.ts';
import { handClock } from '../operations/world.ts';
import { startDynamoDB, type TestDynamoDB } from '../support/dynamodb.ts';

let database: TestDynamoDB;
beforeAll(async () => {
  database = await startDynamoDB();
});
afterAll(() => database.stop());
const clock = handClock();
const NOW = '2026-03-01T12:00:00.000Z';
const tasks = () => createWaitingTasks({ dynamodb: database.client, table: database.tables.waitingTasks, clock });
const itemOf = async (operation: string, token: string) => {
  const Key = { operation: { S: operation }, task: { S: taskKeyOf(token) } };
  const { Item } = await database.client.send(new GetItemCommand({ TableName: database.tables.waitingTasks, Key }));
  return unmarshall(Item ?? {});
};

describe('a task token', () => {
  it('waits for its operation until it is answered or buried, and only what was answered is forgotten, in a week', async () => {
    for (const token of ['a', 'b', 'c']) await tasks().add('1', token);
    await tasks().add('2', 'd');
    expect((await tasks().of('1')).sort()).toEqual(['a', 'b', 'c']);
    await tasks().markAnswered('1', 'a');
    await tasks().markBuried('1', 'b');
    expect(await tasks().of('1')).toEqual(['c']);
    expect(await tasks().of('3')).toEqual([]);
    const kept = (token: string) => ({ operation: '1', task: taskKeyOf(token), token });
    const weekLater = Date.parse(NOW) / 1_000 + 7 * 24 * 3_600;
    expect(await itemOf('1', 'a')).toEqual({ ...kept('a'), answeredAt: NOW, expiresAt: weekLater });
    expect(await itemOf('1', 'b')).toEqual({ ...kept('b'), answeredAt: null, buriedAt: NOW });
    expect(await itemOf('1', 'c')).toEqual({ ...kept('c'), answeredAt: null });
  });

  it('is found on each page of them, as they stand', async () => {
    const inputs: QueryCommand['input'][] = [];
    const send = ({ input }: QueryCommand) => {
      inputs.push(input);
      const Items = [{ token: { S: `t${inputs.length}` }, answeredAt: { NULL: true } }];
      if (inputs.length === 3) return Promise.resolve({});
      return Promise.resolve({ Items, LastEvaluatedKey: { task: { S: `k${inputs.length}` } } });
    };
    const client = { send };
    const paged = createWaitingTasks({ dynamodb: client as never, table: 'WaitingTasks', clock });
    expect(await paged.of('1')).toEqual(['t1', 't2']);
    expect(inputs.map(({ ExclusiveStartKey }) => ExclusiveStartKey?.['task']?.S)).toEqual([undefined, 'k1', 'k2']);
    for (const input of inputs) expect(input).toMatchObject({ TableName: 'WaitingTasks', ConsistentRead: true });
  });
});
