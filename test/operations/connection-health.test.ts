import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  createConnectionHealth,
  rememberingHealth,
  type ConnectionHealth,
} from '../../functions/operations/connection-health.ts';
import { startDynamoDB, type TestDynamoDB } from '../support/dynamodb.ts';
import { handClock } from './world.ts';

const MAX_AGE_MS = 2_000;

describe('a connection’s health', () => {
  let dynamodb: TestDynamoDB;
  beforeAll(async () => {
    dynamodb = await startDynamoDB();
  });
  afterAll(() => dynamodb.stop());

  it('is its last rejection, kept for each connection', async () => {
    const clock = handClock();
    const health = createConnectionHealth({
      dynamodb: dynamodb.client,
      table: dynamodb.tables.connectionHealth,
      clock,
    });
    expect(await health.read('loja-rio')).toBeNull();
    await health.markRejected('loja-rio', 'the first');
    clock.advance(1_000);
    await health.markRejected('loja-rio', 'the second');
    expect(await health.read('loja-rio')).toEqual({
      connection: 'loja-rio',
      credentialDigest: 'the second',
      rejectedAt: '2026-03-01T12:00:01.000Z',
      pausedUntil: null,
      pausedFor: [],
    });
    expect(await health.read('toko-jaya')).toBeNull();
  });

  it('is also until when it is paused, beside its rejection', async () => {
    const clock = handClock();
    const health = createConnectionHealth({
      dynamodb: dynamodb.client,
      table: dynamodb.tables.connectionHealth,
      clock,
    });
    const paused = { connection: 'loja-sul', credentialDigest: null, rejectedAt: null, pausedFor: ['340'] };
    await health.pause('loja-sul', clock.now() + 60_000, '340');
    expect(await health.read('loja-sul')).toEqual({ ...paused, pausedUntil: '2026-03-01T12:01:00.000Z' });
    await health.markRejected('loja-sul', 'a digest');
    await health.pause('loja-sul', clock.now() + 30_000, null);
    expect(await health.read('loja-sul')).toEqual({
      connection: 'loja-sul',
      credentialDigest: 'a digest',
      rejectedAt: '2026-03-01T12:00:00.000Z',
      pausedUntil: '2026-03-01T12:00:30.000Z',
      pausedFor: [],
    });
  });

  it('remembers the last fifty orders that it was paused for, each once', async () => {
    const health = createConnectionHealth({
      dynamodb: dynamodb.client,
      table: dynamodb.tables.connectionHealth,
      clock: handClock(),
    });
    const orderIds = Array.from({ length: 52 }, (_, index) => String(index));
    for (const orderId of [...orderIds, '7']) await health.pause('loja-leste', 0, orderId);
    expect((await health.read('loja-leste'))?.pausedFor).toEqual([
      ...orderIds.slice(2).filter((orderId) => orderId !== '7'),
      '7',
    ]);
  });

  it('is read as it stands now, though other copies of it may lag behind', async () => {
    const sent: unknown[] = [];
    const client = new DynamoDBClient({ region: 'local' });
    client.send = (command: { input: unknown }) => {
      sent.push(command.input);
      return Promise.resolve({});
    };
    const health = createConnectionHealth({ dynamodb: client, table: 'ConnectionHealth', clock: handClock() });
    expect(await health.read('loja-rio')).toBeNull();
    expect(sent).toMatchObject([{ Key: { connection: { S: 'loja-rio' } }, ConsistentRead: true }]);
  });

  it('is not guessed from an item that is none of ours', async () => {
    const health = createConnectionHealth({
      dynamodb: dynamodb.client,
      table: dynamodb.tables.connectionHealth,
      clock: handClock(),
    });
    const connection = { S: 'loja-norte' };
    const at = { S: '2026-03-01T12:00:00.000Z' };
    for (const Item of [
      { connection },
      { connection, credentialDigest: { S: 'a digest' } },
      { connection, rejectedAt: at, pausedUntil: at },
      { connection, pausedUntil: { N: '1' } },
      { connection, pausedUntil: at, pausedFor: { S: '340' } },
    ]) {
      await dynamodb.client.send(new PutItemCommand({ TableName: dynamodb.tables.connectionHealth, Item }));
      await expect(health.read('loja-norte')).rejects.toThrow();
    }
  });
});

