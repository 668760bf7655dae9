import { SQSClient } from '@aws-sdk/client-sqs';
import { clientLimits } from './client-limits.ts';

/** Creates a client that gives up early enough for its caller to report it. A message that was sent twice is recognised by its command. */
export function createSqs(): SQSClient {
  return new SQSClient(clientLimits(3_000));
}
