import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { clientLimits } from './client-limits.ts';

/** The client may repeat a request: subscribers recognise an event that was put twice by its id. */
export function createEventBridge(): EventBridgeClient {
  return new EventBridgeClient(clientLimits(5_000));
}
