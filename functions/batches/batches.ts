import { createHash } from 'node:crypto';
import { ConditionalCheckFailedException, PutItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { queryPages } from '../runtime/query-pages.ts';
import { batchRowSchema, batchSchema, type Batch, type BatchRow } from './batch.ts';

/** Batches and the results of their orders: one item for the batch (`row` "head"), and one for each order that was handled. */
export interface Batches {
  /** Stores a new batch. If a batch with that id exists, returns that one instead. */
  open(batch: Batch): Promise<Batch>;
  /** Records that all orders of the batch are in the queue. */
  markQueued(batch: Batch, queuedAt: string): Promise<void>;
  /** Records an order's result. A message that is delivered twice may fail the second time, so a problem replaces only a problem. */
  note(batchId: string, row: BatchRow): Promise<void>;
  find(batchId: string): Promise<{ batch: Batch; rows: ReadonlyMap<string, BatchRow> } | null>;
}

const HEAD = 'head';

export function createBatches({ dynamodb, table }: { dynamodb: DynamoDBClient; table: string }): Batches {
  const put = (batchId: string, row: string, value: Batch | BatchRow) =>
    new PutItemCommand({ TableName: table, Item: marshall({ ...value, batch: batchId, row }) });

  return {
    async open(batch) {
      const { input } = put(batch.id, HEAD, batch);
      try {
        await dynamodb.send(
          new PutItemCommand({
            ...input,
            ConditionExpression: 'attribute_not_exists(#batch)',
            ExpressionAttributeNames: { '#batch': 'batch' },
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        );
        return batch;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException && error.Item !== undefined) {
          return batchSchema.parse(unmarshall(error.Item));
        }
        throw error;
      }
    },

    async markQueued(batch, queuedAt) {
      await dynamodb.send(put(batch.id, HEAD, { ...batch, queuedAt }));
    },

    async note(batchId, row) {
      const { input } = put(batchId, `order#${row.orderId}`, row);
      if (row.kind !== 'problem') {
        await dynamodb.send(new PutItemCommand(input));
        return;
      }
      try {
        await dynamodb.send(
          new PutItemCommand({
            ...input,
            ConditionExpression: 'attribute_not_exists(#kind) OR #kind = :problem',
            ExpressionAttributeNames: { '#kind': 'kind' },
            ExpressionAttributeValues: { ':problem': { S: 'problem' } },
          }),
        );
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },

    async find(batchId) {
      let batch: Batch | null = null;
      const rows = new Map<string, BatchRow>();
      const pages = queryPages(dynamodb, {
        TableName: table,
        KeyConditionExpression: '#batch = :batch',
        ExpressionAttributeNames: { '#batch': 'batch' },
        ExpressionAttributeValues: { ':batch': { S: batchId } },
        ConsistentRead: true,
      });
      for await (const page of pages) {
        for (const item of page) {
          const value = unmarshall(item);
          if (value['row'] === HEAD) batch = batchSchema.parse(value);
          else {
            const row = batchRowSchema.parse(value);
            rows.set(row.orderId, row);
          }
        }
      }
      return batch === null ? null : { batch, rows };
    },
  };
}

/** Returns the id of the batch that a caller requests with a key. */
export function batchIdOf(scopedKey: string): string {
  return createHash('sha256').update(`batch\0${scopedKey}`).digest('base64url').replace(/[-_]/g, '0').slice(0, 24);
}
