import { expect, it } from '@jest/globals';
import { InvalidIdempotencyKey } from '../../functions/idempotency/errors.ts';
import {
  IdempotencyKeyReused,
  LedgerUnavailable,
  OperationInProgress,
  OrderWasDeleted,
} from '../../functions/operations/errors.ts';

import { CONFIRMED } from './world.ts';

/** What an operator finds in the log of an ask that failed. */
it.each([
  [new InvalidIdempotencyKey(), 'InvalidIdempotencyKey: must be 1 to 255 visible ASCII characters'],
  [new IdempotencyKeyReused(), 'IdempotencyKeyReused: This idempotency key was used before, for another ask.'],
  [
    new LedgerUnavailable(new Error('throttled')),
    'LedgerUnavailable: The ledger did not confirm the claim, so the provider was not called.',
  ],
  [
    new OperationInProgress(CONFIRMED, 1, true),
    'OperationInProgress: An operation of this order is being worked on right now.',
  ],
  [new OrderWasDeleted(CONFIRMED), 'OrderWasDeleted: This order was deleted.'],
])('%s says what happened', (error, text) => {
  expect(String(error)).toBe(text);
});

it('a ledger that failed says why', () => {
  const cause = new Error('throttled');
  expect(new LedgerUnavailable(cause).cause).toBe(cause);
});
