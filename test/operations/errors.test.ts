import { expect, it } from '@jest/globals';
import { InvalidIdempotencyKey } from '../../functions/idempotency/errors.ts';
import { IdempotencyKeyReused, LedgerUnavailable } from '../../functions/operations/errors.ts';

/** What an operator finds in the log of an ask that failed. */
it.each([
  [new InvalidIdempotencyKey(), 'InvalidIdempotencyKey: must be 1 to 255 visible ASCII characters'],
  [new IdempotencyKeyReused(), 'IdempotencyKeyReused: This idempotency key was used before, for another ask.'],
  [
    new LedgerUnavailable(new Error('throttled')),
    'LedgerUnavailable: The ledger did not confirm the claim, so nothing was asked of the provider.',
  ],
])('%s says what happened', (error, text) => {
  expect(String(error)).toBe(text);
});

it('a ledger that failed says why', () => {
  const cause = new Error('throttled');
  expect(new LedgerUnavailable(cause).cause).toBe(cause);
});
