import { EventBridgeClient } from '@aws-sdk/client-eventbridge';

/** An event that was put twice is recognised by its id. */
export function createEventBridge(): EventBridgeClient {
  return new EventBridgeClient({ maxAttempts: 3, requestHandler: { connectionTimeout: 1000, requestTimeout: 5000 } });
}
