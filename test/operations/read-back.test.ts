import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findContradictions } from '../../functions/operations/contradictions.ts';
import { observe } from '../../functions/operations/observe.ts';
import { perform } from '../../functions/operations/perform.ts';
import { readOrder } from '../../functions/operations/read-back.ts';
import type { LookUpReply } from '../../functions/providers/provider.ts';
import { startDynamoDB, type TestDynamoDB } from '../support/dynamodb.ts';
import { ACTIVE, cancelCommand, timeLeft, world } from './world.ts';

const FOREIGN: LookUpReply = { kind: 'lost', problem: 'foreign_reply', status: 500 };

let dynamodb: TestDynamoDB;
beforeAll(async () => {
  dynamodb = await startDynamoDB();
});
afterAll(() => dynamodb.stop());

let shops = 0;
function newShop() {
  const made = world(dynamodb);
  const connection = `read-back-${(shops += 1)}`;
  const wanted = { connection, orderId: '340' };
  const { needs, clock } = made;
  return {
    ...made,
    connection,
    read: (remainingMs = 30_000) => readOrder(wanted, needs, () => remainingMs),
    hint: (remainingMs = 30_000) =>
      observe({ ...wanted, provider: 'estoka', trigger: 'webhook' }, needs, () => remainingMs),
    stateOf: () => needs.health.read(connection),
    cancelOnce: async () => {
      await perform(cancelCommand({ connection }), needs, timeLeft(clock));
      clock.advance(120_000);
    },
  };
}

describe('a look for somebody who waits', () => {
  it('lasts no longer than the time-out of the connection, and leaves it to the client to say that there is no time', async () => {
    const { read, hint, lookUpLimits } = newShop();
    await read();
    await read(4_000);
    await hint();
    await hint(4_000);
    expect(lookUpLimits).toEqual([{ timeoutMs: 5_000 }, { timeoutMs: 0 }, { timeoutMs: 5_000 }, { timeoutMs: 0 }]);
  });

  it('is made of a paused connection too', async () => {
    const { read, needs, clock, connection, lookUp } = newShop();
    await needs.health.pause(connection, clock.now() + 60_000, null);
    expect((await read()).seen).toEqual(ACTIVE);
    expect(lookUp).toHaveBeenCalledTimes(1);
  });

  it('pauses nothing when it meets an outage', async () => {
    const { read, lookUp, stateOf } = newShop();
    lookUp.mockResolvedValue(FOREIGN);
    expect((await read()).seen).toEqual(FOREIGN);
    expect(await stateOf()).toBeNull();
  });
});

it.each<LookUpReply>([FOREIGN, { kind: 'credential_rejected' }])(
  'the watch notes nothing of what a reply says of the connection ($kind)',
  async (reply) => {
    const { cancelOnce, lookUp, stateOf, needs, connection, clock } = newShop();
    await cancelOnce();
    lookUp.mockResolvedValue(reply);
    expect(await findContradictions(connection, needs, timeLeft(clock))).toMatchObject({ read: 0, unread: 1 });
    expect(await stateOf()).toBeNull();
  },
);
