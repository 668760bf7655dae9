import { SFNClient } from '@aws-sdk/client-sfn';
import { clientLimits } from './client-limits.ts';

/** A task that was answered twice says so, and nothing comes of it. */
export function createStepFunctions(): SFNClient {
  return new SFNClient(clientLimits(5_000));
}
