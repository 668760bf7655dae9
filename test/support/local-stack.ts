import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expectDocumented, routeTaking } from './documented.ts';

/** The local stack as `npm start` runs it, in a process of its own. */
export interface LocalStackProcess {
  url: string;
  token: string;
  dataDir: string;
  /** The stack's output until it was ready. */
  printed: string;
  /** What it printed until now, on standard output and standard error. */
  said(): string;
  process: ChildProcess;
  /** Calls the API with the token, and checks its reply against the OpenAPI document. */
  ask(method: string, path: string, options?: { body?: unknown; headers?: Record<string, string> }): Promise<Reply>;
  /** Reads an operation until it is final. */
  waitUntilSettled(operationId: string, withinMs?: number): Promise<Record<string, unknown>>;
  /** Sends SIGTERM, which acts like Ctrl-C, and returns the exit code. */
  stop(): Promise<number | null>;
  /** Sends SIGKILL. */
  kill(): Promise<void>;
}

export interface Reply {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

const ROOT = join(import.meta.dirname, '..', '..');
const READY_WITHIN_MS = 600_000;

export async function newDataDir(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'countermand-'));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}

export async function startLocalStack(
  dataDir: string,
  args: string[] = [],
  environment: Record<string, string> = {},
  root = ROOT,
): Promise<LocalStackProcess> {
  const child = spawn(
    process.execPath,
    [join(root, 'infra', 'local', 'start.ts'), '--port', '0', '--data-dir', dataDir, '--settle-every', '0.5', ...args],
    {
      env: { PATH: process.env['PATH'], ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const until = Date.now() + READY_WITHIN_MS;
  while (!/access token/i.test(printed)) {
    if (child.exitCode !== null || Date.now() > until) {
      child.kill('SIGKILL');
      throw new Error(`The local stack did not become ready:\n${printed}`);
    }
    await sleep(50);
  }
  const url = /Countermand is ready on (http:\S+)/.exec(printed)?.[1] ?? '';
  const token = /access token.*: (\S+)/i.exec(printed)?.[1] ?? '';

  const ask: LocalStackProcess['ask'] = async (method, path, { body: sent, headers = {} } = {}) => {
    const reply = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(sent === undefined ? {} : { body: typeof sent === 'string' ? sent : JSON.stringify(sent) }),
    });
    const body = (await reply.json()) as Record<string, unknown>;
    const replied = { status: reply.status, headers: Object.fromEntries(reply.headers), body };
    await expectDocumented({ route: routeTaking(method, path), ...replied });
    return { status: reply.status, headers: reply.headers, body };
  };
  const end = async (signal: NodeJS.Signals) => {
    const exited = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : Promise.resolve();
    child.kill(signal);
    await exited;
  };
  return {
    url,
    token,
    dataDir,
    printed,
    said: () => printed,
    process: child,
    ask,
    async waitUntilSettled(operationId, withinMs = 300_000) {
      const giveUpAt = Date.now() + withinMs;
      // Ever more seldom: dozens are waited for at once, and each look takes the CPU from the work that is waited for.
      for (let pauseMs = 100; ; pauseMs = Math.min(1_000, pauseMs * 1.5)) {
        const { body } = await ask('GET', `/v1/operations/${operationId}`);
        if (body['final'] === true || body['outcome'] === 'needs_attention') return body;
        if (Date.now() > giveUpAt) throw new Error(`Not settled: ${JSON.stringify(body)}`);
        await sleep(pauseMs);
      }
    },
    async stop() {
      await end('SIGTERM');
      return child.exitCode;
    },
    kill: () => end('SIGKILL'),
  };
}
