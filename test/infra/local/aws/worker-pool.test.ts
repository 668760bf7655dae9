import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { compileWorker, type InvocationResult } from '../../../../infra/local/aws/execution-environment.ts';
import type { LocalFunction } from '../../../../infra/local/template/template.ts';
import { createWorkerPool, type WorkerPool } from '../../../../infra/local/aws/worker-pool.ts';

const codeDir = mkdtempSync(join(tmpdir(), 'countermand-worker-'));
const code = `
  let invocations = 0;
  export const handler = async (event, context) => {
    invocations += 1;
    if (event.spin) { for (;;); }
    if (event.hang) await new Promise((resolve) => setTimeout(resolve, 60_000));
    if (event.throw) throw new TypeError('thrown on purpose');
    if (event.exit) process.exit(3);
    if (event.sleep) await new Promise((resolve) => setTimeout(resolve, event.sleep));
    console.log('seen');
    return { invocations, variables: process.env, remaining: context.getRemainingTimeInMillis(), name: context.functionName };
  };
`;
writeFileSync(join(codeDir, 'index.mjs'), code);
writeFileSync(join(codeDir, 'broken.mjs'), "throw new Error('broken on purpose');");

const lambda: LocalFunction = {
  name: 'work',
  arn: 'arn:aws:lambda:us-east-1:000000000000:function:work',
  codeDir,
  handler: 'index.handler',
  timeoutMs: 15_000,
  memoryMb: 128,
  reservedConcurrency: null,
  environment: {},
};
let workerUrl: URL;
let pool: WorkerPool | undefined;
let output = '';
const poolOf = (given: Partial<LocalFunction>) => {
  output = '';
  const needs = { workerUrl, variables: { GIVEN: 'yes' }, openOutput: () => (text: string) => void (output += text) };
  return (pool = createWorkerPool({ ...lambda, ...given }, needs));
};
const valueOf = (result: InvocationResult): unknown =>
  result.kind === 'returned' ? JSON.parse(result.payload) : result;

beforeAll(async () => {
  workerUrl = await compileWorker();
});
afterEach(async () => {
  await pool?.close();
});
afterAll(() => {
  rmSync(codeDir, { recursive: true });
});

describe('a pool of workers', () => {
  it('runs the function with its context and with no environment but the given one', async () => {
    const value = valueOf(await poolOf({}).invoke({}));
    expect(value).toMatchObject({ invocations: 1, variables: { GIVEN: 'yes' }, name: 'work' });
    expect(value).toMatchObject({ remaining: expect.any(Number) });
    // It comes on a stream of its own, in no order with the reply.
    while (output === '') await setImmediate();
    expect(output).toBe('seen\n');
  });

  it('keeps an environment for the next invocation', async () => {
    const { invoke } = poolOf({});
    await invoke({});
    expect(valueOf(await invoke({}))).toMatchObject({ invocations: 2 });
  });

  it('runs one invocation at a time in each environment, and makes the rest wait at the cap', async () => {
    const { invoke } = poolOf({ reservedConcurrency: 1 });
    const values = (await Promise.all([1, 2, 3].map(() => invoke({ sleep: 5 })))).map(valueOf);
    expect(values).toEqual([1, 2, 3].map((invocations) => expect.objectContaining({ invocations })));
  });

  it('never begins an invocation that was abandoned while it waited, and goes on with the next', async () => {
    const { invoke } = poolOf({ reservedConcurrency: 1 });
    const abandoned = new AbortController();
    const first = invoke({ sleep: 5 });
    const second = invoke({}, abandoned.signal);
    const third = invoke({});
    abandoned.abort();
    expect(await second).toMatchObject({ kind: 'failed', error: { errorType: 'TooManyRequestsException' } });
    expect(valueOf(await first)).toMatchObject({ invocations: 1 });
    expect(valueOf(await third)).toMatchObject({ invocations: 2 });
  });

  it('lets an invocation that has begun end, abandoned or not', async () => {
    const { invoke } = poolOf({ reservedConcurrency: 1 });
    const abandoned = new AbortController();
    await invoke({});
    const begun = invoke({ sleep: 5 }, abandoned.signal);
    await setImmediate();
    abandoned.abort();
    expect(valueOf(await begun)).toMatchObject({ invocations: 2 });
  });

  it('starts another environment while the first is busy', async () => {
    const { invoke } = poolOf({});
    const busy = invoke({ hang: true });
    expect(valueOf(await invoke({}))).toMatchObject({ invocations: 1 });
    await pool?.close();
    expect(await busy).toMatchObject({ kind: 'failed' });
  });

  it('really ends a function at its time-out, even one that gives its thread no rest, and goes on in a new one', async () => {
    const { invoke } = poolOf({ timeoutMs: 300, reservedConcurrency: 1 });
    const result = await invoke({ spin: true });
    expect(result).toMatchObject({
      kind: 'failed',
      error: {
        errorType: 'Sandbox.Timedout',
        errorMessage: expect.stringContaining('Task timed out after 0.30 seconds'),
      },
    });
    expect(valueOf(await invoke({}))).toMatchObject({ invocations: 1 });
  });

  it('names its own file, not its whole code, in the trace of what a function throws', async () => {
    const thrown = await poolOf({}).invoke({ throw: true });
    if (thrown.kind !== 'failed') throw new Error('It did not fail.');
    const trace = thrown.error.trace.join('\n');
    expect(trace).toMatch(/worker\.ts:\d+/);
    expect(trace).not.toContain('data:');
  });

  it('reports what a function throws, and keeps its environment', async () => {
    const { invoke } = poolOf({ reservedConcurrency: 1 });
    const error = { errorType: 'TypeError', errorMessage: 'thrown on purpose' };
    expect(await invoke({ throw: true })).toMatchObject({ kind: 'failed', error });
    expect(valueOf(await invoke({}))).toMatchObject({ invocations: 2 });
  });

  it('reports a function that ends its process, and goes on in a new environment', async () => {
    const { invoke } = poolOf({ reservedConcurrency: 1 });
    const error = { errorType: 'Runtime.ExitError', errorMessage: 'Runtime exited with error: exit status 3' };
    expect(await invoke({ exit: true })).toMatchObject({ kind: 'failed', error });
    expect(valueOf(await invoke({}))).toMatchObject({ invocations: 1 });
  });

  it('says why a function cannot be loaded', async () => {
    const { warm, invoke } = poolOf({ handler: 'broken.handler' });
    await expect(warm()).rejects.toThrow('work cannot be loaded: broken on purpose');
    expect(await invoke({})).toMatchObject({ kind: 'failed', error: { errorMessage: 'broken on purpose' } });
  });
});
