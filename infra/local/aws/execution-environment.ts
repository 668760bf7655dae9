import { readFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { transformSync } from 'esbuild';
import type { Output } from './function-log.ts';
import type { FunctionError, InvokeMessage, WorkerData, WorkerMessage } from './messages.ts';
import type { LocalFunction } from '../template/template.ts';

export type InvocationResult =
  { readonly kind: 'returned'; readonly payload: string } | { readonly kind: 'failed'; readonly error: FunctionError };

/** One worker: loads the function once, then takes one invocation at a time until it ends. */
export interface ExecutionEnvironment {
  /** Resolves when the function's module has been loaded: with null, or with the error if it could not be. */
  readonly loaded: Promise<FunctionError | null>;
  /** Runs one invocation. After a time-out or a crash the environment has ended and must not be used again. */
  invoke(invocation: Omit<InvokeMessage, 'deadlineAt'>): Promise<InvocationResult>;
  hasEnded(): boolean;
  end(): Promise<void>;
}

export interface EnvironmentNeeds {
  /** From `compileWorker`. */
  readonly workerUrl: URL;
  /** The worker's whole environment. It sees none of this process's variables. */
  readonly variables: Readonly<Record<string, string>>;
  /** Is called for each stream of output. */
  readonly openOutput: () => Output;
}

/** Compiles the workers' code to JavaScript. If each worker stripped the types itself, its start would take three times as long. */
export async function compileWorker(): Promise<URL> {
  const source = await readFile(new URL('worker.ts', import.meta.url), 'utf8');
  const { code } = transformSync(source, { loader: 'ts', format: 'esm', target: 'node24' });
  return new URL(`data:text/javascript,${encodeURIComponent(`${code}//# sourceURL=infra/local/aws/worker.ts\n`)}`);
}

export function startExecutionEnvironment(
  lambda: LocalFunction,
  { workerUrl, variables, openOutput }: EnvironmentNeeds,
): ExecutionEnvironment {
  const data: WorkerData = {
    codeDir: lambda.codeDir,
    handler: lambda.handler,
    functionName: lambda.name,
    functionArn: lambda.arn,
    memoryMb: lambda.memoryMb,
  };
  const worker = new Worker(workerUrl, {
    workerData: data,
    env: { ...variables },
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: lambda.memoryMb },
  });
  let beganAt: number | null = null;
  for (const stream of [worker.stdout, worker.stderr]) {
    const output = openOutput();
    stream.setEncoding('utf8').on('data', (text: string) => {
      output(text, beganAt);
    });
  }

  let ended = false;
  let crash: FunctionError = { errorType: 'Runtime.ExitError', errorMessage: 'Runtime exited', trace: [] };
  let answer: ((message: WorkerMessage) => void) | null = null;
  const next = () => new Promise<WorkerMessage>((resolve) => (answer = resolve));
  const say = (message: WorkerMessage) => {
    answer?.(message);
    answer = null;
  };
  worker.on('message', say);
  worker.on('error', (error: unknown) => {
    const [errorType, errorMessage] = error instanceof Error ? [error.name, error.message] : ['Error', String(error)];
    crash = { errorType: 'Runtime.UnhandledError', errorMessage: `${errorType}: ${errorMessage}`, trace: [] };
  });
  worker.on('exit', (code) => {
    ended = true;
    const exited = `Runtime exited with error: exit status ${code}`;
    say({
      kind: 'failed',
      error: crash.errorType === 'Runtime.ExitError' ? { ...crash, errorMessage: exited } : crash,
    });
  });
  const end = async () => {
    ended = true;
    await worker.terminate();
  };

  return {
    loaded: next().then((message) => (message.kind === 'failed' ? message.error : null)),
    hasEnded: () => ended,
    end,
    async invoke({ event, requestId }) {
      beganAt = Date.now();
      const message: InvokeMessage = { event, requestId, deadlineAt: beganAt + lambda.timeoutMs };
      const answered = next();
      worker.postMessage(message);
      const timeout = deferredTimeout(lambda.timeoutMs);
      const first = await Promise.race([answered, timeout.passed]);
      timeout.clear();
      if (first === 'timed_out') {
        await end();
        const seconds = (lambda.timeoutMs / 1000).toFixed(2);
        const errorMessage = `RequestId: ${requestId} Error: Task timed out after ${seconds} seconds`;
        return { kind: 'failed', error: { errorType: 'Sandbox.Timedout', errorMessage, trace: [] } };
      }
      if (first.kind === 'loaded') throw new Error('A worker said twice that it has loaded.');
      return first;
    },
  };
}

function deferredTimeout(ms: number): { passed: Promise<'timed_out'>; clear: () => void } {
  let clear = () => {};
  const passed = new Promise<'timed_out'>((resolve) => {
    const timer = setTimeout(() => {
      resolve('timed_out');
    }, ms);
    clear = () => {
      clearTimeout(timer);
    };
  });
  return { passed, clear };
}
