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
 * Waits until dynoxide ends, and ends it when this process is gone: standard input is a pipe that no other process holds, so it closes
 * even after a `kill -9`. It is duplicated to 3, because a shell gives its background jobs no standard input.
 */
const GUARD =
  'exec 3<&0; "$@" <&- 3<&- & child=$!; { cat <&3; kill "$child"; } >/dev/null 2>&1 & exec 3<&-; wait "$child"';

const START_WITHIN_MS = 10_000;
/** The pause between starts of a database that ends again and again. */
const SHORTEST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 5_000;

/** Names a DynamoDB that already runs. AWS's own variable is not used: it may be set for other work and lead to real tables. */
const GIVEN = 'COUNTERMAND_DYNAMODB_URL';

/** The one platform for which `@dynoxide/…` is in the npm registry. */
const INSTALLED_FOR = 'linux-x64';

/** Thrown when there is no DynamoDB to use. The message says why, or what to do. */
export class NoDynamoDb extends Error {
  override readonly name = 'NoDynamoDb';
}

/**
 * Starts an embedded DynamoDB that keeps its data in `file`, or uses the one that COUNTERMAND_DYNAMODB_URL names. An embedded one that ends
 * by itself is started again on the same port and file, and `complain` prints a line. Throws `NoDynamoDb` or `DatabaseLeftBehind`.
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
      complain(
        `The embedded DynamoDB ended by itself (${words}). It is being started again, on the same port and file.`,
      );
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
  /** Resolves with the last text that the process wrote. */
  readonly ended: Promise<string>;
  hasEnded(): boolean;
  end(): Promise<string>;
}

function startProcess(command: readonly string[]): DatabaseProcess {
  const guard = spawn('/bin/sh', ['-c', GUARD, 'guard', ...command], {
    stdio: ['pipe', 'ignore', 'pipe'],
    // A process group of its own: Ctrl-C must stop only the runner, which still has writes to finish.
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
      // The guard's background job must end now: later, the process id that it would kill may belong to another process.
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

/** Whether a program accepts connections on a port of this machine. */
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

/** Returns the binary that `npm ci` installs; none if it was told to omit optional packages. */
function installedBinary(): string[] {
  try {
    return [createRequire(import.meta.url).resolve(`@dynoxide/${INSTALLED_FOR}/dynoxide`)];
  } catch {
    return [];
  }
}

/** Says in one line what to do on a machine without an embedded DynamoDB. */
export function adviceFor(platform: NodeJS.Platform, arch: string): string {
  const given = `set ${GIVEN} to a DynamoDB that already runs`;
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
