/**
 * How an invocation's time is shared out. An HTTP API waits 30 s for a function at the most (AWS quota), and what the provider
 * answered is worth nothing unless it is written down, so the call's time-out is what is left less what the writes need.
 */

/** Kept back for the write that follows a call; most of what its retries can take (runtime/dynamodb.ts). */
export const LEDGER_WRITE_MS = 4_000;
/** With less time than this no call is started: it would only make an outcome unknown. */
export const LEAST_CALL_MS = 1_000;

/** Milliseconds that a call may take now, never more than the connection's own time-out; 0: do not start one. */
export function callTimeoutMs(connectionTimeoutMs: number, remainingMs: number): number {
  const timeout = Math.min(connectionTimeoutMs, remainingMs - LEDGER_WRITE_MS);
  return timeout < Math.min(LEAST_CALL_MS, connectionTimeoutMs) ? 0 : timeout;
}

/**
 * How long a writer has its order to itself: as long as its invocation can live, and what another container's clock may be
 * ahead by.
 */
export function leaseMs(remainingMs: number, clockSkewMs: number): number {
  return remainingMs + clockSkewMs;
}
