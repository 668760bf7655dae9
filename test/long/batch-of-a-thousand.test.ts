import { writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../support/aws-services.ts';
import { newDataDir, startLocalStack, type LocalStackProcess } from '../support/local-stack.ts';

/** A provider's account with orders that misbehave in turns, which counts what really happened. */
interface Account {
  readonly baseUrl: string;
  readonly effects: Map<string, number>;
  /** Cancels that were open at once, at the most. */
  mostAtOnce(): number;
  close(): Promise<void>;
}

const ORDERS = 500;
/** Each look reads a thousand items. */
const LOOK_EVERY_MS = 1_000;
const FAULTS = [
  'none',
  'none',
  'none',
  'refuses',
  'none',
  'acts_then_cuts',
  'cuts_once',
  'none',
  'acts_then_500',
  'limits_once',
];
const faultOf = (orderId: string) => FAULTS[Number(orderId) % FAULTS.length] ?? 'none';

async function startAccount(dialect: 'estoka' | 'ngorder'): Promise<Account> {
  const effects = new Map<string, number>();
  const asked = new Map<string, number>();
  let open = 0;
  let most = 0;
  const json = (response: ServerResponse, status: number, body: unknown) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  const order = (id: string) => ({
    order: {
      ...{ id: Number(id), organization_id: 1, data: { total_value: 10 }, order_histories: [], order_returns: [] },
      status: effects.has(id) ? 'cancelled' : 'waiting_picking',
    },
  });
  const cancelOf = async (incoming: IncomingMessage): Promise<string | null> => {
    let body = '';
    for await (const chunk of incoming.setEncoding('utf8')) body += String(chunk);
    if (incoming.method !== 'POST') return null;
    if (dialect === 'estoka') return /\/orders\/(\d+)\/cancel$/.exec(incoming.url ?? '')?.[1] ?? null;
    return String((JSON.parse(body) as { id: number }).id);
  };
  const answerCancel = (id: string, response: ServerResponse) => {
    const times = (asked.get(id) ?? 0) + 1;
    asked.set(id, times);
    const fault = faultOf(id);
    const cut = () => response.socket?.resetAndDestroy();
    const act = () => effects.set(id, (effects.get(id) ?? 0) + 1);
    if (fault === 'refuses') {
      const no = { response: 'Failed', message: 'Pesanan sudah dikirim', data: null };
      json(response, 422, dialect === 'estoka' ? { errors: 'Pedido já foi enviado' } : no);
      return;
    }
    if (fault === 'limits_once' && times === 1) {
      json(response, 429, {});
      return;
    }
    if (fault === 'cuts_once' && times === 1) {
      cut();
      return;
    }
    act();
    if (fault === 'acts_then_cuts') cut();
    else if (fault === 'acts_then_500') json(response, 500, {});
    else
      json(
        response,
        200,
        dialect === 'estoka' ? order(id) : { response: 'success', data: { order_id: Number(id), po_number: 1 } },
      );
  };
  const answerRead = (url: URL, response: ServerResponse) => {
    if (dialect === 'estoka') {
      json(response, 200, order(/\/orders\/(\d+)$/.exec(url.pathname)?.[1] ?? ''));
      return;
    }
    const page = (ids: readonly string[], status: string) => {
      const number = Number(url.searchParams.get('pagination_offset') ?? '1');
      const size = Number(url.searchParams.get('per_page') ?? '10');
      const rows = ids
        .slice((number - 1) * size, number * size)
        .map((id) => ({ order_id: Number(id), order_status: status }));
      const pagination = {
        total: ids.length,
        current_page: number,
        total_pages: Math.max(1, Math.ceil(ids.length / size)),
      };
      json(response, 200, { data: rows, meta: { pagination } });
    };
    if (url.pathname.endsWith('/order-cancel')) {
      page(url.searchParams.get('type') === 'CANCEL' ? [...effects.keys()] : [], 'CANCELED');
    } else {
      const id = url.searchParams.get('keyword') ?? '';
      page(effects.has(id) ? [] : [id], 'ACCEPTED');
    }
  };
  const server = createServer((incoming, response) => {
    void (async () => {
      const id = await cancelOf(incoming);
      if (id === null) {
        answerRead(new URL(incoming.url ?? '/', 'http://account'), response);
        return;
      }
      most = Math.max(most, (open += 1));
      await new Promise((resolve) => setTimeout(resolve, 5));
      open -= 1;
      answerCancel(id, response);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    effects,
    mostAtOnce: () => most,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('a thousand orders in batches at two providers that misbehave', () => {
  let dataDir: Awaited<ReturnType<typeof newDataDir>>;
  let stack: LocalStackProcess;
  let accounts: Record<string, Account>;
  let start: () => Promise<LocalStackProcess>;
  beforeAll(async () => {
    dataDir = await newDataDir();
    accounts = { 'loja-rio': await startAccount('estoka'), 'toko-jaya': await startAccount('ngorder') };
    const shared = { credential: 'secret', quietPeriodSeconds: 1, timeoutSeconds: 10 };
    const file = join(dataDir.path, 'own-connections.json');
    await writeFile(
      file,
      JSON.stringify({
        'loja-rio': { provider: 'estoka', baseUrl: accounts['loja-rio']?.baseUrl, organizationId: 1, ...shared },
        'toko-jaya': { provider: 'ngorder', baseUrl: accounts['toko-jaya']?.baseUrl, ...shared },
      }),
    );
    start = () => startLocalStack(dataDir.path, ['--connections', file]);
    stack = await start();
  });
  afterAll(async () => {
    await stack.stop();
    await Promise.all(Object.values(accounts).map((account) => account.close()));
    await dataDir.remove();
  });

  it('end complete and true, at the connections’ pace, over a stop in the middle', async () => {
    const orderIds = Array.from({ length: ORDERS }, (_, index) => String(1_000 + index));
    const batches: string[] = [];
    for (const connection of Object.keys(accounts)) {
      const taken = await stack.ask('POST', `/v1/connections/${connection}/orders/cancel`, {
        body: { orderIds, reason: 'inventory' },
        headers: { 'idempotency-key': `recall-of-${connection}` },
      });
      expect(taken).toMatchObject({ status: 202, body: { total: ORDERS } });
      batches.push(String(taken.body['id']));
    }
    const readBatch = async (id: string) => (await stack.ask('GET', `/v1/batches/${id}`)).body as unknown as Shown;
    interface Shown {
      final: boolean;
      counts: Record<string, number>;
      orders: { orderId: string; operation: { id: string; outcome: string } | null }[];
    }
    const waiting = async () => {
      const all = await Promise.all(batches.map(readBatch));
      return all.reduce((sum, { counts }) => sum + (counts['waiting'] ?? 0), 0);
    };
    await until(async () => (await waiting()) < 2 * ORDERS - 100, LOOK_EVERY_MS);
    expect(await waiting()).toBeGreaterThan(0);
    await stack.kill();
    stack = await start();

    for (const [index, connection] of Object.keys(accounts).entries()) {
      const id = batches[index] ?? '';
      await until(async () => (await readBatch(id)).final, LOOK_EVERY_MS);
      const { orders, counts } = await readBatch(id);
      expect(orders.map(({ orderId, operation }) => [orderId, operation?.id, operation?.outcome])).toEqual(
        orderIds.map((orderId) => [
          orderId,
          `${connection}:${orderId}:1`,
          faultOf(orderId) === 'refuses' ? 'refused' : 'confirmed',
        ]),
      );
      expect(counts).toMatchObject({ confirmed: 450, refused: 50, waiting: 0, failed: 0 });
      const account = accounts[connection];
      expect(account?.effects.size).toBe(450);
      expect([...(account?.effects.values() ?? [])].filter((times) => times !== 1)).toEqual([]);
      // Whose a call is cannot be seen here: four from the queue (test/cancel-queued-orders.test.ts holds it to them), and four
      // from the settler, which asks again for what got lost.
      expect(account?.mostAtOnce()).toBeLessThanOrEqual(8);
    }
  }, 900_000);
});
