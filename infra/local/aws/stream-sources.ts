import { readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
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
import { fileProblem } from '../../file-problems.ts';
import { failuresIn } from './batch-failures.ts';
import type { InvocationResult } from './execution-environment.ts';
import { streamArn, type LocalStreamSource } from '../template/event-sources.ts';
import type { LocalQueue } from '../template/template.ts';

export interface StreamSourcesNeeds {
  readonly dynamodb: DynamoDBClient;
  readonly streams: DynamoDBStreamsClient;
  readonly sqs: SQSClient;
  readonly queues: readonly LocalQueue[];
  readonly invoke: (functionName: string, event: unknown) => Promise<InvocationResult>;
  /** Keeps over restarts how far each function has read. */
  readonly positionsFile: string;
  /** `now`: epoch milliseconds, like the records' own times. `sleep` ends early, without an error, when the signal fires. */
  readonly clock: { now(): number; sleep(ms: number, signal: AbortSignal): Promise<void> };
  readonly complain: (line: string) => void;
}

const POSITIONS = z.record(z.string(), z.string());
const POLL_MS = 200;
const AFTER_FAILURE_MS = 1_000;

/**
 * Delivers tables' streams to their functions as Lambda's event source does: in order, each batch until its function has taken it. If the
 * mapping says so, a batch that fails is halved until the record that it fails on is alone. Records that were tried too often or are too
 * old are given up, with a message to the failure queue. Unlike on Lambda, each is tried at least once: this machine may have been off.
 */
export function startStreamSources(
  sources: readonly LocalStreamSource[],
  needs: StreamSourcesNeeds,
): { close(): Promise<void> } {
  const stop = new AbortController();
  const positions = keptPositions(needs.positionsFile, needs.complain);
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

function keptPositions(file: string, complain: (line: string) => void): Positions {
  let positions: Record<string, string> = {};
  try {
    positions = POSITIONS.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    // No positions yet: every function begins with the oldest record.
  }
  let writing = Promise.resolve();
  let isFailing = false;
  const write = async () => {
    try {
      await writeFile(`${file}.new`, JSON.stringify(positions));
      await rename(`${file}.new`, file);
      isFailing = false;
    } catch (error) {
      // This process still knows the positions. After a restart, records since the last written ones may be delivered once more.
      if (!isFailing) complain(`${file} cannot be written (${fileProblem(error)}). The stack goes on without it.`);
      isFailing = true;
    }
  };
  return {
    of: (functionName) => positions[functionName],
    async keep(functionName, sequenceNumber) {
      positions[functionName] = sequenceNumber;
      writing = writing.then(write);
      await writing;
    },
  };
}

async function read(source: LocalStreamSource, positions: Positions, needs: StreamSourcesNeeds, signal: AbortSignal) {
  const pause = (ms: number) => needs.clock.sleep(ms, signal);
  let iterator: string | undefined;
  let batchSize = source.batchSize;
  /** Failures of the batch that begins where the last one failed. Halving a batch does not count. */
  let failures = 0;
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
      const failed = records.slice(taken);
      const isHalved = source.bisects && failed.length > 1;
      failures = (taken === 0 ? failures : 0) + (failed.length > 0 && !isHalved ? 1 : 0);
      const lost = isHalved ? 0 : await giveUp(failed, failures, source, needs);
      if (lost > 0) failures = 0;
      const last = records[taken + lost - 1]?.dynamodb?.SequenceNumber;
      if (last !== undefined) await positions.keep(source.functionName, last);
      if (isHalved && taken === 0) batchSize = Math.floor(records.length / 2);
      else if (taken + lost > 0) batchSize = source.batchSize;
      if (failed.length > 0) {
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

/** Returns an iterator after the record that was taken last, or at the oldest one. The embedded DynamoDB has one shard for each table. */
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

/** Invokes the function. Returns how many of the records, from the first one on, it has taken. */
async function deliver(
  records: readonly StreamRecord[],
  source: LocalStreamSource,
  needs: StreamSourcesNeeds,
): Promise<number> {
  const result = await needs.invoke(source.functionName, { Records: records.map((one) => record(one, source)) });
  if (result.kind === 'failed') return 0;
  const named = failuresIn(result.payload);
  if (named.size === 0) return records.length;
  // If the function names none of the batch's records, the whole batch counts as failed.
  return Math.max(
    0,
    records.findIndex(({ dynamodb }) => named.has(dynamodb?.SequenceNumber ?? '')),
  );
}

/**
 * Gives up the records that the mapping does not wait for any longer: all of them if they failed too often, or the first ones that are
 * too old. Returns how many.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
 */
async function giveUp(
  failed: readonly StreamRecord[],
  failures: number,
  source: LocalStreamSource,
  { sqs, queues, clock }: StreamSourcesNeeds,
): Promise<number> {
  const isExhausted = failures > source.maxRetries;
  const isOld = ({ dynamodb }: StreamRecord) =>
    clock.now() - (dynamodb?.ApproximateCreationDateTime?.getTime() ?? clock.now()) >= source.maxRecordAgeMs;
  const young = failed.findIndex((one) => !isOld(one));
  const lost = isExhausted || young === -1 ? failed : failed.slice(0, young);
  if (lost.length === 0) return 0;
  const body = {
    requestContext: {
      functionArn: source.functionName,
      condition: isExhausted ? 'RetryAttemptsExhausted' : 'MaximumRecordAgeExceeded',
      approximateInvokeCount: failures,
    },
    DDBStreamBatchInfo: {
      streamArn: streamArn(source.tableName),
      startSequenceNumber: lost[0]?.dynamodb?.SequenceNumber,
      endSequenceNumber: lost.at(-1)?.dynamodb?.SequenceNumber,
      batchSize: lost.length,
    },
  };
  const queue = queues.find(({ arn }) => arn === source.failureQueueArn);
  await sqs.send(new SendMessageCommand({ QueueUrl: queue?.url, MessageBody: JSON.stringify(body) }));
  return lost.length;
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
