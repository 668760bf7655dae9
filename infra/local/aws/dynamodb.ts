import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer, connect } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { listen } from '../../listen.ts';
import { endDatabaseLeftBehind } from './orphans.ts';

export interface LocalDynamoDb {
  readonly endpoint: string;
  close(): Promise<void>;
}

/**
 * Waits for dynoxide's end, and ends it when this process is gone: standard input is a pipe that nobody else holds,
 * so it closes even after a `kill -9`. Duplicated to 3, as a shell gives its background jobs no standard input.
 */
const GUARD =
  'exec 3<&0; "$@" <&- 3<&- & child=$!; { cat <&3; kill "$child"; } >/dev/null 2>&1 & exec 3<&-; wait "$child"';

const START_WITHIN_MS = 10_000;
/** Between one start and the next of a database that ends again and again. */
const SHORTEST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 5_000;

/** Names a DynamoDB that runs already. Not by AWS's own variable: that one may be set for other work, and name a real table's place. */
const GIVEN = 'COUNTERMAND_DYNAMODB_URL';

/** The one platform that `@dynoxide/…` is in the npm registry for. */
const INSTALLED_FOR = 'linux-x64';

/** Thrown when no DynamoDB can be had; the message says why, or what to do. */
export class NoDynamoDb extends Error {
  override readonly name = 'NoDynamoDb';
}

/**
 * An embedded DynamoDB that keeps its data in `file`, or the one that COUNTERMAND_DYNAMODB_URL names.
 * Should it end by itself, it is started again on the same port and file, and `complain` is told.
 * Throws `NoDynamoDb` where neither is to be had, and `DatabaseLeftBehind`.
 */
export async function startDynamoDb(
  file: string,
  environment: NodeJS.ProcessEnv,
  complain: (line: string) => void,
): Promise<LocalDynamoDb> {
  const given = environment[GIVEN];
  if (given !== undefined && given !== '') return { endpoint: given, close: () => Promise.resolve() };

  const binary = findBinary(environment);
  await endDatabaseLeftBehind(file);
  const port = await freePort();
  const start = () => startProcess([binary, 'serve', '--port', `${port}`, '--db-path', file]);
  let running = start();
  const endAt = Date.now() + START_WITHIN_MS;
  while (!(await answers(port))) {
    if (!running.hasEnded() && Date.now() < endAt) {
      await sleep(15);
      continue;
    }
    throw new NoDynamoDb(`The embedded DynamoDB (${binary}) did not start: ${await running.end()}`);
  }

  const closing = new AbortController();
  const isClosing = () => closing.signal.aborted;
  const keepUp = async () => {
    let pauseMs = SHORTEST_PAUSE_MS;
    for (;;) {
      const began = Date.now();
      const words = await running.ended;
      if (isClosing()) return;
      complain(`The embedded DynamoDB ended by itself (${words}). It is started again, on the same port and file.`);
      pauseMs = Date.now() - began > LONGEST_PAUSE_MS ? SHORTEST_PAUSE_MS : Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
      await sleep(pauseMs, undefined, { signal: closing.signal }).catch(() => undefined);
      if (isClosing()) return;
      running = start();
    }
  };
  const keptUp = keepUp();
  return {
    endpoint: `http://127.0.0.1:${port}`,
    async close() {
      closing.abort();
      await running.end();
      await keptUp;
    },
  };
}

interface DatabaseProcess {
  /** Resolves with its last words. */
  readonly ended: Promise<string>;
  hasEnded(): boolean;
  end(): Promise<string>;
}

function startProcess(command: readonly string[]): DatabaseProcess {
  const guard = spawn('/bin/sh', ['-c', GUARD, 'guard', ...command], {
    stdio: ['pipe', 'ignore', 'pipe'],
    // A process group of its own: Ctrl-C is for the runner, which still has writes to finish.
    detached: true,
    env: { PATH: process.env['PATH'] },
  });
  let words = '';
  let hasEnded = false;
  guard.stderr.setEncoding('utf8').on('data', (text: string) => (words = (words + text).slice(-2000)));
  // The pipe breaks when dynoxide ends by itself; that end is reported by its exit.
  guard.stdin.on('error', () => {});
  const ended = new Promise<string>((resolve) =>
    guard.once('exit', (code, signal) => {
      hasEnded = true;
      // What still waits to end the database must not wait until its process id is somebody else's.
      guard.stdin.end();
      resolve(words.trim() || `it said nothing; exit ${code ?? signal ?? 'unknown'}`);
    }),
  );
  return {
    ended,
    hasEnded: () => hasEnded,
    end() {
      guard.stdin.end();
      return ended;
    },
  };
}

/** Whether something accepts connections on a port of this machine. */
export function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}

function findBinary(environment: NodeJS.ProcessEnv): string {
  const candidates = (environment['PATH'] ?? '').split(delimiter).map((directory) => join(directory, 'dynoxide'));
  if (`${process.platform}-${process.arch}` === INSTALLED_FOR) candidates.unshift(...installedBinary());
  const binary = candidates.find(isExecutable);
  if (binary !== undefined) return binary;
  throw new NoDynamoDb(`There is no DynamoDB to keep the ledger in. ${adviceFor(process.platform, process.arch)}`);
}

/** The binary that `npm ci` installs; none where it was told to leave optional packages out. */
function installedBinary(): string[] {
  try {
    return [createRequire(import.meta.url).resolve(`@dynoxide/${INSTALLED_FOR}/dynoxide`)];
  } catch {
    return [];
  }
}

/** What a person does on a machine without an embedded DynamoDB, in one line. */
export function adviceFor(platform: NodeJS.Platform, arch: string): string {
  const given = `set ${GIVEN} to a DynamoDB that runs already`;
  if (`${platform}-${arch}` === INSTALLED_FOR) {
    return `Run \`npm ci\` with its optional packages, which installs one, or ${given}.`;
  }
  if (platform === 'darwin') return `On macOS run \`brew install nubo-db/tap/dynoxide\`, or ${given}.`;
  if (platform === 'win32')
    return `On Windows run Countermand in WSL (https://learn.microsoft.com/windows/wsl/install), or ${given}.`;
  return `Put a \`dynoxide\` binary on PATH (https://github.com/nubo-db/dynoxide/releases), or ${given}.`;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server, 0);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
