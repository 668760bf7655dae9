import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { perform } from '../../functions/operations/perform.ts';
import { isOpen, operationId } from '../../functions/operations/rules/operation.ts';
import { settle } from '../../functions/operations/settle.ts';
import type { CancelReply, LookUpReply, ListedOrder } from '../../functions/providers/provider.ts';
import { startDynamoDB, type TestDynamoDB } from '../support/dynamodb.ts';
import { ACTIVE, cancelCommand, facts, shownOrder, timeLeft, TIMED_OUT, world } from './world.ts';

/** DynamoDB takes every text of ours but, here, this one. */
const UNWRITABLE = 'a text that DynamoDB refuses';

let dynamodb: TestDynamoDB;
beforeAll(async () => {
  dynamodb = await startDynamoDB();
  dynamodb.client.middlewareStack.add(
    (next) => (args) => {
      if (!JSON.stringify(args.input).includes(UNWRITABLE)) return next(args);
      return Promise.reject(Object.assign(new Error('refused'), { name: 'ValidationException' }));
    },
    { step: 'initialize' },
  );
});
afterAll(() => dynamodb.stop());

const QUIET_MS = 60_000;
const listed = (changes: Parameters<typeof shownOrder>[0]): ListedOrder => ({
  order: shownOrder(changes),
  customer: null,
  version: 'v',
  restoreWarnings: [],
});
const refused = (words: string): CancelReply => ({ kind: 'refused', words });
const done = (changes: Parameters<typeof shownOrder>[0]): CancelReply => ({
  kind: 'cancelled',
  status: 'cancelled',
  listed: listed(changes),
});
const item = { sku: 'A', name: 'Shirt', quantity: 1, unitPrice: 1 };

/** How an ask stands after its first reply, and after four runs of the settler, hours apart. */
async function afterFourRuns(reply: CancelReply, seen: LookUpReply = ACTIVE) {
  const { needs, clock, cancel, lookUp, open, logged } = world(dynamodb, { quietPeriodMs: QUIET_MS });
  cancel.mockResolvedValue(reply);
  lookUp.mockResolvedValue(seen);
  const command = cancelCommand();
  await perform(command, needs, timeLeft(clock));
  for (let run = 0; run < 4; run += 1) {
    clock.advance(3_600_000);
    const current = (await needs.ledger.find(command.connection, command.orderId))?.current;
    if (current !== undefined && isOpen(current)) {
      await settle(current, open(command.connection), needs, timeLeft(clock, 60_000)).catch(() => undefined);
    }
  }
  const operation = await needs.ledger.findOperation(operationId({ ...command, number: 1 }));
  return { operation, calls: cancel.mock.calls.length, looksSinceAsk: lookUp.mock.calls.length, logged };
}

describe('what came of an ask is written, and the provider is asked once,', () => {
  it.each<[string, CancelReply, object]>([
    [
      'where an emoji stands at the edge of the words that are kept',
      refused(`${'x'.repeat(299)}😀 e mais`),
      { state: 'refused', words: 'x'.repeat(299) },
    ],
    ['where the words hold half an emoji', refused('não \ud83d'), { state: 'refused', words: 'não \ufffd' }],
    [
      'where an emoji stands at the edge of a status',
      { kind: 'cancelled', status: `${'c'.repeat(59)}😀` },
      { state: 'confirmed', evidence: { status: 'c'.repeat(59) } },
    ],
    [
      'where an emoji stands at the edge of what is kept of a product',
      done({ items: [{ ...item, name: `${'x'.repeat(99)}😀` }] }),
      { state: 'confirmed', snapshot: { items: [{ name: 'x'.repeat(99) }] } },
    ],
    [
      'where the order shows half an emoji in a field that is kept as it is',
      done({ orderedAt: '\ud83d', createdAt: '\ude00' }),
      { state: 'confirmed', snapshot: { orderedAt: '\ufffd', createdAt: '\ufffd' } },
    ],
    [
      'where amounts are beyond what DynamoDB has',
      done({ total: { amount: 1e300, currency: 'BRL' }, items: [{ ...item, quantity: 1e-200, unitPrice: 2 ** 60 }] }),
      { state: 'confirmed', snapshot: { total: null, items: [{ sku: 'A', quantity: null, unitPrice: null }] } },
    ],
  ])('%s', async (_, reply, expected) => {
    const { operation, calls } = await afterFourRuns(reply);
    expect(operation).toMatchObject(expected);
    expect(calls).toBe(1);
  });

  it.each<[string, string, string]>([
    ['is larger than an item may be', 'x'.repeat(40_000), '^The operation is larger'],
    ['is of a kind that DynamoDB has no form for', UNWRITABLE, '^ValidationException'],
  ])('without what the ledger does not take, where that %s', async (_, historyMark, why) => {
    const reply: CancelReply = { kind: 'accepted', status: 'billing', historyMark };
    const { operation, calls, logged } = await afterFourRuns(reply);
    expect(operation).toMatchObject({ state: 'pending', detail: 'accepted', askReach: 'accepted', historyMark: null });
    expect(calls).toBe(1);
    expect(logged).toContainEqual({
      level: 'error',
      code: 'LEDGER_WRITE_REFUSED',
      fields: { operation: operation && operationId(operation), error: expect.stringMatching(why) },
    });
  });
});

it('a look whose mark the ledger does not take leads to an ask that is written all the same', async () => {
  const seen: LookUpReply = {
    kind: 'not_cancelled',
    order: facts('billing'),
    refusal: null,
    historyMark: 'x'.repeat(500_000),
  };
  const { operation, calls } = await afterFourRuns(TIMED_OUT, seen);
  expect(operation).toMatchObject({ state: 'unknown', attempts: 5 });
  expect(calls).toBe(5);
});
