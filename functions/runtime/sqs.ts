import { SQSClient } from '@aws-sdk/client-sqs';
import { clientLimits } from './client-limits.ts';

/** A client that gives up in time for the caller to say so. A message that was sent twice is recognised by its command. */
export function createSqs(): SQSClient {
  return new SQSClient(clientLimits(3_000));
}
