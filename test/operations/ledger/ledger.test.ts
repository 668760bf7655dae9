import {
  PutItemCommand,
  TransactionCanceledException,
  TransactionConflictException,
  TransactionInProgressException,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { currentItem, earlierItem } from '../../../functions/operations/ledger/items.ts';
import { createLedger, type Ledger } from '../../../functions/operations/ledger/ledger.ts';
import type { Operation } from '../../../functions/operations/rules/operation.ts';
import { perform } from '../../../functions/operations/perform.ts';
import { settle } from '../../../functions/operations/settle.ts';
import { clientOf, startDynamoDB, type TestDynamoDB } from '../../support/dynamodb.ts';
import { cancelCommand, CONFIRMED, DONE, timeLeft, world } from '../world.ts';

let dynamodb: TestDynamoDB;
beforeAll(async () => {
  dynamodb = await startDynamoDB();
});
afterAll(() => dynamodb.stop());

it('holds no attribute that a person would have to decode', async () => {
  const { needs, clock } = world(dynamodb);
  const command = cancelCommand({ reason: 'inventory' });
  const { operation } = await perform(command, needs, timeLeft(clock));
  expect(await needs.ledger.find(command.connection, command.orderId)).toEqual({ current: operation, previous: [] });
  expect(operation).not.toHaveProperty('dueAt');
});

it('shows a hundred earlier operations of an order, the latest', async () => {
  const { needs } = world(dynamodb);
  const { connection, orderId } = cancelCommand();
  const operation = (number: number): Operation => ({ ...CONFIRMED, connection, orderId, number });
  const earlier = Array.from({ length: 105 }, (_, index) => earlierItem(operation(index + 1)));
  for (const Item of [...earlier, currentItem(operation(106))]) {
    await dynamodb.client.send(new PutItemCommand({ TableName: dynamodb.tables.ledger, Item }));
  }
  const { current, previous } = (await needs.ledger.find(connection, orderId)) ?? {};
  expect(current?.number).toBe(106);
  expect(previous?.map(({ number }) => number)).toEqual(Array.from({ length: 100 }, (_, index) => 105 - index));
});

describe('the fence', () => {
  /** An order whose first ask still hangs at the provider while its lease ran out, and what its invocation then writes. */
  async function late() {
    const { needs, clock, cancel, lookUp, open } = world(dynamodb);
    const command = cancelCommand();
    cancel.mockResolvedValueOnce({ kind: 'lost', problem: 'timed_out' });
    const held: Operation[] = [];
    const write = needs.ledger.write.bind(needs.ledger);
    needs.ledger.write = (previous, next) => {
      held.push(previous, next);
      return Promise.reject(new Error('on its way for long'));
    };
    await perform(command, needs, timeLeft(clock));
    needs.ledger.write = write;
    const [previous, next] = held;
    if (previous?.state !== 'calling' || next === undefined) throw new Error('Nothing was written.');
    return { needs, clock, cancel, lookUp, open, command, previous, next };
  }
  const current = async (ledger: Ledger, { connection, orderId }: { connection: string; orderId: string }) =>
    (await ledger.find(connection, orderId))?.current;

  it('keeps what an earlier operation writes late from the order’s next one, though both are at the same version', async () => {
    const { needs, clock, cancel, lookUp, open, command, previous, next } = await late();
    clock.advance(3_600_000);
    lookUp.mockResolvedValue({ kind: 'order_not_found' });
    expect(await settle(previous, open(command.connection), needs, timeLeft(clock, 60_000))).toBe('settled');
    let seen: unknown;
    cancel.mockImplementation(async () => {
      // At this moment the second operation is at the version that the first one's late write is meant for.
      expect(await needs.ledger.write(previous, next)).toMatchObject({ kind: 'lost', current: { number: 2 } });
      seen = await current(needs.ledger, command);
      return DONE;
    });
    const { operation } = await perform(command, needs, timeLeft(clock));
    expect(seen).toMatchObject({ number: 2, state: 'calling', version: previous.version });
    expect(await current(needs.ledger, command)).toEqual(operation);
    expect(operation).toMatchObject({ number: 2, state: 'confirmed' });
  });

  it('keeps a write that arrives a second time, late, from undoing the next one of the same owner', async () => {
    const { needs, clock, cancel, open, command, previous } = await late();
    clock.advance(3_600_000);
    const written: [Operation, Operation][] = [];
    const write = needs.ledger.write.bind(needs.ledger);
    needs.ledger.write = (before, after) => {
      written.push([before, after]);
      return write(before, after);
    };
    expect(await settle(previous, open(command.connection), needs, timeLeft(clock, 60_000))).toBe('settled');
    expect(cancel).toHaveBeenCalledTimes(2);
    expect(written.map(([, { state }]) => state)).toEqual(['unknown', 'calling', 'confirmed']);
    const end = await current(needs.ledger, command);
    for (const [before, after] of written.slice(0, 2))
      expect(await write(before, after)).toMatchObject({ kind: 'lost' });
    expect(await current(needs.ledger, command)).toEqual(end);
  });
});

describe('a conflict with another transaction', () => {
  const conflict = (...codes: string[]) =>
    new TransactionCanceledException({
      message: 'cancelled',
      $metadata: {},
      CancellationReasons: codes.map((Code) => ({ Code })),
    });
  /** A ledger whose first writes end like this, before they reach the table. */
  function ledgerAfter(errors: Error[]) {
    const { clock } = world(dynamodb);
    const waits: number[] = [];
    const recording = {
      ...clock,
      random: () => 0.5,
      sleep: (ms: number) => {
        waits.push(ms);
        return Promise.resolve();
      },
    };
    const client = clientOf(dynamodb.endpoint);
    client.middlewareStack.add(
      (next) => (args) => {
        const error = errors.shift();
        if (error !== undefined) throw error;
        return next(args);
      },
      { step: 'initialize', name: 'conflicts' },
    );
    const ledger = createLedger({ dynamodb: client, tables: dynamodb.tables, clock: recording });
    return { ledger, waits, client };
  }
  async function anOpening(): Promise<Operation> {
    const { needs, clock } = world(dynamodb);
    let opening: Operation | undefined;
    needs.ledger.claim = (operation) => {
      opening = operation;
      return Promise.reject(new Error('seen'));
    };
    await perform(cancelCommand(), needs, timeLeft(clock)).catch(() => undefined);
    if (opening === undefined) throw new Error('Nothing was claimed.');
    return opening;
  }
  const key = () => ({ key: `key ${Math.random()}`, fingerprint: 'an ask' });

  it.each([
    ['TransactionConflict', () => conflict('TransactionConflict', 'None')],
    ['TransactionConflictException', () => new TransactionConflictException({ message: 'conflict', $metadata: {} })],
    ['TransactionInProgressException', () => new TransactionInProgressException({ message: 'busy', $metadata: {} })],
  ])('(%s) says nothing of the condition: the same write is tried again, after ever longer waits', async (_, error) => {
    const { ledger, waits, client } = ledgerAfter([error(), error(), error()]);
    const opening = await anOpening();
    expect(await ledger.claim(opening, key())).toEqual({ kind: 'claimed', operation: opening });
    expect(waits).toEqual([20, 40, 80]);
    client.destroy();
  });

  it('is given up in the end', async () => {
    const { ledger, waits, client } = ledgerAfter(Array.from({ length: 7 }, () => conflict('TransactionConflict')));
    const opening = await anOpening();
    await expect(ledger.claim(opening, key())).rejects.toThrow(TransactionCanceledException);
    expect(waits).toHaveLength(6);
    expect(await ledger.find(opening.connection, opening.orderId)).toBeNull();
    client.destroy();
  });

  it('is not mistaken for a failed condition, and no other failure for a conflict', async () => {
    const silent = new TransactionCanceledException({ message: 'cancelled', $metadata: {} });
    // Only DynamoDB's own word counts, not what another failure carries.
    const others = ['TransactionConflict', 'ConditionalCheckFailed'].map((Code) =>
      Object.assign(new Error('broken'), { CancellationReasons: [{ Code }] }),
    );
    for (const error of [conflict('ThrottlingError', 'None'), silent, ...others]) {
      const { ledger, waits, client } = ledgerAfter([error]);
      await expect(ledger.claim(await anOpening(), key())).rejects.toBe(error);
      expect(waits).toEqual([]);
      client.destroy();
    }
    const failed = Object.assign(new Error('broken'), { Item: {} });
    const { ledger: other, client: third } = ledgerAfter([failed]);
    await expect(other.claim(await anOpening(), null)).rejects.toBe(failed);
    third.destroy();
    // A condition failed beside the conflict: that alone decides, and here nothing says what the order has.
    const { ledger, waits, client } = ledgerAfter([conflict('ConditionalCheckFailed', 'TransactionConflict')]);
    await expect(ledger.claim(await anOpening(), key())).rejects.toThrow('no condition says why');
    expect(waits).toEqual([]);
    client.destroy();
  });
});
