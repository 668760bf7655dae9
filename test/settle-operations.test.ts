import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { perform } from '../functions/operations/perform.ts';
import { newHandler } from '../functions/settle-operations.ts';
import { CANCELLED, cancelCommand, TIMED_OUT, timeLeft, world } from './operations/world.ts';
import { keepingLog, lambdaContext } from './support/api-event.ts';
import { startDynamoDB, type TestDynamoDB } from './support/dynamodb.ts';

describe('settle-operations', () => {
  let database: TestDynamoDB;
  beforeAll(async () => {
    database = await startDynamoDB();
  });
  afterAll(() => database.stop());

  it('settles a lost answer from the order as the provider shows it, and says what it did', async () => {
    const { needs, clock, cancel, lookUp } = world(database);
    cancel.mockResolvedValueOnce(TIMED_OUT);
    const { operation } = await perform(cancelCommand(), needs, timeLeft(clock));
    expect(operation.state).toBe('unknown');

    clock.advance(3600_000);
    lookUp.mockResolvedValue(CANCELLED);
    const log = keepingLog();
    const settle = newHandler({ connections: { names: () => ['loja-rio'] }, operations: needs, log });
    await settle({}, lambdaContext(timeLeft(clock, 60_000)));

    const order = await needs.ledger.find(operation.connection, operation.orderId);
    expect(order?.current).toMatchObject({ state: 'confirmed', evidence: { source: 'read_back' } });
    expect(cancel).toHaveBeenCalledTimes(1);
    expect(log.entries).toMatchObject([{ code: 'SETTLE_RUN_ENDED', fields: { settled: 1, failed: 0 } }]);
  });
});
