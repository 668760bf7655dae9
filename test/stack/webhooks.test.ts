import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newDataDir, startLocalStack, type LocalStackProcess } from '../support/local-stack.ts';
import { signShopify, signStandard } from '../webhooks/receiver.ts';

/** Webhooks as a user has them: the deployed template on this machine. The settler runs at the start and never again. */

let dataDir: Awaited<ReturnType<typeof newDataDir>>;
let stack: LocalStackProcess;
let sandbox: string;
let connections: Record<string, { baseUrl: string; credential: string }>;
type Webhooks = Record<string, { secret: { current: string; previous?: string } }>;

beforeAll(async () => {
  dataDir = await newDataDir();
  stack = await startLocalStack(dataDir.path, ['--settle-every', '86400']);
  connections = JSON.parse(await readFile(join(dataDir.path, 'connections.json'), 'utf8')) as typeof connections;
  sandbox = connections['loja-rio']?.baseUrl ?? '';
});
afterAll(async () => {
  await stack.stop();
  await dataDir.remove();
});

const webhooksFile = () => join(dataDir.path, 'webhooks.json');
const webhooks = async () => JSON.parse(await readFile(webhooksFile(), 'utf8')) as Webhooks;
const secretOf = async (name: string) => (await webhooks())[name]?.secret.current ?? '';
async function rotate(name: string, current: string): Promise<void> {
  const all = await webhooks();
  const previous = all[name]?.secret.current ?? '';
  await writeFile(webhooksFile(), JSON.stringify({ ...all, [name]: { ...all[name], secret: { current, previous } } }));
}

