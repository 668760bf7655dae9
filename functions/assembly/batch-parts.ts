import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createBatches as createBatchesIn } from '../batches/batches.ts';
import { ENVIRONMENT, fromEnvironment } from '../runtime/environment.ts';

/** Creates the store of batches, over the table that the stack names. */
export function createBatches(dynamodb: DynamoDBClient) {
  return createBatchesIn({ dynamodb, table: fromEnvironment(ENVIRONMENT.batchesTable) });
}
