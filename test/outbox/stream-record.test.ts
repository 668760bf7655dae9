import { describe, expect, it } from '@jest/globals';
import type { SendMessageCommand } from '@aws-sdk/client-sqs';
import { currentItem, earlierItem } from '../../functions/operations/ledger/items.ts';
import type { Operation, OperationState } from '../../functions/operations/rules/operation.ts';
import { contradictionEventOf } from '../../functions/outbox/contradiction-event.ts';
import { outcomeEventOf } from '../../functions/outbox/outcome-event.ts';
import { createDeadRecords } from '../../functions/outbox/dead-records.ts';
import { isChange, stepOf, streamEventSchema, type StreamRecord } from '../../functions/outbox/stream-record.ts';
import { CONFIRMED, handClock, PENDING } from '../operations/world.ts';
import { keepingLog } from '../support/api-event.ts';

const record = (changes: Partial<StreamRecord['dynamodb']> = {}): StreamRecord => ({
  eventID: 'e1',
  eventName: 'MODIFY',
  dynamodb: {
    Keys: { order: { S: 'loja-rio:340' }, slot: { S: 'current' } },
    NewImage: currentItem(CONFIRMED),
    OldImage: currentItem(PENDING),
    SequenceNumber: '7',
    ...changes,
  },
});
const inState = (state: OperationState) => {
  const operation = { ...PENDING, state };
  return operation as Operation;
};

describe('a record of the ledger’s stream', () => {
  it('tells the step of an order’s current operation', () => {
    expect(stepOf(record())).toMatchObject({ before: { state: 'pending' }, after: { state: 'confirmed' } });
    const { OldImage: _, ...first } = record().dynamodb;
    expect(stepOf({ ...record(), dynamodb: first })).toMatchObject({ before: null, after: { state: 'confirmed' } });
  });

  it('tells none where an earlier operation was put aside, an item went, or it is of no slot', () => {
    const NewImage = earlierItem(CONFIRMED);
    expect(stepOf(record({ Keys: { order: { S: 'x' }, slot: { S: '000001' } }, NewImage }))).toBeNull();
    expect(stepOf(record({ Keys: { order: { S: 'x' } } }))).toBeNull();
    const { NewImage: gone, ...dynamodb } = record().dynamodb;
    expect(gone).toBeDefined();
    expect(stepOf({ ...record(), dynamodb })).toBeNull();
  });

  it('is none of the ledger’s where it has no operation', () => {
    expect(() => stepOf(record({ NewImage: { order: { S: 'loja-rio:340' } } }))).toThrow('cannot read');
  });

  it.each<[string, Operation | null, Operation, boolean]>([
    ['the first', null, PENDING, true],
    ['a look', PENDING, { ...PENDING, version: 2 }, false],
    ['another state', PENDING, CONFIRMED, true],
    ['another operation in the same state', { ...CONFIRMED, number: 1 }, { ...CONFIRMED, number: 2 }, true],
  ])('is a change where it is %s', (_, before, after, expected) => {
    expect(isChange({ before, after })).toBe(expected);
  });

  it.each([
    { Records: [{ ...record(), eventName: 'OTHER' }] },
    { Records: [{ ...record(), dynamodb: { ...record().dynamodb, Keys: { order: { S: 7 } } } }] },
    { Records: [{ ...record(), dynamodb: { ...record().dynamodb, NewImage: 'x' } }] },
    { Records: [{ ...record(), dynamodb: { ...record().dynamodb, NewImage: null } }] },
    { Records: [{ ...record(), dynamodb: { ...record().dynamodb, SequenceNumber: 7 } }] },
    {},
  ])('is what AWS says that it is, and not %j', (event) => {
    const names = ['INSERT', 'MODIFY', 'REMOVE'].map((eventName) => ({ ...record(), eventName }));
    expect(streamEventSchema.safeParse({ Records: names }).success).toBe(true);
    expect(streamEventSchema.safeParse(event).success).toBe(false);
  });
});