async function post(path: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) {
  const reply = await fetch(`${stack.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  return { status: reply.status, body: (await reply.json()) as Record<string, unknown> };
}
const sendEstoka = async (orderId: string, event = 'completed_cancel') =>
  post(
    `/v1/webhooks/estoka/estoka/${await secretOf('estoka')}`,
    JSON.stringify({ object_type: 'Order', object_id: Number(orderId), organization_id: 1, event }),
  );
async function sendStandard(orderId: string, options: { id?: string; secret?: string } = {}) {
  const { id = `msg_${orderId}`, secret = await secretOf('checkout') } = options;
  const body = JSON.stringify({ connection: 'loja-rio', orderId, reason: 'fraud' });
  const at = Date.now();
  return post('/v1/webhooks/standard/checkout', body, {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at / 1000)),
    'webhook-signature': signStandard(secret, { id, at, body }),
  });
}
async function sendShopify(orderId: string, eventId = `event-${orderId}`) {
  const order = {
    name: '#1042',
    cancelled_at: '2026-02-28T17:12:03-03:00',
    cancel_reason: 'inventory',
    note_attributes: [{ name: 'estoka_order_id', value: orderId }],
  };
  const body = JSON.stringify(order);
  return post('/v1/webhooks/shopify/shop', body, {
    'x-shopify-topic': 'orders/cancelled',
    'x-shopify-event-id': eventId,
    'x-shopify-hmac-sha256': signShopify(await secretOf('shop'), body),
  });
}
const atProvider = async (orderId: string) =>
  (await (await fetch(`${sandbox}/_sandbox/orders/${orderId}`)).json()) as Record<string, unknown>;
const operationOf = async (orderId: string) =>
  (await stack.ask('GET', `/v1/connections/loja-rio/orders/${orderId}`)).body['operation'] as Record<string, unknown>;

it('shows at the start where to send to', async () => {
  for (const path of [`estoka/estoka/${await secretOf('estoka')}`, 'standard/checkout', 'shopify/shop']) {
    expect(stack.printed).toContain(`${stack.url}/v1/webhooks/${path}\n`);
  }
});

describe('Estoka’s webhook', () => {
  it.each([
    ['a pending cancel that is completed', '9009', 'pending', 'confirmed', 'cancelled'],
    ['a pending cancel that is refused', '9010', 'pending', 'refused', 'active'],
    ['a cancel whose answer was lost', '9015', 'unknown', 'confirmed', 'cancelled'],
  ])('is sent by the sandbox and settles %s, with no settler at work', async (_, orderId, first, last, status) => {
    const asked = await stack.ask('POST', `/v1/connections/loja-rio/orders/${orderId}/cancel`);
    expect([asked.status, asked.body['outcome']]).toEqual([202, first]);
    expect(await stack.waitUntilSettled(`loja-rio:${orderId}:1`)).toMatchObject({
      outcome: last,
      attempts: 1,
      evidence: { source: 'read_back' },
    });
    expect(await atProvider(orderId)).toMatchObject({ status, calls: 1 });
    const log = await readFile(join(dataDir.path, 'sandbox.log'), 'utf8');
    expect(log).not.toContain(await secretOf('estoka'));
  });

  it('settles what the settler has not looked at again, whoever sends it', async () => {
    await fetch(`${sandbox}/_sandbox/orders/419`, { method: 'PUT', body: '{"behaviour":"acts_then_resets"}' });
    const asked = await stack.ask('POST', '/v1/connections/loja-rio/orders/419/cancel');
    expect([asked.status, asked.body['outcome']]).toEqual([202, 'unknown']);
    expect(await sendEstoka('419')).toMatchObject({
      status: 200,
      body: { operation: 'loja-rio:419:1', outcome: 'confirmed', final: true },
    });
    expect((await atProvider('419'))['calls']).toBe(1);
  });

  it('notes a cancel made elsewhere, and a later ask gets that', async () => {
    expect(await sendEstoka('405')).toMatchObject({ status: 200, body: { detail: 'already_cancelled' } });
    const asked = await stack.ask('POST', '/v1/connections/loja-rio/orders/405/cancel');
    expect(asked.status).toBe(200);
    expect(asked.body).toMatchObject({ detail: 'already_cancelled', trigger: 'webhook', attempts: 0 });
    expect((await atProvider('405'))['calls']).toBe(0);
  });
});

it('a signed message cancels once, though it comes three times at once and an event of a shop asks too', async () => {
  const replies = await Promise.all([
    sendStandard('406'),
    sendStandard('406'),
    sendStandard('406'),
    sendShopify('406'),
  ]);
  for (const { status, body } of replies) {
    expect([200, 202]).toContain(status);
    expect(body['operation']).toBe('loja-rio:406:1');
  }
  // Whoever came first asks: a message at once, the shop's event with the next look at what is open.
  expect(await sendEstoka('406')).toMatchObject({ body: { outcome: 'confirmed' } });
  expect(await sendStandard('406')).toMatchObject({ status: 200, body: { outcome: 'confirmed', final: true } });
  expect(await atProvider('406')).toMatchObject({ calls: 1, effects: 1 });
});

it('a cancel at Shopify is kept, and carried out at the next look', async () => {
  expect(await sendShopify('407')).toMatchObject({ status: 202, body: { outcome: 'pending', detail: 'queued' } });
  expect((await atProvider('407'))['calls']).toBe(0);
  expect(await sendEstoka('407')).toMatchObject({ status: 200, body: { outcome: 'confirmed' } });
  expect(await operationOf('407')).toMatchObject({
    reason: 'inventory',
    actor: 'shop',
    trigger: 'webhook',
    attempts: 1,
  });
  expect(await atProvider('407')).toMatchObject({ calls: 1, effects: 1 });
});

it('a secret is rotated by editing its file, while the functions run', async () => {
  const old = await secretOf('checkout');
  const next = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;
  expect((await sendStandard('408', { secret: next })).status).toBe(401);
  await rotate('checkout', next);
  expect((await sendStandard('409', { secret: next })).status).toBe(200);
  expect((await sendStandard('411', { secret: old })).status).toBe(200);
  expect((await atProvider('408'))['calls']).toBe(0);
});

it('what is wrong is a problem, and nothing is done', async () => {
  const secret = await secretOf('estoka');
  const hint = '{"object_type":"Order","object_id":412,"organization_id":1,"event":"completed_cancel"}';
  const wrong = [
    await post(`/v1/webhooks/estoka/estoka/${secret}x`, hint),
    await post(`/v1/webhooks/estoka/nobody/${secret}`, hint),
    await post(`/v1/webhooks/estoka/estoka/${secret}`, new Uint8Array([0x22, 0xff, 0x22])),
    await post(`/v1/webhooks/estoka/estoka/${secret}`, ' '.repeat(1024 * 1024 + 1)),
    await post('/v1/webhooks/standard/checkout', hint),
    await post('/v1/webhooks/shopify/shop', hint),
  ];
  expect(wrong.map(({ status }) => status)).toEqual([401, 404, 400, 413, 400, 400]);
  for (const { body } of wrong) expect(body['type']).toMatch(/^\/problems\//);
  expect((await stack.ask('GET', '/v1/connections/loja-rio/orders/412')).status).toBe(404);
});

it('no secret is in the functions’ log, nor in the lines that npm start prints', async () => {
  const log = await readFile(join(dataDir.path, 'functions.log'), 'utf8');
  expect(log).toContain('WEBHOOK_REFUSED');
  const { credential } = connections['loja-rio'] ?? { credential: '' };
  const others = [stack.token, credential];
  for (const name of ['estoka', 'checkout', 'shop']) {
    const { current, previous } = (await webhooks())[name]?.secret ?? { current: '' };
    for (const secret of [current, previous ?? current, ...others]) {
      expect(log).not.toContain(secret.replace('whsec_', ''));
      expect(linesOfWork().join('\n')).not.toContain(secret.replace('whsec_', ''));
    }
  }
});

describe('npm start', () => {
  it('prints one line for each request and each move, and nothing else', () => {
    const lines = linesOfWork();
    for (const line of lines) expect(line).toMatch(/^\d\d:\d\d:\d\d {2}.{4} {2}.{15} {2}(?: *\d+ ms| {8}) {2}\S/);
    const told = lines.join('\n');
    // Lost, and settled by the sandbox's own webhook.
    expect(told).toMatch(/ {8}unknown +\d+ ms {2}cancel-order +loja-rio:9015:1 +connection_cut$/m);
    expect(told).toMatch(
      / 202 {3}unknown +\d+ ms {2}POST \/v1\/connections\/loja-rio\/orders\/9015\/cancel {2}connection_cut$/m,
    );
    expect(told).toMatch(/ {8}confirmed +\d+ ms {2}receive-estoka-webhook +loja-rio:9015:1 +cancelled$/m);
    expect(told).toMatch(
      / 200 {3}confirmed +\d+ ms {2}POST \/v1\/webhooks\/estoka\/estoka\/… {2}loja-rio:9015:1 +cancelled$/m,
    );
    expect(told).toMatch(/ 401 +\d+ ms {2}POST \/v1\/webhooks\/estoka\/estoka\/… /m);
    expect(told).not.toContain('\u001b');
  });

  it('prints a line for each request that was answered', async () => {
    const log = await readFile(join(dataDir.path, 'functions.log'), 'utf8');
    const answered = log.match(/"message":"REQUEST_ANSWERED"/g)?.length;
    expect(linesOfWork().filter((line) => /^\S+ {2}\d{3} /.test(line))).toHaveLength(answered ?? 0);
  });
});

/** What was printed since the stack was ready, of its work. */
function linesOfWork(): string[] {
  return (
    stack
      .said()
      .split(/^UTC .*\n/m)[1]
      ?.trimEnd()
      .split('\n') ?? []
  );
}