describe('a container that remembers it', () => {
  const REJECTED = {
    connection: 'loja-rio',
    credentialDigest: 'a digest',
    rejectedAt: '2026-03-01T11:00:00.000Z',
    pausedUntil: null,
    pausedFor: [],
  };
  const remembering = () => {
    const clock = handClock();
    const read = jest.fn<ConnectionHealth['read']>(() => Promise.resolve(null));
    const markRejected = jest.fn<ConnectionHealth['markRejected']>(() => Promise.resolve());
    const pause = jest.fn<ConnectionHealth['pause']>(() => Promise.resolve());
    const health = rememberingHealth({ read, markRejected, pause }, clock, MAX_AGE_MS);
    return { clock, read, markRejected, pause, health };
  };

  it('reads it once in a while, and for each connection', async () => {
    const { clock, read, health } = remembering();
    read.mockResolvedValueOnce(null).mockResolvedValueOnce(REJECTED);
    expect(await health.read('loja-rio')).toBeNull();
    clock.advance(MAX_AGE_MS - 1);
    expect(await health.read('loja-rio')).toBeNull();
    expect(read).toHaveBeenCalledTimes(1);
    clock.advance(1);
    expect(await health.read('loja-rio')).toEqual(REJECTED);
    expect(await health.read('loja-rio')).toEqual(REJECTED);
    expect(read).toHaveBeenCalledTimes(2);
    await health.read('toko-jaya');
    expect(read.mock.calls).toEqual([['loja-rio'], ['loja-rio'], ['toko-jaya']]);
  });

  it('knows at once what it marks itself, and has it kept for the others', async () => {
    const { read, markRejected, health } = remembering();
    await health.read('loja-rio');
    await health.markRejected('loja-rio', 'a digest');
    expect(await health.read('loja-rio')).toEqual({ ...REJECTED, rejectedAt: '2026-03-01T12:00:00.000Z' });
    expect(markRejected.mock.calls).toEqual([['loja-rio', 'a digest']]);
    expect(read).toHaveBeenCalledTimes(1);
  });

  it('knows at once of a pause, too, and does not forget a rejection over it', async () => {
    const { clock, read, pause, health } = remembering();
    await health.pause('loja-rio', clock.now() + 60_000, '340');
    expect(await health.read('loja-rio')).toMatchObject({
      credentialDigest: null,
      pausedUntil: '2026-03-01T12:01:00.000Z',
      pausedFor: ['340'],
    });
    await health.markRejected('loja-rio', 'a digest');
    await health.pause('loja-rio', clock.now() + 1, null);
    expect(await health.read('loja-rio')).toMatchObject({
      credentialDigest: 'a digest',
      pausedUntil: '2026-03-01T12:00:00.001Z',
    });
    expect(pause).toHaveBeenCalledTimes(2);
    expect(read).not.toHaveBeenCalled();
  });

  it('does not forget a rejection over a read that began before it', async () => {
    const { clock, read, health } = remembering();
    let answer: (nothing: null) => void = () => undefined;
    read.mockReturnValueOnce(new Promise((resolve) => (answer = resolve)));
    const reading = health.read('loja-rio');
    clock.advance(1);
    await health.markRejected('loja-rio', 'a digest');
    answer(null);
    expect(await reading).toBeNull();
    expect(await health.read('loja-rio')).toMatchObject({ credentialDigest: 'a digest' });
  });

  it('does not forget it over a read that began in the same millisecond either', async () => {
    const { clock, read, health } = remembering();
    let answer: (nothing: null) => void = () => undefined;
    read.mockReturnValueOnce(new Promise((resolve) => (answer = resolve)));
    const reading = health.read('loja-rio');
    await health.markRejected('loja-rio', 'a digest');
    answer(null);
    await reading;
    expect(await health.read('loja-rio')).toMatchObject({ credentialDigest: 'a digest' });
    clock.advance(MAX_AGE_MS);
    expect(await health.read('loja-rio')).toBeNull();
  });

  it('knows what it marked itself as long as what it read, and then reads it', async () => {
    const { clock, read, health } = remembering();
    await health.markRejected('loja-rio', 'a digest');
    clock.advance(MAX_AGE_MS - 1);
    expect(await health.read('loja-rio')).toMatchObject({ credentialDigest: 'a digest' });
    expect(read).not.toHaveBeenCalled();
    clock.advance(1);
    read.mockResolvedValueOnce({ ...REJECTED, credentialDigest: 'another one' });
    expect(await health.read('loja-rio')).toMatchObject({ credentialDigest: 'another one' });
    expect(await health.read('loja-rio')).toMatchObject({ credentialDigest: 'another one' });
    expect(read).toHaveBeenCalledTimes(1);
  });

  it('reads it again where the reading failed', async () => {
    const { read, health } = remembering();
    read.mockRejectedValueOnce(new Error('throttled'));
    await expect(health.read('loja-rio')).rejects.toThrow('throttled');
    expect(await health.read('loja-rio')).toBeNull();
  });
});
