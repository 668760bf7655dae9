import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { databaseProcess } from '../support/database-process.ts';
import { newDataDir, startLocalStack, type LocalStackProcess, type Reply } from '../support/local-stack.ts';
import { ORGANIZATION_ID, startCountingProvider, type CountingProvider } from '../disasters/counting-provider.ts';

/** What can happen to the running stack: a crowd at one order, and a database that is killed. */

const SHOP = 'crowded';

let dataDir: Awaited<ReturnType<typeof newDataDir>>;
let provider: CountingProvider;
let stack: LocalStackProcess;
beforeAll(async () => {
  dataDir = await newDataDir();
  provider = await startCountingProvider(300);
  const file = join(dataDir.path, 'my-connections.json');
  const account = { provider: 'estoka', baseUrl: provider.baseUrl, organizationId: ORGANIZATION_ID, credential: 'any' };
  await writeFile(file, JSON.stringify({ [SHOP]: { ...account, quietPeriodSeconds: 5, timeoutSeconds: 5 } }));
  stack = await startLocalStack(dataDir.path, ['--connections', file]);
});
afterAll(async () => {
  await stack.stop();
  await provider.close();
  await dataDir.remove();
});

const cancel = (orderId: string, headers: Record<string, string> = {}) =>
  stack.ask('POST', `/v1/connections/${SHOP}/orders/${orderId}/cancel`, { headers });

/** The answer that is no 5xx: after one, and where the connection was cut or was not made in time, the caller asks again. */
async function patiently(ask: () => Promise<Reply>): Promise<Reply> {
  for (;;) {
    const reply = await ask().catch((error: unknown) => {
      if (/TIMEOUT|SOCKET|ECONNRESET/.test(codeOf(error))) return null;
      throw error;
    });
    if (reply !== null && reply.status < 500 && reply.status !== 429) return reply;
    await sleep(500);
  }
}

/** Undici's code of why a fetch failed. */
function codeOf(error: unknown): string {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  return typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
}

/**
 * A caller that asks until it knows the end. Every answer on the way is one of three: that the order is being worked on, that its
 * outcome is still open, or that it is confirmed, which then is true.
 */
async function askUntilConfirmed(orderId: string, headers: Record<string, string>): Promise<Reply> {
  for (;;) {
    const reply = await patiently(() => cancel(orderId, headers));
    const { status, body } = reply;
    if (status === 409) expect(body['type']).toMatch(/operation-in-progress$/);
    else expect([status, body['id'], body['final']]).toEqual([status, `${SHOP}:${orderId}:1`, status === 200]);
    if (status === 200) {
      expect(body['outcome']).toBe('confirmed');
      expect(provider.effects(orderId)).toBe(1);
      return reply;
    }
    const retryAfter = reply.headers.get('retry-after') ?? '';
    expect(retryAfter).toMatch(/^\d+$/);
    await sleep(Number(retryAfter) * 1_000);
  }
}

it.each([100, 1_000])(
  '%i callers of one order at once have one effect, and each gets a true answer',
  async (callers) => {
    const orderId = `${callers}`;
    const replies = await Promise.all(
      Array.from({ length: callers }, (_, caller) =>
        askUntilConfirmed(orderId, caller % 2 === 0 ? {} : { 'idempotency-key': `${orderId}-${caller % 10}` }),
      ),
    );
    // All but the one whose ask it was, and that one's answer may have been lost in the gateway.
    const first = replies.filter(({ headers }) => headers.get('idempotent-replayed') !== 'true');
    expect(first.length).toBeLessThanOrEqual(1);
    expect(new Set(replies.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(provider.effects(orderId)).toBe(1);
  },
);

it('a database that is killed again and again under load costs no ask that was taken, and no truth', async () => {
  const kills = 6;
  const orderIds = Array.from({ length: 60 }, (_, index) => `${5_001 + index}`);
  const file = join(dataDir.path, 'dynamodb.sqlite');
  let answered = 0;
  const over = new AbortController();
  const everyAnswer = Promise.all(
    orderIds.flatMap((orderId) =>
      [{}, { 'idempotency-key': `key-${orderId}` }, {}].map(async (headers) => {
        await askUntilConfirmed(orderId, headers);
        answered += 1;
      }),
    ),
  ).finally(() => {
    over.abort();
  });
  const killing = (async () => {
    let last: number | null = null;
    let killed = 0;
    while (killed < kills && !over.signal.aborted) {
      await sleep(5);
      const running = databaseProcess(file);
      if (answered < killed * 20 || running === null || running === last) continue;
      process.kill(running, 'SIGKILL');
      last = running;
      killed += 1;
    }
  })();
  await everyAnswer;
  await killing;

  for (const orderId of orderIds) {
    const { body } = await patiently(() => stack.ask('GET', `/v1/connections/${SHOP}/orders/${orderId}`));
    expect(body).toMatchObject({ operation: { outcome: 'confirmed', final: true }, previous: [] });
    expect(provider.effects(orderId)).toBe(1);
  }
  const log = await readFile(join(dataDir.path, 'functions.log'), 'utf8');
  expect(log.match(/The embedded DynamoDB ended by itself/g)).toHaveLength(kills);
});
