import {
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Clock } from '../runtime/clock.ts';
import { ExportTakenOver } from './errors.ts';
import { exportJobSchema, isOpen, type ExportJob } from './export-job.ts';

/** The table of exports that were too large to be answered at once. */
export interface ExportJobs {
  /** Stores a new job. Returns null if a job with its id exists, unless that one has `ended`, or `failed`, and may be replaced. */
  create(job: ExportJob, over: 'ended' | 'failed'): Promise<ExportJob | null>;
  /** Returns null if there is no such job, or if its file has expired. */
  find(exportId: string): Promise<ExportJob | null>;
  /** Returns the ids of open jobs that nobody is working on, the longest waiting first. */
  due(): Promise<string[]>;
  /** Takes a job for `leaseMs`; null if it is not open or is someone else's. Counts as an attempt. */
  claim(exportId: string, owner: string, leaseMs: number): Promise<ExportJob | null>;
  /** Extends the lease by `leaseMs`. Throws {@link ExportTakenOver}. */
  renew(exportId: string, owner: string, leaseMs: number): Promise<void>;
  /** Stores a step of the job that `owner` works on, and extends the lease by `leaseMs`. Throws {@link ExportTakenOver}. */
  save(job: ExportJob, owner: string, leaseMs: number): Promise<ExportJob>;
  /**
   * Stores the job and releases it: for good if it has ended, otherwise to be taken again after `pauseMs`. Throws {@link
   * ExportTakenOver}.
   */
  release(job: ExportJob, owner: string, pauseMs: number): Promise<ExportJob>;
}

/** Every open job has this value, and the time from which it may be taken. The index `open` is sparse. */
const OPEN = 'yes';
const NOBODY = 'nobody';
const READ_AT_ONCE = 25;
const MAKES_WAY = { ended: 'attribute_not_exists(#open)', failed: '#state = :failed' };

export function createExportJobs(needs: { dynamodb: DynamoDBClient; table: string; clock: Clock }): ExportJobs {
  const { dynamodb, table, clock } = needs;
  const inMs = (ms: number) => new Date(clock.now() + ms).toISOString();

  /** Returns a job's item. Only open jobs are in the index. DynamoDB deletes expired items within days. */
  const itemOf = (job: ExportJob, workedOnBy: string, dueAt: string) =>
    marshall({
      ...job,
      workedOnBy,
      ...(isOpen(job) ? { open: OPEN, dueAt } : {}),
      ...(job.expiresAt === null ? {} : { expiresAtSeconds: Math.ceil(Date.parse(job.expiresAt) / 1000) }),
    });
  const put = async (job: ExportJob, owner: string, next: { workedOnBy: string; dueAt: string }) => {
    const saved = { ...job, updatedAt: inMs(0) };
    await dynamodb
      .send(
        new PutItemCommand({
          TableName: table,
          Item: itemOf(saved, next.workedOnBy, next.dueAt),
          ConditionExpression: 'workedOnBy = :owner',
          ExpressionAttributeValues: marshall({ ':owner': owner }),
        }),
      )
      .catch(takenOver);
    return saved;
  };

  return {
    async create(job, over) {
      const put = new PutItemCommand({
        TableName: table,
        Item: itemOf(job, NOBODY, inMs(0)),
        ConditionExpression: `attribute_not_exists(exportId) OR ${MAKES_WAY[over]}`,
        ...(over === 'ended'
          ? { ExpressionAttributeNames: { '#open': 'open' } }
          : {
              ExpressionAttributeNames: { '#state': 'state' },
              ExpressionAttributeValues: marshall({ ':failed': 'failed' }),
            }),
      });
      return orNull(dynamodb.send(put).then(() => job));
    },

    async find(exportId) {
      const Key = { exportId: { S: exportId } };
      const { Item } = await dynamodb.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }));
      if (Item === undefined) return null;
      const job = exportJobSchema.parse(unmarshall(Item));
      return job.expiresAt !== null && Date.parse(job.expiresAt) <= clock.now() ? null : job;
    },

    async due() {
      const { Items = [] } = await dynamodb.send(
        new QueryCommand({
          TableName: table,
          IndexName: 'open',
          KeyConditionExpression: '#open = :open AND dueAt <= :now',
          ExpressionAttributeNames: { '#open': 'open' },
          ExpressionAttributeValues: marshall({ ':open': OPEN, ':now': inMs(0) }),
          Limit: READ_AT_ONCE,
        }),
      );
      return Items.map(({ exportId }) => exportId?.S ?? '');
    },

    async claim(exportId, owner, leaseMs) {
      const update = new UpdateItemCommand({
        TableName: table,
        Key: { exportId: { S: exportId } },
        UpdateExpression: 'SET workedOnBy = :owner, dueAt = :until, attempts = attempts + :one',
        ConditionExpression: '#open = :open AND dueAt <= :now',
        ExpressionAttributeNames: { '#open': 'open' },
        ExpressionAttributeValues: marshall({
          ':owner': owner,
          ':until': inMs(leaseMs),
          ':one': 1,
          ':open': OPEN,
          ':now': inMs(0),
        }),
        ReturnValues: 'ALL_NEW',
      });
      return orNull(
        dynamodb.send(update).then(({ Attributes }) => exportJobSchema.parse(unmarshall(Attributes ?? {}))),
      );
    },

    async renew(exportId, owner, leaseMs) {
      const update = new UpdateItemCommand({
        TableName: table,
        Key: { exportId: { S: exportId } },
        UpdateExpression: 'SET dueAt = :until',
        ConditionExpression: 'workedOnBy = :owner',
        ExpressionAttributeValues: marshall({ ':owner': owner, ':until': inMs(leaseMs) }),
      });
      await dynamodb.send(update).catch(takenOver);
    },

    save: (job, owner, leaseMs) => put(job, owner, { workedOnBy: owner, dueAt: inMs(leaseMs) }),
    release: (job, owner, pauseMs) => put(job, owner, { workedOnBy: NOBODY, dueAt: inMs(pauseMs) }),
  };
}

function takenOver(error: unknown): never {
  throw error instanceof ConditionalCheckFailedException ? new ExportTakenOver() : error;
}

function orNull<T>(sending: Promise<T>): Promise<T | null> {
  return sending.catch((error: unknown) => {
    if (error instanceof ConditionalCheckFailedException) return null;
    throw error;
  });
}
