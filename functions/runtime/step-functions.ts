import { SFNClient } from '@aws-sdk/client-sfn';

/** A task that was answered twice says so, and nothing comes of it. */
export function createStepFunctions(): SFNClient {
  return new SFNClient({ maxAttempts: 3, requestHandler: { connectionTimeout: 1000, requestTimeout: 5000 } });
}
