import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import type { Context } from 'aws-lambda';
import type { FunctionError, InvokeMessage, WorkerData, WorkerMessage } from './messages.ts';

/**
 * One execution environment: a thread that loads one function's bundle and runs one invocation at a time. Messages and `workerData` come
 * from the pool. This file imports nothing but types from the project (see `compileWorker`).
 */
async function main(port: MessagePort, data: WorkerData): Promise<void> {
  const say = (message: WorkerMessage) => {
    port.postMessage(message);
  };
  try {
    const handler = await load(data);
    port.on('message', (message: InvokeMessage) => {
      run(handler, message, data).then(say, (error: unknown) => {
        say({ kind: 'failed', error: functionError(error) });
      });
    });
    say({ kind: 'loaded' });
  } catch (error) {
    say({ kind: 'failed', error: functionError(error) });
  }
}

/** The context without the callbacks that nodejs24.x no longer has. */
type LambdaContext = Omit<Context, 'done' | 'fail' | 'succeed'>;
type Handler = (event: unknown, context: LambdaContext) => unknown;

async function load({ codeDir, handler }: WorkerData): Promise<Handler> {
  const [file = '', name = ''] = handler.split('.');
  const module: unknown = await import(pathToFileURL(join(codeDir, `${file}.mjs`)).href);
  const exported = isRecord(module) ? module[name] : undefined;
  if (!isHandler(exported)) throw new Error(`${handler} is undefined or not exported`);
  return exported;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isHandler(exported: unknown): exported is Handler {
  return typeof exported === 'function';
}

async function run(handler: Handler, message: InvokeMessage, data: WorkerData): Promise<WorkerMessage> {
  const event: unknown = JSON.parse(message.event);
  const result = await handler(event, contextOf(message, data));
  return { kind: 'returned', payload: JSON.stringify(result ?? null) };
}

function contextOf({ requestId, deadlineAt }: InvokeMessage, data: WorkerData): LambdaContext {
  return {
    functionName: data.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: data.functionArn,
    memoryLimitInMB: `${data.memoryMb}`,
    awsRequestId: requestId,
    logGroupName: `/aws/lambda/${data.functionName}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => Math.max(0, deadlineAt - Date.now()),
  };
}

function functionError(thrown: unknown): FunctionError {
  if (!(thrown instanceof Error)) return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
  return { errorType: thrown.name, errorMessage: thrown.message, trace: (thrown.stack ?? '').split('\n') };
}

if (parentPort !== null) await main(parentPort, workerData as WorkerData);
