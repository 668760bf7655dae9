import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { createWebhookSender } from '../../../../infra/local/sandbox/webhook-sender.ts';
import { until } from '../../../support/aws-services.ts';

const SECRET = 'a-secret-in-the-address';
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** Who answers with the status; none: never. */
async function receiver(status?: number): Promise<{ address: string; received: string[]; server: Server }> {
  const received: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push(`${request.method} ${request.url} ${Buffer.concat(chunks).toString('utf8')}`);
      if (status !== undefined) response.writeHead(status).end();
    });
  });
  return { address: await listening(server), received, server };
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const bound = server.address();
  const port = typeof bound === 'object' ? bound?.port : 0;
  return `http://127.0.0.1:${port}/${SECRET}`;
}

function sender() {
  const lines: string[] = [];
  const webhook = createWebhookSender((line) => lines.push(line));
  cleanups.push(() => webhook.close());
  return { webhook, lines };
}

describe('a sandbox’s webhook', () => {
  it('is posted to where its address is by then, and to nowhere before there is one', async () => {
    const { address, received } = await receiver(200);
    const { webhook, lines } = sender();
    webhook.post({ object_id: 1 });
    webhook.sendTo(() => Promise.resolve(address));
    webhook.post({ object_id: 2 });
    await until(() => lines.length > 0);
    expect(received).toEqual([`POST /${SECRET} {"object_id":2}`]);
    expect(lines).toEqual(['webhook {"object_id":2}: HTTP 200']);
  });

  it.each([
    ['is answered with an error', async () => (await receiver(500)).address],
    [
      'finds nobody there',
      async () => {
        const { address, server } = await receiver(200);
        await new Promise((resolve) => server.close(resolve));
        return address;
      },
    ],
    ['has no address that can be read', () => Promise.reject(new Error(`cannot read ${SECRET}`))],
  ])('is lost with a line in the log when it %s, and the next one is posted', async (_, address) => {
    const { webhook, lines } = sender();
    const first = await address().catch((error: unknown) => error as Error);
    webhook.sendTo(() => (first instanceof Error ? Promise.reject(first) : Promise.resolve(first)));
    webhook.post({ object_id: 1 });
    await until(() => lines.length === 1);
    const { address: next, received } = await receiver(200);
    webhook.sendTo(() => Promise.resolve(next));
    webhook.post({ object_id: 2 });
    await until(() => lines.length === 2);
    expect(received).toHaveLength(1);
    expect(lines.join('\n')).not.toContain(SECRET);
  });

  it('holds no connection of one who goes on answering', async () => {
    const replies = jest.spyOn(globalThis, 'fetch');
    cleanups.push(() => {
      replies.mockRestore();
    });
    let isLetGo = false;
    const server = createServer((_, response) => {
      response.on('close', () => {
        isLetGo = true;
      });
      response.writeHead(200).write('and so on');
    });
    const { webhook, lines } = sender();
    const address = await listening(server);
    webhook.sendTo(() => Promise.resolve(address));
    webhook.post({ object_id: 1 });
    await until(() => lines.length > 0);
    expect(lines).toEqual(['webhook {"object_id":1}: HTTP 200']);
    const reply = await (replies.mock.results[0]?.value as Promise<Response>);
    // Nothing more is read of it. Left alone it would be let go too, after minutes or whenever memory is collected.
    expect(await reply.body?.getReader().read()).toEqual({ done: true, value: undefined });
    await until(() => isLetGo);
  });

  it('does not keep the stack from stopping', async () => {
    const { address, received } = await receiver();
    const { webhook, lines } = sender();
    webhook.sendTo(() => Promise.resolve(address));
    webhook.post({ object_id: 1 });
    await until(() => received.length === 1);
    await webhook.close();
    expect(lines).toEqual(['webhook {"object_id":1}: not sent']);
  });
});
