import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer, connect } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

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

/**
 * An embedded DynamoDB that keeps its data in `file`, or the one that AWS_ENDPOINT_URL_DYNAMODB names.
 * Throws with a remedy where neither is to be had.
 */
export async function startDynamoDb(file: string, environment: NodeJS.ProcessEnv): Promise<LocalDynamoDb> {
  const given = environment['AWS_ENDPOINT_URL_DYNAMODB'];
  if (given !== undefined && given !== '') return { endpoint: given, close: () => Promise.resolve() };

  const binary = findBinary(environment);
  const port = await freePort();
  const guard = spawn('/bin/sh', ['-c', GUARD, 'guard', binary, 'serve', '--port', `${port}`, '--db-path', file], {
    stdio: ['pipe', 'ignore', 'pipe'],
    // A process group of its own: Ctrl-C is for the runner, which still has writes to finish.
    detached: true,
  });
  let words = '';
  guard.stderr.setEncoding('utf8').on('data', (text: string) => (words = (words + text).slice(-2000)));
  // The pipe breaks when dynoxide ends by itself; that end is reported by its exit.
  guard.stdin.on('error', () => {});
  const exited = new Promise<void>((resolve) =>
    guard.once('exit', () => {
      resolve();
    }),
  );

  const close = async () => {
    guard.stdin.end();
    await exited;
  };
  const endAt = Date.now() + START_WITHIN_MS;
  while (!(await answers(port))) {
    if (guard.exitCode === null && Date.now() < endAt) {
      await sleep(15);
      continue;
    }
    await close();
    throw new Error(`The embedded DynamoDB (${binary}) did not start: ${words.trim() || 'it said nothing'}`);
  }
  return { endpoint: `http://127.0.0.1:${port}`, close };
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
  try {
    candidates.unshift(createRequire(import.meta.url).resolve('@dynoxide/linux-x64/dynoxide'));
  } catch {
    // An optional dependency: it is there on x64 Linux only.
  }
  const binary = candidates.find(isExecutable);
  if (binary !== undefined) return binary;
  throw new Error(
    'There is no DynamoDB to keep the ledger in. On x64 Linux `npm ci` installs one; elsewhere put a `dynoxide` binary on PATH, ' +
      'or set AWS_ENDPOINT_URL_DYNAMODB to one that runs already.',
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('No free port was found.'));
        else resolve(address.port);
      });
    });
  });
}
