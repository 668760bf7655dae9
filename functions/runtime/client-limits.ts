/**
 * How long an AWS client waits: it gives up a request after `requestMs` and makes it again, three times in all. Without
 * `throwOnRequestTimeout` the SDK would only warn, and a request that hangs would last as long as its function.
 */
export function clientLimits(requestMs: number) {
  return {
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: requestMs, throwOnRequestTimeout: true },
  };
}
