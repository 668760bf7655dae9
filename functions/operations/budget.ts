/**
 * How an invocation's time is divided. An HTTP API waits at most 30 s for a function (AWS quota), and a provider's answer is worth nothing
 * unless it is written down. So a call's time-out is the remaining time minus the time that the writes need.
 */

/** Time that is reserved for the write after a call. It covers most of what the write's retries can take (runtime/dynamodb.ts). */
export const LEDGER_WRITE_MS = 4_000;
/** With less time than this, no call is started: it would only make the outcome unknown. */
export const LEAST_CALL_MS = 1_000;

/** Returns how many milliseconds a call may take now, at most the connection's own time-out. 0: do not start one. */
export function callTimeoutMs(connectionTimeoutMs: number, remainingMs: number): number {
  const timeout = Math.min(connectionTimeoutMs, remainingMs - LEDGER_WRITE_MS);
  return timeout < Math.min(LEAST_CALL_MS, connectionTimeoutMs) ? 0 : timeout;
}

/**
 * Returns how long a writer has its order to itself: as long as its invocation can live, plus the time by which another container's clock
 * may be ahead.
 */
export function leaseMs(remainingMs: number, clockSkewMs: number): number {
  return remainingMs + clockSkewMs;
}
