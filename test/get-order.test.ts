import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newHandler } from '../functions/get-order.ts';
import { perform } from '../functions/operations/perform.ts';
import { InvalidOrderId, UnknownConnection } from '../functions/providers/errors.ts';
import { ACTIVE, cancelCommand, timeLeft, world } from './operations/world.ts';
import { askRoute, EVERYTHING, keepingLog } from './support/api-event.ts';
import { startDynamoDB, type TestDynamoDB } from './support/dynamodb.ts';

describe('get-order', () => {
  let database: TestDynamoDB;
  let orderId: string;

  beforeAll(async () => {
    database = await startDynamoDB();
    const { needs, clock, cancel, lookUp } = world(database);
    const command = cancelCommand();
    orderId = command.orderId;
    lookUp.mockResolvedValue(ACTIVE);
    for (const words of ['não', 'ainda não']) {
      cancel.mockResolvedValueOnce({ kind: 'refused', words });
      await perform(command, needs, timeLeft(clock));
    }
    await perform(command, needs, timeLeft(clock));
  });
  afterAll(() => database.stop());

  function ask(params: Record<string, string>, authorizer: Record<string, string> = EVERYTHING) {
    const connections = {
      checkOrderId: (connection: string, id: string) => {
        if (connection !== 'loja-rio') throw new UnknownConnection(connection);
        if (!/^\d+$/.test(id)) throw new InvalidOrderId('digits only');
      },
    };
    const handler = newHandler({ connections, ledger: world(database).needs.ledger, log: keepingLog() });
    return askRoute('get-order', handler, { params, authorizer });
  }

  it('shows the current operation and the earlier ones, newest first', async () => {
    const reply = await ask({ connection: 'loja-rio', orderId });
    expect(reply.statusCode).toBe(200);
    expect(reply.json).not.toHaveProperty('previousLeftOut');
    expect(reply.json).toMatchObject({
      connection: 'loja-rio',
      orderId,
      operation: { id: `loja-rio:${orderId}:3`, outcome: 'confirmed' },
      previous: [
        { id: `loja-rio:${orderId}:2`, outcome: 'refused' },
        { id: `loja-rio:${orderId}:1`, outcome: 'refused' },
      ],
    });
  });

  it.each([
    [404, 'operation-not-found', { connection: 'loja-rio', orderId: '999999' }],
    [404, 'unknown-connection', { connection: 'loja-sul', orderId: '1' }],
    [400, 'invalid-request', { connection: 'loja-rio', orderId: 'x' }],
  ] as [number, string, Record<string, string>][])('answers %i %s for %j', async (status, slug, params) => {
    expect(await ask(params)).toMatchObject({ statusCode: status, json: { type: `/problems/${slug}` } });
  });

  it('shows nothing to a caller whose token is for other connections', async () => {
    const reply = await ask({ connection: 'loja-rio', orderId }, { ...EVERYTHING, connections: 'toko-jaya' });
    expect(reply.statusCode).toBe(403);
  });
});
