import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readOriginal } from '../../functions/operations/original.ts';
import { startDynamoDB, type TestDynamoDB } from '../support/dynamodb.ts';
import { timeLeft, world } from './world.ts';

let dynamodb: TestDynamoDB;
beforeAll(async () => {
  dynamodb = await startDynamoDB();
});
afterAll(() => dynamodb.stop());

describe('an order as its provider writes it', () => {
  const read = async (connection: string, prepare: (made: ReturnType<typeof world>) => void = () => undefined) => {
    const made = world(dynamodb);
    prepare(made);
    const order = await readOriginal({ connection, orderId: '1' }, made.needs, timeLeft(made.clock));
    return { order, logged: made.logged };
  };

  it('is null, without a word, where there is none', async () => {
    expect(await read('loja-rio')).toEqual({ order: null, logged: [] });
  });

  it.each<[string, string, Parameters<typeof read>[1]]>([
    ['its connection cannot be opened', 'nowhere', undefined],
    [
      'reading it fails by a defect of ours',
      'loja-rio',
      ({ original }) => original.mockRejectedValue(new TypeError('x is not a function')),
    ],
  ])('is null where %s, and the log has why', async (_, connection, prepare) => {
    expect(await read(connection, prepare)).toEqual({
      order: null,
      logged: [{ level: 'error', code: 'ORIGINAL_NOT_READ', fields: { connection, error: expect.any(Error) } }],
    });
  });
});
