import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { clientLimits } from './client-limits.ts';

/** An event that was put twice is recognised by its id. */
export function createEventBridge(): EventBridgeClient {
  return new EventBridgeClient(clientLimits(5_000));
}
