import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient, ListTablesCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BEHAVIOURS } from '../../../infra/local/sandbox/behaviours.ts';
import { newDataDir, startLocalStack, type LocalStackProcess, type Reply } from '../../support/local-stack.ts';

/** The main job as a user has it: the deployed template on this machine, over HTTP, with sandbox providers. */

const PROVIDERS = { 'loja-rio': 'estoka', 'toko-jaya': 'ngorder' };
type Connection = keyof typeof PROVIDERS;
const CONNECTIONS = Object.keys(PROVIDERS) as Connection[];
/** What takes long is done at both at once. */
const atBoth = (work: (connection: Connection) => Promise<void>) => Promise.all(CONNECTIONS.map(work));

/** A cancel that was at the provider when the stack was killed. Its lease runs out while the other tests run. */
const CUT_OFF = '429';

let dataDir: Awaited<ReturnType<typeof newDataDir>>;
let killed: LocalStackProcess;
let stack: LocalStackProcess;
let sandboxes: Record<string, string>;

beforeAll(async () => {
  dataDir = await newDataDir();
  // Nobody tells of what ended: the settler finds it out by itself.
  const webhooks = join(dataDir.path, 'no-webhooks.json');
  await writeFile(webhooks, '{}');
  const start = async () => {
    stack = await startLocalStack(dataDir.path, ['--webhooks', webhooks]);
    sandboxes = await sandboxUrls(stack);
  };
  await start();
  await control('loja-rio', 'PUT', `orders/${CUT_OFF}`, { behaviour: 'acts_then_hangs' });
  const hanging = cancel('loja-rio', CUT_OFF).catch(() => null);
  while ((await callsOf('loja-rio', CUT_OFF)) === 0) await sleep(20);
  await stack.kill();
  await hanging;
  killed = stack;
  await start();
}, 300_000);
afterAll(async () => {
  await stack.stop();
  await dataDir.remove();
});

async function sandboxUrls({ dataDir: folder }: LocalStackProcess): Promise<Record<string, string>> {
  const connections = JSON.parse(await readFile(join(folder, 'connections.json'), 'utf8')) as Record<
    string,
    { baseUrl: string }
  >;
  return Object.fromEntries(Object.entries(connections).map(([name, { baseUrl }]) => [name, baseUrl]));
}

const cancelPath = (connection: string, orderId: string) => `/v1/connections/${connection}/orders/${orderId}/cancel`;
const cancel = (connection: string, orderId: string, options?: Parameters<LocalStackProcess['ask']>[2]) =>
  stack.ask('POST', cancelPath(connection, orderId), options);

