import type { Server } from 'node:net';
import type { Server as HttpServer } from 'node:http';

/** Thrown when another program already listens on the port. */
export class PortTaken extends Error {
  override readonly name = 'PortTaken';

  constructor(port: number) {
    super(`Port ${port} is taken: choose another with --port, or 0 for any free one.`);
  }
}

/** Makes a server listen, on this machine only, and returns its port. `port`: 0 for any free one. Throws {@link PortTaken}. */
export function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new PortTaken(port) : error);
    };
    server.once('error', fail);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', fail);
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('The server listens on no port.'));
      else resolve(address.port);
    });
  });
}

/** Starts a part on the port, or on any free one if the port is taken. */
export function onPortOrAny<Part>(port: number, start: (port: number) => Promise<Part>): Promise<Part> {
  return start(port).catch((error: unknown) => {
    if (error instanceof PortTaken) return start(0);
    throw error;
  });
}

/** Stops a server at once and closes all its connections. */
export async function endServer(server: HttpServer): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}
