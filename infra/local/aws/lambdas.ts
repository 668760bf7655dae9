import { ENVIRONMENT } from '../../../functions/runtime/environment.ts';
import { compileWorker, type InvocationResult } from './execution-environment.ts';
import type { FunctionLog } from './function-log.ts';
import { PSEUDO_PARAMETERS } from '../template/intrinsics.ts';
import { NO_AWS_SETTINGS } from '../../own-settings.ts';
import type { LocalFunction } from '../template/template.ts';
import { ABANDONED, createWorkerPool, type WorkerPool } from './worker-pool.ts';

/** All functions of the stack, ready to be invoked. */
export interface Lambdas {
  readonly invoke: (functionName: string, event: unknown, abandoned?: AbortSignal) => Promise<InvocationResult>;
  close(): Promise<void>;
}

/** The endpoints, on this machine, of the AWS services that functions use. */
export interface Endpoints {
  readonly dynamodb: string;
  readonly secrets: string;
  readonly queuesAndBuckets: string;
  /** EventBridge and Step Functions. */
  readonly awsServices: string;
}

/** An invocation that has ended. */
export interface Invoked {
  readonly at: Date;
  readonly functionName: string;
  readonly event: unknown;
  readonly result: InvocationResult;
  readonly ms: number;
}

export interface LambdasNeeds {
  readonly endpoints: Endpoints;
  readonly log: FunctionLog;
  /** Is told how many functions have been loaded. */
  readonly onLoaded: (count: number) => void;
  readonly onInvoked: (invoked: Invoked) => void;
}

/** Starts a pool for each function. Resolves when every function has been loaded; throws if one cannot be. */
export async function startLambdas(
  functions: readonly LocalFunction[],
  { endpoints, log, onLoaded, onInvoked }: LambdasNeeds,
): Promise<Lambdas> {
  const workerUrl = await compileWorker();
  const pools = new Map(
    functions.map((lambda) => {
      const variables = variablesOf(lambda, endpoints);
      return [
        lambda.name,
        createWorkerPool(lambda, { workerUrl, variables, openOutput: () => log.openOutput(lambda.name) }),
      ];
    }),
  );
  let isClosing = false;
  const close = async () => {
    isClosing = true;
    await Promise.all([...pools.values()].map((pool) => pool.close()));
  };
  try {
    let loaded = 0;
    const warm = async (pool: WorkerPool) => {
      await pool.warm();
      loaded += 1;
      onLoaded(loaded);
    };
    await Promise.all([...pools.values()].map(warm));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    close,
    async invoke(functionName, event, abandoned) {
      const pool = pools.get(functionName);
      if (pool === undefined) throw new Error(`The template has no function ${functionName}.`);
      const began = performance.now();
      const result = await pool.invoke(event, abandoned);
      // Work that a stop interrupts is taken up after the next start.
      if (result === ABANDONED || isClosing) return result;
      if (result.kind === 'failed') {
        const { errorType, errorMessage, trace } = result.error;
        log.note([`${functionName} failed: ${errorType}: ${errorMessage}`, ...trace.slice(1)].join('\n'));
      }
      onInvoked({ at: new Date(), functionName, event, result, ms: performance.now() - began });
      return result;
    },
  };
}

/** Returns the variables that Lambda sets and those of the template. */
function variablesOf(lambda: LocalFunction, endpoints: Endpoints): Record<string, string> {
  const region = PSEUDO_PARAMETERS['AWS::Region'] ?? '';
  const skew = ENVIRONMENT.clockSkewSeconds;
  return {
    ...lambda.environment,
    // One machine has one clock.
    ...(skew in lambda.environment ? { [skew]: '0' } : {}),
    ...NO_AWS_SETTINGS,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_LAMBDA_FUNCTION_NAME: lambda.name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: `${lambda.memoryMb}`,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    LAMBDA_TASK_ROOT: lambda.codeDir,
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_ENDPOINT_URL_EVENTBRIDGE: endpoints.awsServices,
    AWS_ENDPOINT_URL_S3: endpoints.queuesAndBuckets,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoints.secrets,
    AWS_ENDPOINT_URL_SFN: endpoints.awsServices,
    AWS_ENDPOINT_URL_SQS: endpoints.queuesAndBuckets,
    TZ: ':UTC',
  };
}
