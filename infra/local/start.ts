import { enableCompileCache } from 'node:module';
import { InvalidConnections } from '../../functions/providers/errors.ts';
import { InvalidWebhooks } from '../../functions/webhooks/errors.ts';
import { errorCode, fileProblem } from '../file-problems.ts';
import { InvalidConnectionsFile } from './connections-file.ts';
import { DataDirInUse, UnusableDataDir } from './data-dir.ts';
import { NoDynamoDb } from './aws/dynamodb.ts';
import { PortTaken } from '../listen.ts';
import { greeting } from './greeting.ts';
import { InvalidOptions, parseOptions, USAGE } from './options.ts';
import { DatabaseLeftBehind } from './aws/orphans.ts';
import { InvalidWebhooksFile } from './webhooks-file.ts';

/** What `npm start` runs: the stack on this machine, until Ctrl-C or SIGTERM. Returns the exit code. */
async function main(): Promise<number> {
  outliveReaders();
  try {
    const options = parseOptions(process.argv.slice(2), process.env);
    if (options === null) {
      console.log(USAGE);
      return 0;
    }
    const stopped = stopSignal();
    // The CDK's modules take seconds to compile; from the second start on they are read as compiled.
    enableCompileCache();
    const { startRunner } = await import('./runner.ts');
    const started = startRunner(options, (line) => {
      console.error(line);
    });
    const runner = await Promise.race([started, stopped]);
    if (runner === 'stopped') {
      await (await started).close();
      return 0;
    }
    console.log(greeting(runner));
    await stopped;
    await runner.close();
    return 0;
  } catch (error) {
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

/** Resolves at the first Ctrl-C or SIGTERM; a second one ends the process at once. */
function stopSignal(): Promise<'stopped'> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        resolve('stopped');
      });
    }
  });
}

if (import.meta.main) process.exit(await main());
