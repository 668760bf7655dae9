import { SQSClient } from '@aws-sdk/client-sqs';

/** A client that gives up in time for the caller to say so. A message that was sent twice is recognised by its command. */
export function createSqs(): SQSClient {
  return new SQSClient({ maxAttempts: 3, requestHandler: { connectionTimeout: 1000, requestTimeout: 3000 } });
}
