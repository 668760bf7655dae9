import { randomUUID } from 'node:crypto';
import {
  startExecutionEnvironment,
  type EnvironmentNeeds,
  type ExecutionEnvironment,
  type InvocationResult,
} from './execution-environment.ts';
import type { LocalFunction } from '../template/template.ts';

/** The execution environments of one function. */
export interface WorkerPool {
  /**
   * Invokes the function as Lambda does: at once if an environment is idle, else in a new one, else as soon as one is free. An invocation
   * that still waits when `abandoned` fires never begins: nobody waits for its answer.
   */
  readonly invoke: (event: unknown, abandoned?: AbortSignal) => Promise<InvocationResult>;
  /** Starts the first environment. Throws if the function cannot be loaded. */
  readonly warm: () => Promise<void>;
  close(): Promise<void>;
}

/** Each environment costs some 20 MB. */
const MOST_ENVIRONMENTS = 16;
/** The existing environments serve most of a burst. Starting one for each of its requests would only take CPU time from them. */
const STARTING_AT_ONCE = 1;

export function createWorkerPool(lambda: LocalFunction, needs: EnvironmentNeeds): WorkerPool {
  const cap = Math.min(lambda.reservedConcurrency ?? MOST_ENVIRONMENTS, MOST_ENVIRONMENTS);
  const idle: ExecutionEnvironment[] = [];
  const all = new Set<ExecutionEnvironment>();
  const waiting: ((start: Start) => void)[] = [];
  let starting = 0;
  let isClosed = false;

  const release = (environment: ExecutionEnvironment) => {
    if (environment.hasEnded()) all.delete(environment);
    else idle.push(environment);
    dispatch();
  };
  const start = async (): Promise<void> => {
    starting += 1;
    const environment = startExecutionEnvironment(lambda, needs);
    all.add(environment);
    const failure = await environment.loaded;
    starting -= 1;
    if (failure === null) {
      release(environment);
      return;
    }
    all.delete(environment);
    await environment.end();
    waiting.shift()?.({ kind: 'failed', error: failure });
    dispatch();
  };
  const dispatch = () => {
    while (waiting.length > 0) {
      const environment = idle.pop();
      if (environment === undefined) break;
      if (environment.hasEnded()) all.delete(environment);
      else waiting.shift()?.({ kind: 'environment', environment });
    }
    while (waiting.length > starting && starting < STARTING_AT_ONCE && all.size < cap && !isClosed) void start();
  };

  return {
    async invoke(event, abandoned) {
      const started = await new Promise<Start>((resolve) => {
        waiting.push(resolve);
        abandoned?.addEventListener('abort', () => {
          const place = waiting.indexOf(resolve);
          if (place === -1) return;
          waiting.splice(place, 1);
          resolve(ABANDONED);
        });
        dispatch();
      });
      if (started.kind === 'failed') return started;
      const result = await started.environment.invoke({ event: JSON.stringify(event), requestId: randomUUID() });
      release(started.environment);
      return result;
    },
    async warm() {
      const environment = startExecutionEnvironment(lambda, needs);
      all.add(environment);
      const failure = await environment.loaded;
      if (failure !== null) throw new Error(`${lambda.name} cannot be loaded: ${failure.errorMessage}`);
      release(environment);
    },
    async close() {
      isClosed = true;
      await Promise.all([...all].map((environment) => environment.end()));
    },
  };
}

type Failed = Extract<InvocationResult, { kind: 'failed' }>;
type Start = { readonly kind: 'environment'; readonly environment: ExecutionEnvironment } | Failed;

/** Lambda's own error when a function has no concurrency to spare. Lambda answers with it at once, this stack after the wait. */
export const ABANDONED: Failed = {
  kind: 'failed',
  error: { errorType: 'TooManyRequestsException', errorMessage: 'Rate Exceeded.', trace: [] },
};
