import { readFileSync, rmSync } from 'node:fs';
import { access, constants, mkdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { errorCode, fileProblem } from '../file-problems.ts';
import { takeLock } from './lock.ts';

/** The paths in a data directory. */
export interface DataDir {
  readonly database: string;
  readonly queuesAndBuckets: string;
  /** How far each function has read the ledger's stream. */
  readonly streamPositions: string;
  /** Every event that was put on the bus, one line each. */
  readonly events: string;
  /** Every answer to a waiting task, one line each. */
  readonly taskAnswers: string;
  readonly sandbox: string;
  /** The sandbox's connections, for an operator to edit. */
  readonly connections: string;
  /** The sandbox's webhooks, for an operator to edit. */
  readonly webhooks: string;
  readonly accessToken: string;
  /** The secret that the stack's own keys are derived from, made at the first start. */
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

/** Thrown when the data directory cannot be used. The message says why, and what to do. */
export class UnusableDataDir extends Error {
  override readonly name = 'UnusableDataDir';

  constructor(path: string, problem: string) {
    super(`The data directory cannot be used, ${path}: ${problem}. Name another one with --data-dir.`);
  }
}

/**
 * Reserves the data directory for this process until `release`, or until the process ends in any way. `fresh` removes the files of
 * earlier runs and nothing else. Throws `DataDirInUse` or `UnusableDataDir`.
 */
export async function openDataDir(
  directory: string,
  { fresh }: { fresh: boolean },
): Promise<{ dataDir: DataDir; release: () => void }> {
  try {
    await makeDirectory(directory);
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new UnusableDataDir(directory, await problemOf(directory, error));
  }
  // Another path to the same directory must lead to the same lock and the same database.
  const real = await realpath(directory);
  const paths = pathsIn(real);
  const release = await lock(real, paths);
  try {
    if (fresh) {
      const { database, ...others } = paths;
      const left = [database, `${database}-wal`, `${database}-shm`, ...Object.values(others)];
      await Promise.all(left.map((path) => rm(path, { recursive: true, force: true })));
    }
    await mkdir(paths.sandbox, { recursive: true });
    for (const path of Object.values<string>({ ...paths })) await checkUsable(path);
  } catch (error) {
    release();
    if (errorCode(error) === null) throw error;
    throw new UnusableDataDir(directory, fileProblem(error));
  }
  return { dataDir: paths, release };
}

/** Makes directories one by one: Node's recursive `mkdir` never returns if the parent exists but takes no child, as in /proc. */
async function makeDirectory(directory: string): Promise<void> {
  const isThere = await stat(directory).then(
    (found) => found.isDirectory(),
    (error: unknown) => {
      if (errorCode(error) === 'ENOENT') return false;
      throw error;
    },
  );
  if (isThere) return;
  const parent = dirname(directory);
  if (parent !== directory) await makeDirectory(parent);
  await mkdir(directory).catch(async (error: unknown) => {
    // Another process may have made it meanwhile.
    if (errorCode(error) !== 'EEXIST' || !(await stat(directory)).isDirectory()) throw error;
  });
}

function pathsIn(directory: string): DataDir {
  return {
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
}

async function problemOf(directory: string, error: unknown): Promise<string> {
  // Making a directory fails with EEXIST where a file is, and with ENOTDIR below a file.
  const isFile = await stat(directory).then(
    (found) => !found.isDirectory(),
    () => false,
  );
  return isFile ? 'it is a file' : fileProblem(error);
}

/** Throws if a file that another user left, such as root, cannot be used. */
async function checkUsable(path: string): Promise<void> {
  try {
    await access(path, constants.R_OK | constants.W_OK);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw new UnusableDataDir(path, fileProblem(error));
  }
}

/** Takes the lock. Its file is never removed: otherwise two runners could each lock a file of their own. */
async function lock(directory: string, paths: DataDir): Promise<() => void> {
  const file = join(directory, 'lock');
  const owner = `${file}.pid`;
  await checkUsable(file);
  await checkUsable(owner);
  let release: ReturnType<typeof takeLock>;
  try {
    release = takeLock(file);
  } catch (error) {
    throw new UnusableDataDir(file, fileProblem(error));
  }
  if (release === null) {
    const pid = Number(await readFile(owner, 'utf8').catch(() => ''));
    const facts = readFacts(paths);
    const where = facts !== null && facts.pid === pid ? ` at ${facts.url}` : '';
    const who = isAlive(pid) ? ` (process ${pid})` : '';
    throw new DataDirInUse(`A stack${where}${who} uses ${directory} already: stop it, or take another --data-dir.`);
  }
  await writeFile(owner, `${process.pid}\n`);
  return release;
}

function isAlive(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

/** Returns the facts that a runner wrote; null if none can be read. */
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

/** Removes this stack's facts, so that nobody believes it still runs. */
export function removeFacts(dataDir: DataDir): void {
  // Somebody may have removed this stack's directory and started another stack there.
  if (readFacts(dataDir)?.pid === process.pid) rmSync(dataDir.facts, { force: true });
}
