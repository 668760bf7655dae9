import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { BusEvent } from '../functions/outbox/event-bus.ts';
import { contradictionDetailSchema } from '../functions/outbox/contradiction-event.ts';
import { isOpen } from '../functions/operations/rules/operation.ts';
import { perform } from '../functions/operations/perform.ts';
import { settle } from '../functions/operations/settle.ts';
import type { LookUpReply } from '../functions/providers/provider.ts';
import { newHandler } from '../functions/watch-contradictions.ts';
import { sampleEvent } from './events/sample.ts';
import { ACTIVE, CANCELLED, cancelCommand, facts, timeLeft, world } from './operations/world.ts';
import { keepingLog, lambdaContext } from './support/api-event.ts';
import { startDynamoDB, type TestDynamoDB } from './support/dynamodb.ts';

describe('watch-contradictions', () => {
  let database: TestDynamoDB;
  let provider: ReturnType<typeof world>;
  let published: BusEvent[];
  let refuses: (event: BusEvent) => boolean;
  let log: ReturnType<typeof keepingLog>;
  let shown: Map<string, LookUpReply>;
  let connection = '';
  let tests = 0;

  beforeAll(async () => {
    database = await startDynamoDB();
  });
  afterAll(() => database.stop());
  beforeEach(() => {
    connection = `loja-${(tests += 1)}`;
    provider = world(database);
    published = [];
    refuses = () => false;
    log = keepingLog();
    shown = new Map();
    provider.lookUp.mockImplementation(({ orderId }) => Promise.resolve(shown.get(orderId) ?? CANCELLED));
  });

  const cancelOrder = async (orderId: string) => {
    await perform(cancelCommand({ connection, orderId }), provider.needs, timeLeft(provider.clock));
    return orderId;
  };
  const watch = (remainingMs = 290_000) =>
    newHandler({
      connections: { names: () => [connection] },
      watch: provider.needs,
      bus: {
        publish: (events) => {
          const [refused, taken] = [events.filter(refuses), events.filter((event) => !refuses(event))];
          published.push(...taken);
          return Promise.resolve(refused.map((event) => ({ event, error: 'ThrottlingException' })));
        },
      },
      log,
    })(sampleEvent('scheduled'), lambdaContext(remainingMs));
  const found = () => published.map(({ detail }) => contradictionDetailSchema.parse(detail));

  it('tells of a confirmed cancel whose order is active, shipped or gone', async () => {
    for (const orderId of ['1', '2', '3', '4']) await cancelOrder(orderId);
    shown.set('1', ACTIVE);
    const shipped = { ...facts('delivered'), warnings: [{ code: 'shipped' as const, text: 'has left' }] };
    shown.set('2', { kind: 'not_cancelled', order: shipped, refusal: null, historyMark: null });
    shown.set('3', { kind: 'order_not_found' });
    provider.clock.advance(3_600_000);
    expect(await watch()).toEqual({ read: 4, unread: 0, contradictions: 3, failed: [] });
    const told = found().sort((a, b) => (a.id < b.id ? -1 : 1));
    expect(told).toMatchObject([
      { id: `${connection}:1:1:active`, found: 'active', status: 'billing' },
      { id: `${connection}:2:1:shipped`, found: 'shipped', status: 'delivered' },
      { id: `${connection}:3:1:gone`, found: 'gone', status: null },
    ]);
    expect(log.entries.filter(({ code }) => code === 'CONTRADICTION_FOUND')).toHaveLength(3);
    expect(provider.cancel).toHaveBeenCalledTimes(4);
  });

  it('finds the same again under the same id, until it is put right', async () => {
    shown.set(await cancelOrder('1'), ACTIVE);
    provider.clock.advance(3_600_000);
    await watch();
    await watch();
    expect(new Set(found().map(({ id }) => id)).size).toBe(1);
    shown.clear();
    expect(await watch()).toMatchObject({ contradictions: 0 });
  });

  it('says which the bus did not take, and of which connection, and puts the others', async () => {
    for (let order = 1; order <= 12; order += 1) shown.set(await cancelOrder(String(order)), ACTIVE);
    provider.clock.advance(3_600_000);
    const lost = [`${connection}:3:1`, `${connection}:11:1`];
    refuses = ({ detail }) => lost.includes(detail.operation.id);
    expect(await watch()).toEqual({ read: 12, unread: 0, contradictions: 12, failed: [connection] });
    expect(found()).toHaveLength(10);
    expect(log.entries).toContainEqual(expect.objectContaining({ level: 'error', code: 'WATCH_FAILED' }));
    const errors = log.entries.filter(({ code }) => code === 'CONTRADICTION_NOT_PUBLISHED');
    expect(errors).toHaveLength(2);
    expect(errors).toEqual(
      expect.arrayContaining(
        lost.map((id) => ({
          level: 'error',
          code: 'CONTRADICTION_NOT_PUBLISHED',
          fields: { event: `${id}:active`, error: 'ThrottlingException' },
        })),
      ),
    );
  });

  it('looks at the last two days only, and not at what was confirmed a moment ago', async () => {
    shown.set(await cancelOrder('1'), ACTIVE);
    provider.clock.advance(49 * 3_600_000);
    shown.set(await cancelOrder('2'), ACTIVE);
    expect(await watch()).toMatchObject({ read: 0, contradictions: 0 });
    provider.clock.advance(3_600_000);
    expect(await watch()).toMatchObject({ read: 1, contradictions: 1 });
  });

  it('counts from when it was confirmed, however long that took', async () => {
    provider.cancel.mockResolvedValueOnce({ kind: 'lost', problem: 'timed_out' });
    shown.set(await cancelOrder('1'), ACTIVE);
    provider.clock.advance(60 * 3_600_000);
    const order = await provider.needs.ledger.find(connection, '1');
    if (order === null || !isOpen(order.current)) throw new Error('It is not open.');
    provider.lookUp.mockReset().mockResolvedValueOnce(CANCELLED).mockResolvedValue(ACTIVE);
    await settle(order.current, provider.open(connection), provider.needs, () => 110_000);
    provider.clock.advance(3_600_000);
    expect(await watch()).toMatchObject({ read: 1, contradictions: 1 });
    provider.clock.advance(48 * 3_600_000);
    expect(await watch()).toMatchObject({ read: 0, contradictions: 0 });
  });

  it('leaves a connection alone whose provider cannot be used, and takes no failed look for a contradiction', async () => {
    for (const orderId of ['1', '2', '3', '4', '5', '6']) await cancelOrder(orderId);
    provider.clock.advance(3_600_000);
    provider.lookUp.mockResolvedValue({ kind: 'not_sent', problem: 'provider_unreachable' });
    expect(await watch()).toMatchObject({ read: 0, unread: 6, contradictions: 0 });
    expect(provider.lookUp.mock.calls.length).toBeLessThanOrEqual(2);
    provider.lookUp.mockClear();
    await provider.needs.health.markRejected(connection, provider.open(connection).credentialDigest);
    expect(await watch()).toMatchObject({ read: 0, unread: 6 });
    expect(provider.lookUp).not.toHaveBeenCalled();
  });

  it('begins no look that its time does not suffice for', async () => {
    await cancelOrder('1');
    provider.clock.advance(3_600_000);
    expect(await watch(3_000)).toMatchObject({ read: 0, unread: 1 });
    expect(provider.lookUp).not.toHaveBeenCalled();
  });
});
