import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { marshall } from '@aws-sdk/util-dynamodb';
import * as fc from 'fast-check';
import { currentItem, earlierItem } from '../functions/operations/ledger/items.ts';
import type { Operation } from '../functions/operations/rules/operation.ts';
import { perform } from '../functions/operations/perform.ts';
import { settle } from '../functions/operations/settle.ts';
import type { EventBus } from '../functions/outbox/event-bus.ts';
import { outcomeDetailSchema, type OutcomeEvent } from '../functions/outbox/outcome-event.ts';
import type { StreamRecord } from '../functions/outbox/stream-record.ts';
import { newHandler } from '../functions/publish-outcomes.ts';
import { sampleEvent } from './events/sample.ts';
import { CANCELLED, cancelCommand, CONFIRMED, PENDING, TIMED_OUT, timeLeft, world } from './operations/world.ts';
import { keepingLog, lambdaContext } from './support/api-event.ts';
import { startDynamoDB, type TestDynamoDB } from './support/dynamodb.ts';

type Record = StreamRecord;
const context = lambdaContext();

/** A bus that takes what `refuse` does not name, and remembers in which order it took it. */
function keepingBus(refuse: (event: OutcomeEvent) => string | null = () => null) {
  const taken: OutcomeEvent[] = [];
  const requests: number[] = [];
  const bus: EventBus = {
    publish(events: readonly OutcomeEvent[]) {
      requests.push(events.length);
      const failures = events.flatMap((event) => {
        const error = refuse(event);
        if (error === null) taken.push(event);
        return error === null ? [] : [{ event, error }];
      });
      return Promise.resolve(failures);
    },
  };
  return { bus, taken, requests };
}

let sequence = 0;
const change = (before: Operation | null, after: Operation): Record => {
  sequence += 1;
  const old = before === null ? {} : { OldImage: currentItem(before) };
  const Keys = { order: { S: `${after.connection}:${after.orderId}` }, slot: { S: 'current' } };
  const dynamodb = { Keys, NewImage: currentItem(after), ...old, SequenceNumber: String(sequence) };
  return { eventID: `event-${sequence}`, eventName: before === null ? 'INSERT' : 'MODIFY', dynamodb };
};

