import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { clientLimits } from './client-limits.ts';

/**
 * A client for one cold start. Its endpoint is the region's, or `AWS_ENDPOINT_URL_DYNAMODB`.
 * A request is given up and repeated after three seconds: every write of ours is conditional, so a repeated one is recognised.
 */
export function createDynamoDB(): DynamoDBClient {
  return new DynamoDBClient(clientLimits(3_000));
}