describe('what is told of a step', () => {
  it.each<[OperationState, string | undefined]>([
    ['calling', undefined],
    ['pending', undefined],
    ['confirmed', 'OrderOperationConfirmed'],
    ['refused', 'OrderOperationRefused'],
    ['unknown', 'OrderOperationUnknown'],
    ['needs_attention', 'OrderOperationNeedsAttention'],
  ])('to %s is %s', (state, detailType) => {
    const after = state === 'confirmed' || state === 'refused' ? { ...CONFIRMED, state } : inState(state);
    const event = outcomeEventOf({ before: null, after });
    expect(event?.detailType).toBe(detailType);
  });

  it('names the order, the operation’s version, and the time of its last step', () => {
    const timeline = [
      { at: '2026-03-01T12:00:00.000Z', event: 'requested' as const },
      { at: '2026-03-01T12:00:05.000Z', event: 'unknown' as const },
      { at: '2026-03-01T12:00:09.000Z', event: 'confirmed' as const },
    ];
    const after = { ...CONFIRMED, number: 2, version: 3, timeline, note: 'Ana', words: 'n' };
    const event = outcomeEventOf({ before: PENDING, after });
    expect(event).toMatchObject({
      order: 'loja-rio:340',
      at: '2026-03-01T12:00:09.000Z',
      detail: { schemaVersion: 1, id: 'loja-rio:340:2:3', sequence: 2_000_003, operation: { id: 'loja-rio:340:2' } },
    });
    for (const name of ['note', 'words', 'timeline']) expect(event?.detail.operation).not.toHaveProperty(name);
    expect(outcomeEventOf({ before: null, after: CONFIRMED })?.at).toBe(CONFIRMED.requestedAt);
  });

  it('is nothing where nothing changed', () => {
    expect(outcomeEventOf({ before: CONFIRMED, after: { ...CONFIRMED, version: 2 } })).toBeNull();
  });

  it('of a contradiction is the same each time that the same is found', () => {
    const found = { operation: { ...CONFIRMED, note: 'Ana' }, found: 'shipped' as const, status: 'SHIPPED' };
    const event = contradictionEventOf(found, '2026-03-02T00:00:00.000Z');
    expect(event).toMatchObject({
      detailType: 'OrderContradictionFound',
      at: '2026-03-02T00:00:00.000Z',
      detail: { schemaVersion: 1, id: 'loja-rio:340:1:shipped', found: 'shipped', status: 'SHIPPED' },
    });
    for (const kind of ['active', 'gone'] as const) {
      const again = contradictionEventOf({ ...found, found: kind, status: null }, CONFIRMED.requestedAt);
      expect(again.detail).toMatchObject({ id: `loja-rio:340:1:${kind}`, found: kind, status: null });
    }
    expect(event.detail.operation).toMatchObject({ id: 'loja-rio:340:1', outcome: 'confirmed' });
    expect(event.detail.operation).not.toHaveProperty('note');
  });
});

describe('a record of which no event can be made', () => {
  const buryRecord = async (dead: StreamRecord, error: unknown) => {
    const inputs: SendMessageCommand['input'][] = [];
    const send = ({ input }: SendMessageCommand) => Promise.resolve(void inputs.push(input));
    const log = keepingLog();
    const deadRecords = createDeadRecords({ sqs: { send: send as never }, queueUrl: 'dead', clock: handClock(), log });
    await deadRecords.bury(dead, error);
    return {
      url: inputs[0]?.QueueUrl,
      body: JSON.parse(inputs[0]?.MessageBody ?? '') as unknown,
      entries: log.entries,
    };
  };

  it('is named in a dead letter, with the name of what is wrong, and without what it holds', async () => {
    const error = new TypeError('Ana Souza');
    const { url, body, entries } = await buryRecord(record(), error);
    expect(url).toBe('dead');
    expect(body).toEqual({
      order: 'loja-rio:340',
      slot: 'current',
      record: 'e1',
      sequenceNumber: '7',
      reason: 'TypeError',
      failedAt: '2026-03-01T12:00:00.000Z',
    });
    expect(entries).toMatchObject([
      { code: 'OUTCOME_UNREADABLE', fields: { order: 'loja-rio:340', record: 'e1', error } },
    ]);
  });

  it('may have no name, and be wrong in a word', async () => {
    expect(await buryRecord(record({ Keys: {} }), 'MalformedDetail')).toMatchObject({
      body: { order: null, slot: null, reason: 'MalformedDetail' },
    });
  });
});