describe('publish-outcomes', () => {
  let database: TestDynamoDB;
  beforeAll(async () => {
    database = await startDynamoDB();
  });
  afterAll(() => database.stop());

  /** The records that the ledger's stream would have of one order: asked for, its answer lost, then proven by a read-back. */
  async function lifeOf(orderId: string): Promise<Record[]> {
    const { needs, clock, cancel, lookUp, open } = world(database);
    const versions: Operation[] = [];
    const { ledger } = needs;
    const watched = {
      ...needs,
      ledger: {
        ...ledger,
        claim: async (...args: Parameters<typeof ledger.claim>) => {
          const claim = await ledger.claim(...args);
          if (claim.kind === 'claimed') versions.push(claim.operation);
          return claim;
        },
        write: async (...args: Parameters<typeof ledger.write>) => {
          const written = await ledger.write(...args);
          if (written.kind === 'written') versions.push(written.operation);
          return written;
        },
      },
    };
    cancel.mockResolvedValueOnce(TIMED_OUT);
    const { operation } = await perform(cancelCommand({ orderId }), watched, timeLeft(clock));
    clock.advance(3_600_000);
    lookUp.mockResolvedValue(CANCELLED);
    if (operation.state !== 'unknown') throw new Error('The answer was not lost.');
    await settle(operation, open('loja-rio'), watched, timeLeft(clock, 100_000));
    return versions.map((version, index) => change(versions[index - 1] ?? null, version));
  }

  const handlerWith = (bus: EventBus) => {
    const deadRecords: { record: Record; error: unknown }[] = [];
    const bury = (record: Record, error: unknown) => {
      deadRecords.push({ record, error });
      return Promise.resolve();
    };
    return { handler: newHandler({ bus, deadRecords: { bury }, log: keepingLog() }), deadRecords };
  };

  it('publishes the outcome in AWS’s sample event', async () => {
    const { bus, taken } = keepingBus();
    expect(await handlerWith(bus).handler(sampleEvent('dynamodb-stream'), context)).toEqual({ batchItemFailures: [] });
    expect(taken).toMatchObject([
      {
        detailType: 'OrderOperationConfirmed',
        at: '2026-03-01T12:00:01.000Z',
        detail: {
          schemaVersion: 1,
          id: 'loja-rio:340:1:2',
          sequence: 1_000_002,
          operation: { id: 'loja-rio:340:1', outcome: 'confirmed', evidence: { source: 'reply' }, trigger: 'queue' },
        },
      },
    ]);
    expect(taken[0]?.detail.operation).not.toHaveProperty('note');
    expect(() => outcomeDetailSchema.parse(taken[0]?.detail)).not.toThrow();
  });

  it('tells of a lost answer and of its end, and not of the looks between', async () => {
    const { bus, taken } = keepingBus();
    await handlerWith(bus).handler({ Records: await lifeOf('70001') }, context);
    expect(taken.map(({ detailType }) => detailType)).toEqual(['OrderOperationUnknown', 'OrderOperationConfirmed']);
    expect(new Set(taken.map(({ detail }) => detail.id)).size).toBe(2);
    const [first, second] = taken.map(({ detail }) => detail.sequence);
    expect(first).toBeLessThan(second ?? 0);
  });

  it('tells of a cancel that was noted on top of a refusal: a new operation, whose versions begin anew', async () => {
    const { bus, taken } = keepingBus();
    const refused: Operation = { ...CONFIRMED, orderId: '70010', state: 'refused', version: 7 };
    const noted: Operation = { ...CONFIRMED, orderId: '70010', number: 2, version: 1 };
    await handlerWith(bus).handler({ Records: [change(refused, noted)] }, context);
    expect(taken.map(({ detailType, detail }) => [detailType, detail.id])).toEqual([
      ['OrderOperationConfirmed', 'loja-rio:70010:2:1'],
    ]);
  });

  it.each([
    ['some versions on', { version: 9 }],
    ['in an image without what was before it', null],
  ])('tells of an outcome %s: a write between may have had no record of its own', async (_, gap) => {
    const { bus, taken } = keepingBus();
    const unknown: Operation | null = gap && { ...PENDING, state: 'unknown', version: 2 };
    const after: Operation = { ...CONFIRMED, ...gap };
    await handlerWith(bus).handler({ Records: [change(unknown, after)] }, context);
    expect(taken).toMatchObject([{ detailType: 'OrderOperationConfirmed' }]);
  });

  it('says nothing of an earlier operation that is put aside', async () => {
    const { needs, clock, cancel } = world(database);
    cancel.mockResolvedValueOnce({ kind: 'refused', words: 'no' });
    const { operation } = await perform(cancelCommand(), needs, timeLeft(clock));
    const record = change(null, operation);
    const Keys = { ...record.dynamodb.Keys, slot: { S: '000001' } };
    const aside = { ...record, dynamodb: { ...record.dynamodb, Keys, NewImage: earlierItem(operation) } };
    const { bus, taken } = keepingBus();
    await handlerWith(bus).handler({ Records: [aside] }, context);
    expect(taken).toEqual([]);
    await handlerWith(bus).handler({ Records: [record] }, context);
    expect(taken).toHaveLength(1);
  });

  it('buries a record of which no event can be made, and goes on behind it', async () => {
    const [before, ...after] = await lifeOf('70003');
    if (before === undefined) throw new Error('There is no record.');
    const nonsense = { ...before, dynamodb: { ...before.dynamodb, NewImage: marshall({ order: 'x', state: 'done' }) } };
    const { bus, taken } = keepingBus();
    const { handler, deadRecords } = handlerWith(bus);
    expect(await handler({ Records: [before, nonsense, ...after] }, context)).toEqual({ batchItemFailures: [] });
    expect(deadRecords).toHaveLength(1);
    expect(taken).toHaveLength(2);
  });

  it('buries an event that the bus will never take', async () => {
    const { bus, taken } = keepingBus(({ detailType }) => (detailType.endsWith('Unknown') ? 'MalformedDetail' : null));
    const { handler, deadRecords } = handlerWith(bus);
    expect(await handler({ Records: await lifeOf('70005') }, context)).toEqual({ batchItemFailures: [] });
    expect([taken.length, deadRecords.length]).toEqual([1, 1]);
  });

  describe('when the bus refuses a whole request', () => {
    /** As EventBridge refuses requests that are too large: with an exception, whatever is in them. */
    const refusingBus = (isRefused: (events: readonly OutcomeEvent[]) => boolean) => {
      const taken: OutcomeEvent[] = [];
      const bus: EventBus = {
        publish(events: readonly OutcomeEvent[]) {
          if (isRefused(events))
            return Promise.reject(Object.assign(new Error('too large'), { name: 'ValidationException' }));
          taken.push(...events);
          return Promise.resolve([]);
        },
      };
      return { bus, taken };
    };
    const lives = async (first: number) =>
      (await Promise.all([0, 1, 2, 3].map((index) => lifeOf(String(first + index))))).flat();

    it('puts one event after the other where they are too large together', async () => {
      const { bus, taken } = refusingBus((events) => events.length > 1);
      const { handler, deadRecords } = handlerWith(bus);
      expect(await handler({ Records: await lives(70_010) }, context)).toEqual({ batchItemFailures: [] });
      expect([taken.length, deadRecords.length]).toEqual([8, 0]);
    });

    it('buries the one that is refused alone as well, and publishes the others', async () => {
      const isRefused = (events: readonly OutcomeEvent[]) =>
        events.some(({ order, detailType }) => order.endsWith('70021') && detailType.endsWith('Confirmed'));
      const { bus, taken } = refusingBus(isRefused);
      const { handler, deadRecords } = handlerWith(bus);
      expect(await handler({ Records: await lives(70_020) }, context)).toEqual({ batchItemFailures: [] });
      expect([taken.length, deadRecords.length]).toEqual([7, 1]);
      expect(deadRecords[0]?.record.dynamodb.Keys['order']?.S).toMatch(/70021$/);
    });
  });

  it('has the stream come back to the first event that was not taken', async () => {
    const records = [...(await lifeOf('70006')), ...(await lifeOf('70007'))];
    const { bus } = keepingBus(({ order }) => (order.endsWith('70007') ? 'ThrottlingException' : null));
    const first = records.find(
      ({ dynamodb }) =>
        JSON.stringify(dynamodb.NewImage).includes('timed_out') && dynamodb.Keys['order']?.S?.endsWith('70007'),
    );
    expect(await handlerWith(bus).handler({ Records: records }, context)).toEqual({
      batchItemFailures: [{ itemIdentifier: first?.dynamodb.SequenceNumber }],
    });
  });

  it('loses nothing and keeps each order’s order, wherever it is killed and whatever the bus drops', async () => {
    const lives = await Promise.all(Array.from({ length: 8 }, (_, index) => lifeOf(String(71_000 + index))));
    // Of each order in turn, so that a batch holds many orders.
    const records = lives.flatMap((life, order) => life.map((record, step) => ({ record, at: step * 100 + order })));
    records.sort((a, b) => a.at - b.at);
    const stream = records.map(({ record }, index) => ({
      ...record,
      dynamodb: { ...record.dynamodb, SequenceNumber: String(1_000 + index) },
    }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 3 }), { minLength: 40, maxLength: 40 }),
        fc.array(fc.nat({ max: 5 }), { minLength: 60, maxLength: 60 }),
        fc.integer({ min: 1, max: 20 }),
        async (kills, drops, batchSize) => {
          let puts = 0;
          let kill = 0;
          const taken: OutcomeEvent[] = [];
          const bus: EventBus = {
            publish(events: readonly OutcomeEvent[]) {
              const failures = events.flatMap((event) => {
                const isDropped = drops[puts++] === 0;
                if (!isDropped) taken.push(event);
                return isDropped ? [{ event, error: 'InternalFailure' }] : [];
              });
              // The bus has the events, and the function never hears of it.
              return kills[kill++] === 0 ? Promise.reject(new Error('killed')) : Promise.resolve(failures);
            },
          };
          const { handler } = handlerWith(bus);
          for (let position = 0; position < stream.length;) {
            const batch = stream.slice(position, position + batchSize);
            const { batchItemFailures } = await handler({ Records: batch }, context);
            const [failure] = batchItemFailures;
            const failed = batch.findIndex(({ dynamodb }) => dynamodb.SequenceNumber === failure?.itemIdentifier);
            position += failed === -1 ? batch.length : failed;
          }
          for (const orderId of lives.keys()) {
            const told = taken.filter(({ order }) => order === `loja-rio:${71_000 + orderId}`);
            const ids = [...new Set(told.map(({ detail }) => detail.id))];
            expect(ids).toHaveLength(2);
            expect(told.map(({ detailType }) => detailType).indexOf('OrderOperationConfirmed')).toBeGreaterThan(
              told.map(({ detailType }) => detailType).indexOf('OrderOperationUnknown'),
            );
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});
