import { enableCompileCache } from 'node:module';
import { InvalidConnections } from '../../functions/providers/errors.ts';
import { InvalidWebhooks } from '../../functions/webhooks/errors.ts';
import { errorCode, fileProblem } from '../file-problems.ts';
import { InvalidConnectionsFile } from './connections-file.ts';
import { DataDirInUse, UnusableDataDir } from './data-dir.ts';
import { NoDynamoDb } from './aws/dynamodb.ts';
import { PortTaken } from '../listen.ts';
import { greeting } from './greeting.ts';
import { HEADING } from './lines/work-line.ts';
import { InvalidOptions, parseOptions, USAGE } from './options.ts';
import { DatabaseLeftBehind } from './aws/orphans.ts';
import { openWatcher } from './watcher.ts';
import { InvalidWebhooksFile } from './webhooks-file.ts';

/** What `npm start` runs: the stack on this machine, until Ctrl-C or SIGTERM. Returns the exit code. */
async function main(): Promise<number> {
  outliveReaders();
  let watcher: ReturnType<typeof openWatcher> | undefined;
  try {
    const options = parseOptions(process.argv.slice(2), process.env);
    if (options === null) {
      console.log(USAGE);
      return 0;
    }
    const stopped = stopSignal();
    watcher = openWatcher(options);
    // The CDK's modules take seconds to compile; from the second start on they are read as compiled.
    enableCompileCache();
    const { startRunner } = await import('./runner.ts');
    const runner = await Promise.race([startRunner(options, watcher), stopped]);
    watcher.endSteps();
    if (runner === 'stopped') {
      // Nobody was let in yet, and the next start clears up what this one began, as after a kill -9.
      watcher.print('\nStopped before it was ready.');
      return 0;
    }
    watcher.print(greeting(runner));
    watcher.print(watcher.paint('dim', HEADING));
    await stopped;
    // Behind the ^C that a terminal shows.
    watcher.print('\nStopping: requests under way have 2 seconds. Ctrl-C again ends at once.');
    await runner.close();
    watcher.print('Stopped. The next start goes on with what is open.');
    return 0;
  } catch (error) {
    watcher?.endSteps();
    console.error(explanationOf(error));
    return 1;
  }
}

const OPERATORS_MISTAKES = [
  InvalidOptions,
  InvalidConnections,
  InvalidConnectionsFile,
  InvalidWebhooks,
  InvalidWebhooksFile,
  DataDirInUse,
  UnusableDataDir,
  DatabaseLeftBehind,
  NoDynamoDb,
  PortTaken,
];

/** One line for what an operator can put right. Anything else is a bug of ours, and comes with its stack. */
function explanationOf(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (OPERATORS_MISTAKES.some((mistake) => error instanceof mistake)) return error.message;
  if (errorCode(error) === null) return error;
  const what = 'path' in error ? ` ${String(error.path)}:` : 'port' in error ? ` Port ${String(error.port)}:` : '';
  return `The stack cannot start.${what} ${fileProblem(error)}`;
}

/** Whoever read what is printed here may have gone (`npm start | head`), or its disk be full: the stack goes on. */
function outliveReaders(): void {
  process.stderr.on('error', () => {});
  process.stdout.once('error', (error) => {
    console.error(`Standard output cannot be written (${fileProblem(error)}). The stack goes on without it.`);
  });
  process.stdout.on('error', () => {});
}

/** A terminal's Ctrl-C comes twice: the terminal sends it to npm and to this process, and npm hands it on. */
const ONE_PRESS_MS = 500;

/** Resolves at the first Ctrl-C or SIGTERM; a second one ends the process at once. */
function stopSignal(): Promise<'stopped'> {
  return new Promise((resolve) => {
    const stop = () => {
      resolve('stopped');
      setTimeout(() => {
        for (const signal of SIGNALS) process.off(signal, stop);
      }, ONE_PRESS_MS).unref();
    };
    for (const signal of SIGNALS) process.on(signal, stop);
  });
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

if (import.meta.main) process.exit(await main());
