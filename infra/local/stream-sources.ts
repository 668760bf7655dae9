import { readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type DynamoDBStreamsClient,
  type _Record as StreamRecord,
} from '@aws-sdk/client-dynamodb-streams';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import type { InvocationResult } from './execution-environment.ts';
import { streamArn, type LocalStreamSource } from './event-sources.ts';
import type { LocalQueue } from './template.ts';

export interface StreamSourcesNeeds {
  readonly dynamodb: DynamoDBClient;
  readonly streams: DynamoDBStreamsClient;
  readonly sqs: SQSClient;
  readonly queues: readonly LocalQueue[];
  readonly invoke: (functionName: string, event: unknown) => Promise<InvocationResult>;
  /** Keeps how far each function has read, over restarts. */
  readonly positionsFile: string;
  readonly complain: (line: string) => void;
}

const RESPONSE = z.object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })).default([]) });
const POSITIONS = z.record(z.string(), z.string());
const POLL_MS = 200;
const AFTER_FAILURE_MS = 1_000;

/**
 * Delivers tables' streams to their functions as Lambda's event source does: in order, each batch until its function has taken it.
 * A batch whose function fails is halved until what it fails on is alone; that is given up when it is too old, and said so to the
 * failure queue.
 */
export function startStreamSources(
  sources: readonly LocalStreamSource[],
  needs: StreamSourcesNeeds,
): { close(): Promise<void> } {
  const stop = new AbortController();
  const positions = keptPositions(needs.positionsFile);
  const readers = sources.map((source) => read(source, positions, needs, stop.signal));
  return {
    async close() {
      stop.abort();
      await Promise.all(readers);
    },
  };
}

interface Positions {
  of(functionName: string): string | undefined;
  keep(functionName: string, sequenceNumber: string): Promise<void>;
}

function keptPositions(file: string): Positions {
  let positions: Record<string, string> = {};
  try {
    positions = POSITIONS.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    // None yet: every function begins with the oldest record that there is.
  }
  let writing = Promise.resolve();
  return {
    of: (functionName) => positions[functionName],
    async keep(functionName, sequenceNumber) {
      positions[functionName] = sequenceNumber;
      writing = writing.then(async () => {
        await writeFile(`${file}.new`, JSON.stringify(positions));
        await rename(`${file}.new`, file);
      });
      await writing;
    },
  };
}

async function read(source: LocalStreamSource, positions: Positions, needs: StreamSourcesNeeds, signal: AbortSignal) {
  const pause = (ms: number) => sleep(ms, undefined, { signal }).catch(() => undefined);
  let iterator: string | undefined;
  let batchSize = source.batchSize;
  const isStopping = () => signal.aborted;
  while (!isStopping()) {
    try {
      iterator ??= await iteratorAt(source, positions.of(source.functionName), needs);
      const page = await needs.streams.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: batchSize }));
      const records = page.Records ?? [];
      iterator = page.NextShardIterator;
      if (records.length === 0) {
        await pause(POLL_MS);
        continue;
      }
      const taken = await deliver(records, source, needs);
      const last = records[taken - 1]?.dynamodb?.SequenceNumber;
      if (last !== undefined) await positions.keep(source.functionName, last);
      batchSize = taken === 0 ? Math.max(1, Math.floor(records.length / 2)) : source.batchSize;
      if (taken < records.length) {
        iterator = undefined;
        await pause(AFTER_FAILURE_MS);
      }
    } catch (error) {
      if (isStopping()) return;
      needs.complain(`The stream of ${source.tableName} could not be read: ${String(error)}`);
      iterator = undefined;
      await pause(AFTER_FAILURE_MS);
    }
  }
}

/** After the record that was taken last, or at the oldest one. The embedded DynamoDB has one shard for each table. */
async function iteratorAt(
  { tableName }: LocalStreamSource,
  position: string | undefined,
  { dynamodb, streams }: StreamSourcesNeeds,
): Promise<string> {
  const { Table: table } = await dynamodb.send(new DescribeTableCommand({ TableName: tableName }));
  const StreamArn = table?.LatestStreamArn;
  const { StreamDescription: stream } = await streams.send(new DescribeStreamCommand({ StreamArn }));
  const ShardId = stream?.Shards?.[0]?.ShardId;
  const { ShardIterator: iterator } = await streams.send(
    new GetShardIteratorCommand({
      StreamArn,
      ShardId,
      ...(position === undefined
        ? { ShardIteratorType: 'TRIM_HORIZON' }
        : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: position }),
    }),
  );
  if (iterator === undefined) throw new Error(`The table ${tableName} has no stream.`);
  return iterator;
}

/** Invokes the function. Answers how many of the records, from the first one on, are done with. */
async function deliver(
  records: readonly StreamRecord[],
  source: LocalStreamSource,
  needs: StreamSourcesNeeds,
): Promise<number> {
  const result = await needs.invoke(source.functionName, { Records: records.map((one) => record(one, source)) });
  if (result.kind === 'returned') {
    const { batchItemFailures } = RESPONSE.parse(JSON.parse(result.payload) ?? {});
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    const first = records.findIndex(({ dynamodb }) => failed.has(dynamodb?.SequenceNumber ?? ''));
    return first === -1 ? records.length : first;
  }
  const [only] = records;
  const createdAt = only?.dynamodb?.ApproximateCreationDateTime?.getTime() ?? Date.now();
  if (records.length > 1 || only === undefined || Date.now() - createdAt < source.maxRecordAgeMs) return 0;
  await giveUp(only, source, needs);
  return 1;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html */
async function giveUp(record: StreamRecord, source: LocalStreamSource, { sqs, queues }: StreamSourcesNeeds) {
  const queue = queues.find(({ arn }) => arn === source.failureQueueArn);
  const sequenceNumber = record.dynamodb?.SequenceNumber;
  const body = {
    requestContext: { functionArn: source.functionName, condition: 'MaximumRecordAgeExceeded' },
    DDBStreamBatchInfo: {
      streamArn: streamArn(source.tableName),
      startSequenceNumber: sequenceNumber,
      endSequenceNumber: sequenceNumber,
      batchSize: 1,
    },
  };
  await sqs.send(new SendMessageCommand({ QueueUrl: queue?.url, MessageBody: JSON.stringify(body) }));
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html */
function record(streamRecord: StreamRecord, { tableName }: LocalStreamSource) {
  const { ApproximateCreationDateTime: createdAt, ...change } = streamRecord.dynamodb ?? {};
  return {
    ...streamRecord,
    dynamodb: { ...change, ApproximateCreationDateTime: Math.floor((createdAt?.getTime() ?? 0) / 1000) },
    eventSourceARN: streamArn(tableName),
  };
}
