import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { calling, moved, taken, type Move } from '../../functions/operations/rules/moves.ts';
import type { OpenOperation, Operation } from '../../functions/operations/rules/operation.ts';
import { perform } from '../../functions/operations/perform.ts';
import { recordMove } from '../../functions/operations/record.ts';
import { startDynamoDB, type TestDynamoDB } from '../support/dynamodb.ts';
import { cancelCommand, TIMED_OUT, timeLeft, world } from './world.ts';

let dynamodb: TestDynamoDB;
beforeAll(async () => {
  dynamodb = await startDynamoDB();
});
afterAll(() => dynamodb.stop());

const evidence = { source: 'reply', status: 'cancelled', at: '2026-03-01T12:00:00.000Z' } as const;
const DONE: Move = { to: 'confirmed', detail: 'cancelled', evidence };
const NO: Move = { to: 'refused', detail: 'refused_by_provider', words: 'no', evidence, historyMark: null };
const LOST: Move = { to: 'unknown', detail: 'connection_cut', askReach: 'sent', dueAt: 0 };
const ACCEPTED: Move = { to: 'pending', detail: 'accepted', askReach: 'accepted', dueAt: 0 };
const OWNER = 'late';

/** An operation that `late` still works on, while a settler has taken it. */
async function overtake() {
  const { needs, clock, cancel, logged } = world(dynamodb);
  cancel.mockResolvedValueOnce(TIMED_OUT);
  const command = cancelCommand();
  const { operation: held } = await perform(command, needs, timeLeft(clock));
  if (held.state !== 'unknown') throw new Error('The operation is not unknown.');
  const settler = { owner: 'a settler', now: clock.now() };
  const take = taken(held, clock.now() + 60_000, settler);
  await needs.ledger.write(held, take);
  logged.length = 0;
  return {
    needs,
    clock,
    logged,
    held,
    take,
    settler,
    codes: () => logged.map(({ code }) => code),
    write: (previous: Operation, next: Operation) => needs.ledger.write(previous, next),
    current: async () => (await needs.ledger.find(command.connection, command.orderId))?.current,
  };
}

describe('what comes of an ask whose lease was lost', () => {
  it.each([NO, LOST, ACCEPTED])('stands back where it is no proof of the deed: %j', async (move) => {
    const { needs, held, take, current, codes } = await overtake();
    expect(await recordMove(held, move, OWNER, needs)).toEqual(take);
    expect(await current()).toEqual(take);
    expect(codes()).toEqual([]);
  });

  it('settles what is still open where it is proof', async () => {
    const { needs, held, current, logged } = await overtake();
    const operation = await recordMove(held, DONE, OWNER, needs);
    expect(operation).toMatchObject({ state: 'confirmed', owner: OWNER, version: held.version + 2 });
    expect(await current()).toEqual(operation);
    expect(logged).toEqual([
      {
        level: 'info',
        code: 'OPERATION_MOVED',
        fields: {
          operation: `${held.connection}:${held.orderId}:1`,
          outcome: 'confirmed',
          detail: 'cancelled',
          attempts: 1,
        },
      },
    ]);
  });

  it('stands back, proof or not, where the provider has been asked again: that ask may still act', async () => {
    const { needs, clock, held, take, settler, write, current, codes } = await overtake();
    const again = calling(take, null, clock.now() + 60_000, settler);
    await write(take, again);
    expect(await recordMove(held, DONE, OWNER, needs)).toEqual(again);
    const lost = moved(again, LOST, settler);
    await write(again, lost);
    expect(await recordMove(held, DONE, OWNER, needs)).toEqual(lost);
    expect(await current()).toEqual(lost);
    expect(codes()).toEqual([]);
  });

  it.each([DONE, NO])('leaves what another one settled as it is: %j', async (end) => {
    const { needs, held, take, settler, write, current, codes } = await overtake();
    const settled = moved(take, end, settler);
    await write(take, settled);
    expect(await recordMove(held, DONE, OWNER, needs)).toEqual(settled);
    expect(await current()).toEqual(settled);
    expect(codes()).toEqual([]);
  });

  it('leaves the order’s next operation alone', async () => {
    const { needs, held, take, write, current, codes } = await overtake();
    const next: OpenOperation = { ...take, number: 2 };
    await write(take, { ...next, version: take.version + 1 });
    const standing = await current();
    expect(await recordMove(held, DONE, OWNER, needs)).toEqual(standing);
    expect(await current()).toEqual(standing);
    expect(codes()).toEqual([]);
  });

  it('is answered with what stands where it is overtaken a second time', async () => {
    const { needs, held, take, settler, current, codes } = await overtake();
    const { ledger } = needs;
    const ended = moved(take, NO, settler);
    let writes = 0;
    needs.ledger = {
      ...ledger,
      write: async (previous, next) => {
        writes += 1;
        if (writes === 2) await ledger.write(take, ended);
        return ledger.write(previous, next);
      },
    };
    expect(await recordMove(held, DONE, OWNER, needs)).toEqual(ended);
    expect(writes).toBe(2);
    expect(await current()).toEqual(ended);
    expect(codes()).toEqual([]);
  });
});

it('a write that fails is told with its operation and why, and the earlier version is the answer', async () => {
  const { needs, take, logged } = await overtake();
  needs.ledger = { ...needs.ledger, write: () => Promise.reject(new Error('throttled')) };
  expect(await recordMove(take, DONE, OWNER, needs)).toBe(take);
  expect(logged).toEqual([
    {
      level: 'error',
      code: 'LEDGER_WRITE_FAILED',
      fields: { operation: `${take.connection}:${take.orderId}:1`, error: 'Error: throttled' },
    },
  ]);
});
