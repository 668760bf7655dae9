import { SFNClient } from '@aws-sdk/client-sfn';
import { clientLimits } from './client-limits.ts';

/** The client may repeat a request: Step Functions rejects a second answer to a task, and nothing follows. */
export function createStepFunctions(): SFNClient {
  return new SFNClient(clientLimits(5_000));
}