async function control(
  connection: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<Record<string, number>> {
  const reply = await fetch(`${sandboxes[connection]}/_sandbox/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const text = await reply.text();
  return text === '' ? {} : (JSON.parse(text) as Record<string, number>);
}
const effectsOf = async (connection: string, orderId: string) =>
  (await control(connection, 'GET', `orders/${orderId}`))['effects'];
const callsOf = async (connection: string, orderId: string) =>
  (await control(connection, 'GET', `orders/${orderId}`))['calls'];

/** On a busy machine a burst can outlast the gateway's 30 s; that reply is the gateway's own, and the caller asks again. */
async function patiently(ask: () => Promise<Reply>): Promise<Reply> {
  for (;;) {
    const reply = await ask();
    if (reply.status < 500 || !('message' in reply.body)) return reply;
  }
}

/** An active order that no test has used. */
const fresh = (() => {
  const used: Record<string, Set<string>> = {};
  return async (connection: string): Promise<string> => {
    const { orders } = (await control(connection, 'GET', 'orders')) as unknown as {
      orders: { id: string; behaviour: string | null; status: string; calls: number }[];
    };
    const mine = (used[connection] ??= new Set(['340', '1338']));
    const order = orders.find(
      ({ id, behaviour, status, calls }) =>
        behaviour === null && calls === 0 && /^(waiting_picking|ACCEPTED|active)$/i.test(status) && !mine.has(id),
    );
    if (order === undefined) throw new Error(`The sandbox of ${connection} has no active order left.`);
    mine.add(order.id);
    return order.id;
  };
})();

describe.each<[Connection, string]>([
  ['loja-rio', '340'],
  ['toko-jaya', '1338'],
])('at %s', (connection, seedOrder) => {
  const provider = PROVIDERS[connection];

  it('the seed’s order is cancelled once, and the same ask again gets the same answer', async () => {
    const first = await cancel(connection, seedOrder, { body: { reason: 'customer', actor: 'ana' } });
    expect(first.status).toBe(200);
    expect(first.body).toMatchObject({
      id: `${connection}:${seedOrder}:1`,
      connection,
      provider,
      orderId: seedOrder,
      kind: 'cancel',
      outcome: 'confirmed',
      detail: 'cancelled',
      final: true,
      reason: 'customer',
      actor: 'ana',
      trigger: 'http',
      attempts: 1,
      evidence: { source: 'reply' },
    });
    const again = await cancel(connection, seedOrder, { body: { reason: 'customer', actor: 'ana' } });
    expect(again.status).toBe(200);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.body).toEqual(first.body);
    expect(await callsOf(connection, seedOrder)).toBe(1);
    const shown = await stack.ask('GET', `/v1/connections/${connection}/orders/${seedOrder}`);
    expect(shown.body).toEqual({ connection, orderId: seedOrder, operation: first.body, previous: [] });
  });

  it('the same key with another body is 422', async () => {
    const orderId = await fresh(connection);
    const headers = { 'idempotency-key': `key-${connection}` };
    expect((await cancel(connection, orderId, { headers, body: { reason: 'fraud' } })).status).toBe(200);
    const other = await cancel(connection, orderId, { headers, body: { reason: 'staff' } });
    expect(other).toMatchObject({ status: 422, body: { type: expect.stringMatching(/idempotency-key-reused$/) } });
  });

  it('50 callers at once, with and without keys, have one effect and nobody gets a 5xx', async () => {
    const orderId = await fresh(connection);
    const replies = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        patiently(() =>
          cancel(connection, orderId, i % 2 === 0 ? {} : { headers: { 'idempotency-key': `${connection}-${i % 10}` } }),
        ),
      ),
    );
    // No function failed but by taking too long for the gateway.
    const log = await readFile(join(dataDir.path, 'functions.log'), 'utf8');
    expect(log.split('\n').filter((line) => /runner .* failed: /.test(line) && !/Task timed out/.test(line))).toEqual(
      [],
    );
    // 202 where a busy machine was too slow to hear the provider's answer in time: then the look-up tells.
    expect(replies.filter(({ status }) => ![200, 202, 409].includes(status))).toEqual([]);
    expect(await stack.waitUntilSettled(`${connection}:${orderId}:1`)).toMatchObject({ outcome: 'confirmed' });
    expect(await effectsOf(connection, orderId)).toBe(1);
    expect(await callsOf(connection, orderId)).toBe(1);
  }, 60_000);

  it('an order that the provider does not have is 404, also the second time', async () => {
    for (let asks = 0; asks < 2; asks += 1) {
      expect(await cancel(connection, '777777')).toMatchObject({
        status: 404,
        body: {
          type: expect.stringMatching(/order-not-found$/),
          operation: { outcome: 'refused', detail: 'order_not_found' },
        },
      });
    }
  });

  it('a dry run says what would happen and changes nothing', async () => {
    const orderId = await fresh(connection);
    const { status, body } = await cancel(connection, orderId, { body: { dryRun: true } });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { dryRun: true, wouldCancel: true, warnings: expect.any(Array) },
    });
    expect(await callsOf(connection, orderId)).toBe(0);
    expect((await stack.ask('GET', `/v1/connections/${connection}/orders/${orderId}`)).status).toBe(404);
  });
});

describe('at both', () => {
  it('whatever the provider does, an operation ends true to it, with one effect at the most', async () => {
    const refused = { status: 409, outcome: 'refused', effects: 0 };
    const concerned = BEHAVIOURS.filter(({ behaviour }) => behaviour !== 'rejects_credential');
    await atBoth(async (connection) => {
      const ending: Record<string, object> = {
        refuses: refused,
        failure_body: refused,
        gateway_json: { status: 202, outcome: 'needs_attention', effects: 0 },
        ...(PROVIDERS[connection] === 'estoka' ? { pending_then_rejects: refused } : {}),
      };
      const seen = await Promise.all(
        concerned.map(async ({ orderId, behaviour }) => {
          const headers = { 'idempotency-key': `${connection}-${orderId}` };
          const first = await cancel(connection, orderId, { headers });
          const { outcome } = await stack.waitUntilSettled(`${connection}:${orderId}:1`);
          const again = await cancel(connection, orderId, { headers });
          const effects = await effectsOf(connection, orderId);
          return [behaviour, { first: first.status, status: again.status, outcome, effects }] as const;
        }),
      );
      const expected = concerned.map(({ behaviour }) => [
        behaviour,
        { first: expect.any(Number), status: 200, outcome: 'confirmed', effects: 1, ...ending[behaviour] },
      ]);
      expect({ connection, ...Object.fromEntries(seen) }).toEqual({ connection, ...Object.fromEntries(expected) });
      // A refusal is read back before it is answered, for which a busy machine may be too slow.
      const refusals = ['refuses', 'failure_body'];
      const wrong = seen.filter(
        ([behaviour, { first }]) => first !== 202 && !(first === 409 && refusals.includes(behaviour)),
      );
      expect({ connection, wrong }).toEqual({ connection, wrong: [] });
    });
  }, 300_000);

  it.each(CONNECTIONS)('a lost answer is settled with evidence from the read-back (%s)', async (connection) => {
    const { body } = await stack.ask('GET', `/v1/operations/${connection}:9001:1`);
    expect(body).toMatchObject({
      outcome: 'confirmed',
      attempts: 1,
      evidence: { source: 'read_back' },
      timeline: [{ event: 'requested' }, { event: 'unknown', detail: 'timed_out' }, { event: 'confirmed' }],
    });
  });

  it.each(CONNECTIONS)('what may be a gateway’s no is asked twice, and left to a person (%s)', async (connection) => {
    const { body } = await stack.ask('GET', `/v1/operations/${connection}:9020:1`);
    expect(body).toMatchObject({ outcome: 'needs_attention', detail: 'unknown_reply' });
    expect(await callsOf(connection, '9020')).toBe(2);
    const timeline = body['timeline'] as { event: string; detail?: string; status?: number }[];
    const unknown = timeline.filter(({ event, detail }) => event === 'unknown' && detail === 'unknown_reply');
    expect(unknown.map(({ status }) => status)).toEqual([403, 403]);
    expect(timeline.at(-1)).toMatchObject({ event: 'needs_attention', detail: 'unknown_reply' });
  });

  it('an ask while the provider is down is pending, and is made when it is back', async () => {
    await atBoth(async (connection) => {
      const orderId = await fresh(connection);
      await control(connection, 'POST', 'down', { seconds: 3 });
      await sleep(200);
      const reply = await cancel(connection, orderId);
      expect(reply).toMatchObject({
        status: 202,
        body: { connection, outcome: 'pending', detail: 'provider_unreachable', final: false },
      });
      expect(reply.headers.get('location')).toBe(`/v1/operations/${connection}:${orderId}:1`);
      expect(reply.headers.get('retry-after')).toMatch(/^\d+$/);
      expect(await stack.waitUntilSettled(`${connection}:${orderId}:1`)).toMatchObject({
        connection,
        outcome: 'confirmed',
      });
      expect(await effectsOf(connection, orderId)).toBe(1);
    });
  }, 120_000);

  it('a wrong credential stops the connection until it is changed in the file', async () => {
    const file = join(dataDir.path, 'connections.json');
    const connections = JSON.parse(await readFile(file, 'utf8')) as Record<string, Record<string, unknown>>;
    const changed = (connection: string) => `changed-credential-of-${connection}`;
    const readListed = async (connection: string) =>
      ((await stack.ask('GET', '/v1/connections')).body['connections'] as { name: string; health: string }[]).find(
        ({ name }) => name === connection,
      );
    const waiting = await Promise.all(
      CONNECTIONS.map(async (connection) => {
        const [first, second] = [await fresh(connection), await fresh(connection)];
        await control(connection, 'PUT', 'credential', { credential: changed(connection) });
        for (const orderId of [first, second]) {
          expect(await cancel(connection, orderId)).toMatchObject({
            status: 202,
            body: { connection, outcome: 'pending', detail: 'credential_rejected' },
          });
        }
        await sleep(1_500);
        expect(await readListed(connection)).toMatchObject({ health: 'needs_reauth' });
        expect(await callsOf(connection, second)).toBe(0);
        return { connection, orderIds: [first, second] };
      }),
    );

    const rotated = Object.entries(connections).map(([name, one]) => [name, { ...one, credential: changed(name) }]);
    await writeFile(file, JSON.stringify(Object.fromEntries(rotated)));
    for (const { connection, orderIds } of waiting) {
      for (const orderId of orderIds) {
        expect(await stack.waitUntilSettled(`${connection}:${orderId}:1`)).toMatchObject({ outcome: 'confirmed' });
        expect(await effectsOf(connection, orderId)).toBe(1);
      }
      expect(await readListed(connection)).toMatchObject({ health: 'ok' });
    }
  }, 120_000);
});

describe('after kill -9', () => {
  it('a cancel that was at the provider ends confirmed, with one effect, by the next start', async () => {
    expect(stack.token).toBe(killed.token);
    expect(await stack.waitUntilSettled(`loja-rio:${CUT_OFF}:1`)).toMatchObject({
      outcome: 'confirmed',
      evidence: { source: 'read_back' },
      timeline: [{ event: 'requested' }, { event: 'unknown', detail: 'interrupted' }, { event: 'confirmed' }],
    });
    expect(await control('loja-rio', 'GET', `orders/${CUT_OFF}`)).toMatchObject({ effects: 1, calls: 1 });
  }, 120_000);
});

describe('bad input', () => {
  const order = cancelPath('loja-rio', '340');
  const big = JSON.stringify({ note: 'x'.repeat(2 * 1024 * 1024) });
  it.each<[string, string, string, unknown, number, RegExp]>([
    ['no JSON', 'POST', order, '{"reason"', 400, /body/],
    ['an array', 'POST', order, [], 400, /body/],
    ['a wrong type', 'POST', order, { dryRun: 'yes' }, 400, /dryRun/],
    ['an unknown reason', 'POST', order, { reason: 'boredom' }, 400, /reason/],
    ['an unknown field', 'POST', order, { resaon: 'fraud' }, 400, /resaon/],
    ['a long note', 'POST', order, { note: 'x'.repeat(501) }, 400, /note/],
    ['2 MB', 'POST', order, big, 413, /body/],
    ['an encoded slash in the order id', 'POST', cancelPath('loja-rio', '34%2F0'), {}, 400, /orderId/],
    ['200 characters of order id', 'POST', cancelPath('loja-rio', '1'.repeat(200)), {}, 400, /orderId/],
    ['a word for an order id', 'POST', cancelPath('toko-jaya', 'abc'), {}, 400, /orderId/],
    ['an unknown connection', 'POST', cancelPath('loja-sul', '340'), {}, 404, /loja-sul/],
    ['an unknown route', 'GET', '/v1/nothing', undefined, 404, /not-found/],
    ['a slash too many', 'POST', cancelPath('loja-rio', '34/0'), {}, 404, /not-found/],
    ['a wrong method', 'DELETE', order, undefined, 405, /POST/],
    ['a wrong limit', 'GET', '/v1/operations?limit=0', undefined, 400, /limit/],
    ['a wrong outcome', 'GET', '/v1/operations?outcome=done', undefined, 400, /outcome/],
    ['a wrong date', 'GET', '/v1/operations?from=yesterday', undefined, 400, /from/],
    ['a made-up cursor', 'GET', '/v1/operations?cursor=e30', undefined, 400, /cursor/],
    ['a malformed operation id', 'GET', '/v1/operations/nonsense', undefined, 400, /operationId/],
    ['an unknown operation', 'GET', '/v1/operations/loja-rio:424242:1', undefined, 404, /operation/],
  ])('%s is a problem that names what is wrong', async (_, method, path, body, status, named) => {
    const reply = await stack.ask(method, path, body === undefined ? {} : { body });
    expect(reply.status).toBe(status);
    expect(reply.headers.get('content-type')).toBe('application/problem+json');
    expect(reply.body).toMatchObject({ status, title: expect.any(String), type: expect.any(String) });
    expect(JSON.stringify(reply.body)).toMatch(named);
    expect(reply.headers.get('x-request-id')).toBeTruthy();
  });

  it('without a token is 401, with a token for something else 403', async () => {
    const bare = await fetch(`${stack.url}${order}`, { method: 'POST' });
    expect(bare.status).toBe(401);
    expect(bare.headers.get('content-type')).toBe('application/problem+json');
    const wrong = await stack.ask('POST', order, { headers: { authorization: 'Bearer not-a-token' } });
    expect(wrong.status).toBe(401);
  });
});

describe('nothing leaks', () => {
  it('no credential and nothing personal is in a log line, a reply or a table', async () => {
    const { orders } = (await control('toko-jaya', 'GET', 'orders')) as unknown as { orders: { id: string }[] };
    const estoka = await fetch(`${sandboxes['loja-rio']}/api/v1/organizations/1/orders/340`, {
      headers: { authorization: 'Token token=changed-credential-of-loja-rio' },
    });
    const ngorder = await fetch(
      `${sandboxes['toko-jaya']}/api/open/order-cancel?per_page=50&start_date=2000-01-01&end_date=2100-01-01`,
      { headers: { authorization: 'Bearer changed-credential-of-toko-jaya' } },
    );
    // Everything personal that the providers' replies are planted with.
    const planted = new Set<string>();
    const collect = (value: unknown, key = ''): void => {
      if (typeof value === 'string') {
        if (
          /^(?:(?:receiver|sender)_(?:name|address|phone)|name|email|document|phones|street|zipcode|neighborhood)$/.test(
            key,
          ) &&
          value.length > 4
        )
          planted.add(value);
      } else if (Array.isArray(value))
        value.forEach((member) => {
          if (key !== 'products') collect(member, key);
        });
      else if (value !== null && typeof value === 'object')
        for (const [name, member] of Object.entries(value)) collect(member, name);
    };
    collect(await estoka.json());
    collect(await ngorder.json());
    expect(orders.length).toBeGreaterThan(20);
    expect([...planted].length).toBeGreaterThan(10);
    const secrets = [
      'sandbox-estoka-credential',
      'sandbox-ngorder-credential',
      'changed-credential-of-loja-rio',
      'changed-credential-of-toko-jaya',
      stack.token,
    ];

    const { dynamodbEndpoint } = JSON.parse(await readFile(join(dataDir.path, 'local.json'), 'utf8')) as {
      dynamodbEndpoint: string;
    };
    const dynamodb = new DynamoDBClient({
      endpoint: dynamodbEndpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
    const { TableNames = [] } = await dynamodb.send(new ListTablesCommand({}));
    const items = (
      await Promise.all(TableNames.map((TableName) => dynamodb.send(new ScanCommand({ TableName }))))
    ).flatMap(({ Items = [] }) => Items);
    dynamodb.destroy();
    const replies: Reply[] = [
      await stack.ask('GET', '/v1/operations?limit=100'),
      await stack.ask('GET', '/v1/connections'),
      await cancel('toko-jaya', '9008'),
    ];
    const log = await readFile(join(dataDir.path, 'functions.log'), 'utf8');
    const everything = { items: JSON.stringify(items), replies: JSON.stringify(replies), log };
    expect(items.length).toBeGreaterThan(30);
    expect(log).toContain('OPERATION_MOVED');
    for (const [place, text] of Object.entries(everything)) {
      expect({ place, found: [...planted, ...secrets].filter((value) => text.includes(value)) }).toEqual({
        place,
        found: [],
      });
    }
  });
});
