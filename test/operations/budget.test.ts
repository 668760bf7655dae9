import { expect, it } from '@jest/globals';
import { callTimeoutMs, LEAST_CALL_MS, leaseMs, LEDGER_WRITE_MS } from '../../functions/operations/budget.ts';

it.each([
  ['a call may take as long as its connection allows', 15_000, 60_000, 15_000],
  ['where less is left, what the ledger’s write does not need', 15_000, 10_000, 6_000],
  ['at least a second', 15_000, LEDGER_WRITE_MS + LEAST_CALL_MS, 1_000],
  ['with less than that none is started', 15_000, LEDGER_WRITE_MS + LEAST_CALL_MS - 1, 0],
  ['a connection that allows less than a second gets all of it', 500, 60_000, 500],
  ['or none', 500, LEDGER_WRITE_MS + 499, 0],
  ['nothing is left', 15_000, 0, 0],
])('%s: of %i ms allowed and %i ms left, %i', (_, allowed, left, expected) => {
  expect(callTimeoutMs(allowed, left)).toBe(expected);
});

it('a lease lasts as long as its invocation can live, and what clocks may differ by', () => {
  expect(leaseMs(27_000, 20_000)).toBe(47_000);
});
