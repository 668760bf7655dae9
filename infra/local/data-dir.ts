import { readFileSync, rmSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';

/** What lies where in a data directory. */
export interface DataDir {
  readonly database: string;
  readonly queuesAndBuckets: string;
  /** How far each function has read the ledger's stream. */
  readonly streamPositions: string;
  /** Every event that came to the bus, one line each. */
  readonly events: string;
  /** What state machines were told of waiting tasks, one line each. */
  readonly taskAnswers: string;
  readonly sandbox: string;
  /** The sandbox's connections, for an operator to edit. */
  readonly connections: string;
  /** The sandbox's webhooks, for an operator to edit. */
  readonly webhooks: string;
  readonly accessToken: string;
  /** What the stack's own keys are derived from, made at the first start. */
  readonly stackKey: string;
  readonly functionLog: string;
  readonly sandboxLog: string;
  readonly build: string;
  readonly assembly: string;
  /** Facts of the running stack, for other processes. */
  readonly facts: string;
}

const factsSchema = z.object({
  pid: z.number(),
  url: z.string(),
  dynamodbEndpoint: z.string(),
  accessTokensTable: z.string(),
  awsEndpoint: z.string(),
});
export type RunnerFacts = z.infer<typeof factsSchema>;

/** Thrown when another runner uses the data directory. */
export class DataDirInUse extends Error {
  override readonly name = 'DataDirInUse';
}

/** Makes the data directory, or with `fresh` empties it of what earlier runs left (and of nothing else). */
export async function openDataDir(directory: string, { fresh }: { fresh: boolean }): Promise<DataDir> {
  const paths: DataDir = {
    database: join(directory, 'dynamodb.sqlite'),
    queuesAndBuckets: join(directory, 'queues-and-buckets'),
    streamPositions: join(directory, 'stream-positions.json'),
    events: join(directory, 'events.ndjson'),
    taskAnswers: join(directory, 'task-answers.ndjson'),
    sandbox: join(directory, 'sandbox'),
    connections: join(directory, 'connections.json'),
    webhooks: join(directory, 'webhooks.json'),
    accessToken: join(directory, 'access-token'),
    stackKey: join(directory, 'stack-key.json'),
    functionLog: join(directory, 'functions.log'),
    sandboxLog: join(directory, 'sandbox.log'),
    build: join(directory, 'build'),
    assembly: join(directory, 'cdk.out'),
    facts: join(directory, 'local.json'),
  };
  const earlier = readFacts(paths);
  if (earlier !== null && (await isServing(earlier))) {
    throw new DataDirInUse(`A stack at ${earlier.url} uses ${directory} already: stop it, or take another --data-dir.`);
  }
  if (fresh) {
    const { database, ...others } = paths;
    const left = [database, `${database}-wal`, `${database}-shm`, ...Object.values(others)];
    await Promise.all(left.map((path) => rm(path, { recursive: true, force: true })));
  }
  await mkdir(paths.sandbox, { recursive: true });
  return paths;
}

/** The facts that a runner left; null where there are none to read. */
export function readFacts({ facts }: DataDir): RunnerFacts | null {
  try {
    return factsSchema.parse(JSON.parse(readFileSync(facts, 'utf8')));
  } catch {
    return null;
  }
}

export async function writeFacts({ facts }: DataDir, value: RunnerFacts): Promise<void> {
  await writeFile(facts, `${JSON.stringify(value, null, 2)}\n`);
}

/** Says that no stack runs here any more. */
export function removeFacts({ facts }: DataDir): void {
  rmSync(facts, { force: true });
}

/** After a `kill -9` the facts are still there, and the process or its port may be somebody else's by now. */
async function isServing({ pid, url }: RunnerFacts): Promise<boolean> {
  try {
    process.kill(pid, 0);
    const { ok } = await fetch(`${url}/health`, { signal: AbortSignal.timeout(2000) });
    return ok;
  } catch {
    return false;
  }
}
