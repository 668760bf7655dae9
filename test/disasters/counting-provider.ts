import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** An Estoka that has every order, cancels what it is asked to after a moment, and counts. */
export interface CountingProvider {
  readonly baseUrl: string;
  /** How often the order was asked for, which is how often it was cancelled. */
  effects(orderId: string): number;
  close(): Promise<void>;
}

export const ORGANIZATION_ID = 1;

export async function startCountingProvider(thinkingMs: number): Promise<CountingProvider> {
  const effects = new Map<string, number>();
  const server = createServer((request, response) => {
    const [, orderId = '', action] = /\/orders\/(\d+)(\/cancel)?$/.exec(request.url ?? '') ?? [];
    const answer = async () => {
      request.resume();
      if (action !== undefined) effects.set(orderId, (effects.get(orderId) ?? 0) + 1);
      await sleep(thinkingMs);
      const status = effects.has(orderId) ? 'cancelled' : 'billing';
      const order = { id: Number(orderId), organization_id: ORGANIZATION_ID, status, order_histories: [] };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ order }));
    };
    void answer();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The provider listens on no port.');
  return {
    baseUrl: `http://127.0.0.1:${address.port}`,
    effects: (orderId) => effects.get(orderId) ?? 0,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
