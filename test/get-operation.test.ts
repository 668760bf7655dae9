import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newHandler } from '../functions/get-operation.ts';
import { perform } from '../functions/operations/perform.ts';
import { ACTIVE, cancelCommand, timeLeft, world } from './operations/world.ts';
import { askRoute, EVERYTHING, keepingLog } from './support/api-event.ts';
import { startDynamoDB, type TestDynamoDB } from './support/dynamodb.ts';

describe('get-operation', () => {
  let database: TestDynamoDB;
  let order: string;

  beforeAll(async () => {
    database = await startDynamoDB();
    const { needs, clock, cancel, lookUp } = world(database);
    const command = cancelCommand();
    order = `${command.connection}:${command.orderId}`;
    lookUp.mockResolvedValue(ACTIVE);
    cancel.mockResolvedValueOnce({ kind: 'refused', words: 'não' });
    await perform(command, needs, timeLeft(clock));
    await perform(command, needs, timeLeft(clock));
  });
  afterAll(() => database.stop());

  function ask(operationId: string, authorizer: Record<string, string> = EVERYTHING) {
    const handler = newHandler({ ledger: world(database).needs.ledger, log: keepingLog() });
    return askRoute('get-operation', handler, { params: { operationId }, authorizer });
  }

  it('shows an operation, the current one or an earlier one', async () => {
    expect(await ask(`${order}:1`)).toMatchObject({ statusCode: 200, json: { id: `${order}:1`, outcome: 'refused' } });
    expect(await ask(`${order}:2`)).toMatchObject({
      statusCode: 200,
      json: { id: `${order}:2`, outcome: 'confirmed' },
    });
  });

  it('answers 404 for one that is not there', async () => {
    expect(await ask(`${order}:3`)).toMatchObject({ statusCode: 404, json: { type: '/problems/operation-not-found' } });
    expect((await ask('loja-sul:999999:1')).statusCode).toBe(404);
  });

  it.each(['loja-rio:1', 'x'.repeat(200), 'loja-rio:1:0', 'loja-rio:a/b:1', ''])(
    'answers 400 for the id %j',
    async (id) => {
      const reply = await ask(id);
      expect(reply).toMatchObject({ statusCode: 400, json: { errors: [{ field: 'operationId' }] } });
    },
  );

  it('shows nothing to a caller whose token is for other connections', async () => {
    expect((await ask(`${order}:1`, { ...EVERYTHING, connections: 'toko-jaya' })).statusCode).toBe(403);
  });
});
