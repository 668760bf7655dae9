import { createServer, type IncomingHttpHeaders } from 'node:http';
import { createServer as createTcpServer, type Server } from 'node:net';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** How the fake answers. `raw` is written as it is, and then the connection is ended, unless `open`. */
export type Delivery =
  | { status: number; headers?: Record<string, string>; body: string }
  | { raw: string | Buffer; open?: boolean }
  | 'hang'
  | 'reset';

export interface FakeProvider {
  readonly baseUrl: URL;
  readonly seen: readonly SeenRequest[];
  close(): Promise<void>;
}

/** A provider on loopback that answers as the script says, and remembers what it was asked. */
export async function startFakeProvider(
  script: (request: SeenRequest, nth: number) => Delivery,
): Promise<FakeProvider> {
  const seen: SeenRequest[] = [];
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const url = new URL(incoming.url ?? '/', 'http://127.0.0.1');
      // Tests have clocks of their own, by which a true date would be out of date.
      response.sendDate = false;
      const request = {
        method: incoming.method ?? '',
        path: url.pathname,
        query: url.searchParams,
        headers: incoming.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      };
      seen.push(request);
      const delivery = script(request, seen.length);
      if (delivery === 'hang') return;
      if (delivery === 'reset') incoming.socket.resetAndDestroy();
      else if ('raw' in delivery) {
        incoming.socket.write(delivery.raw);
        if (delivery.open !== true) incoming.socket.end();
      } else response.writeHead(delivery.status, delivery.headers ?? {}).end(delivery.body);
    });
  });
  const baseUrl = await listen(server);
  return {
    baseUrl,
    seen,
    close: async () => {
      server.closeAllConnections();
      await stop(server);
    },
  };
}

/** Takes connections and resets them before a request can be read. */
export async function startResettingServer(): Promise<{ baseUrl: URL; close(): Promise<void> }> {
  const server = createTcpServer((socket) => {
    socket.on('error', () => undefined);
    socket.resetAndDestroy();
  });
  return { baseUrl: await listen(server), close: () => stop(server) };
}

/** An address at which nobody listens. */
export async function findUnusedBaseUrl(): Promise<URL> {
  const server = createTcpServer();
  const baseUrl = await listen(server);
  await stop(server);
  return baseUrl;
}

function listen(server: Server): Promise<URL> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('no port');
      resolve(new URL(`http://127.0.0.1:${address.port}`));
    });
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}
