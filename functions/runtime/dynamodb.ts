import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { clientLimits } from './client-limits.ts';

/**
 * Creates the client of one container. Its endpoint is the region's, or `AWS_ENDPOINT_URL_DYNAMODB`. It gives up a request after three
 * seconds and repeats it. That is safe: every write of ours is conditional, so a repeated one is recognised.
 */
export function createDynamoDB(): DynamoDBClient {
  return new DynamoDBClient(clientLimits(3_000));
}
