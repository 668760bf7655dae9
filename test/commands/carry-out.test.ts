import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { carryOut } from '../../functions/commands/carry-out.ts';
import { PROVIDERS } from '../../functions/providers/registry.ts';
import { startDynamoDB, type TestDynamoDB } from '../support/dynamodb.ts';
import { declaredConnections } from '../support/connections.ts';
import { timeLeft, world } from '../operations/world.ts';

let database: TestDynamoDB;
beforeAll(async () => {
  database = await startDynamoDB();
});
afterAll(() => database.stop());

let orders = 0;
const newOrder = () => ({ connection: 'loja-rio', orderId: `${8_000 + (orders += 1)}` });
function refusing() {
  const provider = world(database);
  provider.cancel.mockResolvedValue({ kind: 'refused', words: 'não pode' });
  const needs = { connections: declaredConnections(), operations: provider.needs };
  const carry = (
    command: Parameters<typeof carryOut>[0],
    trigger: Parameters<typeof carryOut>[1]['trigger'] = 'queue',
    identity = 'same',
  ) => carryOut(command, { trigger, identity }, needs, timeLeft(provider.clock));
  return { ...provider, connections: needs.connections, needs, carry };
}

describe('a command', () => {
  it('is the same one where it is delivered again, and another one where another trigger has its identity', async () => {
    const { carry, cancel } = refusing();
    const command = newOrder();
    expect((await carry(command)).operation.number).toBe(1);
    expect((await carry(command)).operation.number).toBe(1);
    expect((await carry(command, 'event')).operation.number).toBe(2);
    expect((await carry(command, 'queue', 'other')).operation.number).toBe(3);
    expect(cancel).toHaveBeenCalledTimes(3);
  });

  it('has a key that is of one order, whatever else it says', async () => {
    const { carry, cancel } = refusing();
    const [one, other] = [newOrder(), newOrder()];
    const idempotencyKey = `k-${one.orderId}`;
    await carry({ ...one, idempotencyKey }, 'queue', 'a');
    expect((await carry({ ...one, idempotencyKey }, 'queue', 'b')).operation.number).toBe(1);
    await expect(carry({ ...other, idempotencyKey })).rejects.toMatchObject({ name: 'IdempotencyKeyReused' });
    expect(cancel).toHaveBeenCalledTimes(1);
  });

  it('is not carried out where its provider cannot cancel at all', async () => {
    const { needs, clock, cancel } = refusing();
    const estoka = PROVIDERS.get('estoka');
    if (estoka === undefined) throw new Error('The registry has no estoka.');
    const absent = { ...estoka.capabilities.cancel, evidence: 'absent' as const };
    const cannot = { ...estoka, capabilities: { ...estoka.capabilities, cancel: absent } };
    const connections = { ...needs.connections, providerOf: () => cannot };
    const delivery = { trigger: 'queue' as const, identity: 'x' };
    await expect(carryOut(newOrder(), delivery, { ...needs, connections }, timeLeft(clock))).rejects.toMatchObject({
      name: 'NotSupportedByProvider',
    });
    expect(cancel).not.toHaveBeenCalled();
  });
});
