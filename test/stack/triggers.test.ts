import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { awsServicesOf, until } from '../support/aws-services.ts';
import { newDataDir, startLocalStack, type LocalStackProcess } from '../support/local-stack.ts';

/** Everything that can ask for a cancel, over the deployed template on this machine, with the sandbox providers. */

let dataDir: Awaited<ReturnType<typeof newDataDir>>;
let stack: LocalStackProcess;
let aws: ReturnType<typeof awsServicesOf>;

beforeAll(async () => {
  dataDir = await newDataDir();
  stack = await startLocalStack(dataDir.path);
  aws = awsServicesOf(stack);
});
afterAll(async () => {
  await stack.stop();
  await dataDir.remove();
});

interface SandboxOrder {
  id: string;
  status: string;
  behaviour: string | null;
  effects: number;
  calls: number;
}

async function sandbox<Reply>(path: string, init: RequestInit = {}): Promise<Reply> {
  const connections = JSON.parse(await readFile(join(dataDir.path, 'connections.json'), 'utf8')) as Record<
    string,
    { baseUrl: string }
  >;
  const reply = await fetch(`${connections['loja-rio']?.baseUrl ?? ''}/_sandbox/${path}`, init);
  const text = await reply.text();
  return JSON.parse(text === '' ? '{}' : text) as Reply;
}
const sandboxOrder = (orderId: string) => sandbox<SandboxOrder>(`orders/${orderId}`);

const used = new Set(['340']);
async function freshOrder(): Promise<string> {
  const { orders } = await sandbox<{ orders: SandboxOrder[] }>('orders');
  const order = orders.find(
    ({ id, status, behaviour, calls }) => status === 'active' && behaviour === null && calls === 0 && !used.has(id),
  );
  if (order === undefined) throw new Error('The sandbox has no active order left.');
  used.add(order.id);
  return order.id;
}

const operationOf = async (orderId: string): Promise<Record<string, unknown> | null> => {
  const { status, body } = await stack.ask('GET', `/v1/connections/loja-rio/orders/${orderId}`);
  return status === 404 ? null : (body['operation'] as Record<string, unknown>);
};
/** The events that told of the end of an order's operations. */
const endsTold = (orderId: string) =>
  aws
    .events()
    .filter(
      ({ detail: { operation } }) => operation?.orderId === orderId && /confirmed|refused/.test(operation.outcome),
    );
const isFinal = async (orderId: string) => (await operationOf(orderId))?.['final'] === true;
const behave = (orderId: string, behaviour: string | null) =>
  sandbox(`orders/${orderId}`, { method: 'PUT', body: JSON.stringify({ behaviour }) });

/** Each asks for an order's cancel, as one and the same ask however often. What it was told, where it is told something. */
const TRIGGERS: [string, (orderId: string) => Promise<unknown>][] = [
  [
    'http',
    async (orderId) => {
      for (;;) {
        const reply = await stack.ask('POST', `/v1/connections/loja-rio/orders/${orderId}/cancel`, {
          headers: { 'idempotency-key': `http-${orderId}` },
        });
        // Another trigger's ask is being worked on: ask again, as the reply says.
        if (reply.status !== 409 || !String(reply.body['type']).endsWith('operation-in-progress')) return reply.body;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    },
  ],
  ['queue', (orderId) => aws.send('commands', { connection: 'loja-rio', orderId, idempotencyKey: `queue-${orderId}` })],
  [
    'event',
    (orderId) =>
      aws.putEvent('OrderCancellationRequested', {
        connection: 'loja-rio',
        orderId,
        idempotencyKey: `event-${orderId}`,
      }),
  ],
  [
    'task',
    async (orderId) => {
      for (;;) {
        const input = {
          connection: 'loja-rio',
          orderId,
          idempotencyKey: `task-${orderId}`,
          taskToken: `task-${orderId}`,
        };
        const { failed, payload } = await aws.invoke('run-cancel-task', input);
        if (!failed || payload['errorType'] !== 'OperationInProgress') return payload;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    },
  ],
  [
    'webhook',
    async (orderId) => {
      const webhooks = JSON.parse(await readFile(join(dataDir.path, 'webhooks.json'), 'utf8')) as {
        checkout: { secret: { current: string } };
      };
      const body = JSON.stringify({ connection: 'loja-rio', orderId });
      const id = `webhook-${orderId}`;
      for (;;) {
        const at = new Date();
        const headers = {
          'webhook-id': id,
          'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
          'webhook-signature': new Webhook(webhooks.checkout.secret.current).sign(id, at, body),
        };
        const reply = await fetch(`${stack.url}/v1/webhooks/standard/checkout`, { method: 'POST', headers, body });
        // Anything but a 2xx is repeated by senders.
        if (reply.ok) return reply.json();
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    },
  ],
  [
    'batch',
    async (orderId) => {
      const reply = await stack.ask('POST', '/v1/connections/loja-rio/orders/cancel', {
        body: { orderIds: [orderId] },
        headers: { 'idempotency-key': `batch-${orderId}` },
      });
      return reply.body;
    },
  ],
];

describe('one order, asked for by every trigger at once, each three times', () => {
  it.each(['as_usual', 'acts_then_hangs', 'refuses'])(
    'has one effect, one end, and true answers: %s',
    async (behaviour) => {
      const orderId = await freshOrder();
      if (behaviour !== 'as_usual') await behave(orderId, behaviour);
      const asks = TRIGGERS.flatMap((trigger) => [trigger, trigger, trigger]);
      const answers = await Promise.all(asks.map(async ([name, ask]) => ({ name, answer: await ask(orderId) })));
      await until(async () => (await isFinal(orderId)) && (await aws.depth('commands')) === 0);

      const outcome = behaviour === 'refuses' ? 'refused' : 'confirmed';
      const id = `loja-rio:${orderId}:1`;
      const order = (await stack.ask('GET', `/v1/connections/loja-rio/orders/${orderId}`)).body;
      // A refusal had no effect: another trigger's ask that came after it is a new one. The same ask never is.
      const operations = [order['operation'], ...(order['previous'] as unknown[])] as { id: string; outcome: string }[];
      expect(operations.map((operation) => operation.outcome)).toEqual(operations.map(() => outcome));
      expect(operations.length).toBeLessThanOrEqual(behaviour === 'refuses' ? TRIGGERS.length : 1);
      expect((await sandboxOrder(orderId)).effects).toBe(behaviour === 'refuses' ? 0 : 1);
      expect((await sandboxOrder(orderId)).calls).toBe(operations.length);

      // One final event for each operation, whatever was delivered twice.
      const finals = () => [...new Set(endsTold(orderId).map(({ detail }) => detail.id))];
      await until(() => finals().length >= operations.length);
      expect(finals()).toHaveLength(operations.length);

      for (const { name, answer } of answers) {
        const said = answer as { outcome?: string; operation?: { outcome: string } };
        const seen = said.outcome ?? said.operation?.outcome ?? null;
        if (seen !== null)
          expect([name, seen]).toEqual([name, expect.stringMatching(`^(${outcome}|unknown|pending)$`)]);
      }
      const task = () => aws.taskAnswers().filter(({ taskToken }) => taskToken === `task-${orderId}`);
      await until(() => task().length > 0);
      expect(task()[0]?.action).toBe(outcome === 'refused' ? 'SendTaskFailure' : 'SendTaskSuccess');
      const batch = answers.find(({ name }) => name === 'batch')?.answer as { id: string };
      const shown = (await stack.ask('GET', `/v1/batches/${batch.id}`)).body;
      expect(shown).toMatchObject({ final: true, counts: { [outcome]: 1, waiting: 0 } });
      if (operations.length === 1) expect(shown['orders']).toMatchObject([{ operation: { id } }]);
    },
  );
});

describe('the command queue', () => {
  it('does nine of ten, and buries the tenth with its reason', async () => {
    const orderIds: string[] = [];
    for (let count = 0; count < 9; count += 1) orderIds.push(await freshOrder());
    const bodies: unknown[] = orderIds.map((orderId) => ({ connection: 'loja-rio', orderId }));
    bodies.splice(5, 0, { connection: 'loja-perdida', orderId: '1', note: 'ana@example.com' });
    await aws.sendAll('commands', bodies);
    await until(async () => (await Promise.all(orderIds.map(isFinal))).every(Boolean));
    await until(async () => (await aws.depth('dead-commands')) === 1);
    const [dead, ...more] = await aws.receive('dead-commands');
    expect(more).toEqual([]);
    expect(dead?.MessageAttributes?.['reason']?.StringValue).toBe('unknown-connection');
    expect(dead?.MessageAttributes?.['explanation']?.StringValue).toMatch(/no connection of this name/);
    expect(dead?.Body).not.toContain('ana@example.com');
    if (dead !== undefined) await aws.delete('dead-commands', dead);
  });

  it('has no effect more when a full dead-letter queue is redriven', async () => {
    // Commands that were carried out, and that SQS gave up all the same because nobody could say so.
    const { orders } = await sandbox<{ orders: SandboxOrder[] }>('orders');
    const done = orders.filter(({ status, effects }) => status === 'cancelled' && effects === 1).slice(0, 10);
    expect(done.length).toBeGreaterThan(5);
    await aws.sendAll(
      'dead-commands',
      done.map(({ id }) => ({ connection: 'loja-rio', orderId: id })),
    );
    await aws.redrive();
    await until(async () => (await aws.depth('dead-commands')) === 0);
    await until(async () => (await aws.depth('commands')) === 0);
    for (const { id, calls } of done) expect(await sandboxOrder(id)).toMatchObject({ id, effects: 1, calls });
    expect(await aws.depth('dead-commands')).toBe(0);
  });
});

describe('outcomes', () => {
  it('are not lost when all is killed at any moment', async () => {
    const orderIds: string[] = [];
    for (let count = 0; count < 3; count += 1) orderIds.push(await freshOrder());
    for (const orderId of orderIds) {
      await aws.send('commands', { connection: 'loja-rio', orderId });
      await until(async () => (await sandboxOrder(orderId)).calls > 0);
      await stack.kill();
      stack = await startLocalStack(dataDir.path);
      aws = awsServicesOf(stack);
    }
    await until(() => orderIds.every((orderId) => endsTold(orderId).length > 0));
    for (const orderId of orderIds) {
      expect(new Set(endsTold(orderId).map(({ detail }) => detail.id)).size).toBe(1);
      expect((await sandboxOrder(orderId)).effects).toBe(1);
    }
  });
});
