import { connect } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { InvocationResult } from '../../../../infra/local/aws/execution-environment.ts';
import { PortTaken } from '../../../../infra/listen.ts';
import { startGateway, type Answered, type Gateway, type GatewayNeeds } from '../../../../infra/local/aws/gateway.ts';

const routes = [
  { routeKey: 'POST /closed', functionName: 'work', authorizerName: 'authorize' },
  { routeKey: '$default', functionName: 'work', authorizerName: null },
];
const answer = (value: unknown): Promise<InvocationResult> =>
  Promise.resolve({ kind: 'returned', payload: JSON.stringify(value) });
const fail = (): Promise<InvocationResult> =>
  Promise.resolve({ kind: 'failed', error: { errorType: 'Error', errorMessage: 'no', trace: [] } });

let gateway: Gateway | undefined;
const start = async (needs: Partial<GatewayNeeds> & Pick<GatewayNeeds, 'invoke'>) =>
  (gateway = await startGateway({ routes, port: 0, ...needs }));
afterEach(async () => {
  await gateway?.close(0);
  gateway = undefined;
});

/** What comes back for a request that no client library would write so. */
async function overSocket(url: string, request: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.end(request);
  let reply = '';
  for await (const chunk of socket.setEncoding('utf8')) reply += String(chunk);
  return reply;
}

describe('the gateway', () => {
  it("puts the authorizer's context into the function's event", async () => {
    const events: unknown[] = [];
    const { url } = await start({
      invoke: (name, event) => {
        events.push(event);
        return answer(name === 'authorize' ? { isAuthorized: true, context: { who: 'ana' } } : { statusCode: 204 });
      },
    });
    expect((await fetch(`${url}/closed`, { method: 'POST', body: 'x' })).status).toBe(204);
    expect(events).toEqual([
      expect.objectContaining({ type: 'REQUEST' }),
      expect.objectContaining({ requestContext: expect.objectContaining({ authorizer: { lambda: { who: 'ana' } } }) }),
    ]);
  });

  it('refuses who is not authorized, and fails where the authorizer does, without running the function', async () => {
    const ran: string[] = [];
    let verdict = () => answer({ isAuthorized: false });
    const { url } = await start({
      invoke: (name) => {
        ran.push(name);
        return verdict();
      },
    });
    expect((await fetch(`${url}/closed`, { method: 'POST' })).status).toBe(403);
    verdict = fail;
    expect((await fetch(`${url}/closed`, { method: 'POST' })).status).toBe(500);
    expect(ran).toEqual(['authorize', 'authorize']);
  });

  it('waits for a function only so long, and then abandons it', async () => {
    let abandoned: AbortSignal | undefined;
    const { url } = await start({
      invoke: (_, __, signal) => {
        abandoned = signal;
        return new Promise(() => {});
      },
      integrationTimeoutMs: 20,
    });
    const reply = await fetch(`${url}/slow`);
    expect([reply.status, await reply.json()]).toEqual([503, { message: 'Service Unavailable' }]);
    expect(abandoned?.aborted).toBe(true);
  });

  it('takes no more than 10 MB', async () => {
    const { url } = await start({ invoke: () => answer({ statusCode: 200 }) });
    const post = async (bytes: number) =>
      (await fetch(`${url}/`, { method: 'POST', body: Buffer.alloc(bytes) })).status;
    expect(await post(10 * 1024 * 1024)).toBe(200);
    expect(await post(10 * 1024 * 1024 + 1)).toBe(413);
  });

  it('answers HEAD with the headers of a GET, and nothing after them', async () => {
    const { url } = await start({
      invoke: () => answer({ statusCode: 200, headers: { 'content-length': '7', etag: '"v"' }, body: '' }),
    });
    const raw = await overSocket(url, 'HEAD /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(raw).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(raw).toMatch(/\r\netag: "v"\r\n/);
    expect(raw).toMatch(/\r\ncontent-length: 7\r\n/);
    expect(raw).toMatch(/\r\n\r\n$/);
  });

  it.each([
    ['GET http://127.0.0.1:3000/closed?a=b%20c HTTP/1.1', '/closed', 'a=b%20c', '127.0.0.1:3000'],
    ['GET HTTPS://api.example/closed%2Fx HTTP/1.1', '/closed/x', '', 'api.example'],
    ['GET http://api.example HTTP/1.1', '/', '', 'api.example'],
    ['GET http://api.example?a=b HTTP/1.1', '/', 'a=b', 'api.example'],
    ['GET /closed HTTP/1.1', '/closed', '', 'sent.example'],
    ['GET //closed HTTP/1.1', '//closed', '', 'sent.example'],
    ['GET /http://api.example/ HTTP/1.1', '/http://api.example/', '', 'sent.example'],
    ['OPTIONS * HTTP/1.1', '*', '', 'sent.example'],
  ])('takes the request target of %s', async (line, rawPath, rawQueryString, host) => {
    const events: unknown[] = [];
    const { url } = await start({
      invoke: (_, event) => {
        events.push(event);
        return answer({ statusCode: 204 });
      },
    });
    const raw = await overSocket(url, `${line}\r\nHost: sent.example\r\nConnection: close\r\n\r\n`);
    expect(raw).toMatch(/^HTTP\/1\.1 204 /);
    expect(events).toMatchObject([{ rawPath, rawQueryString, headers: { host } }]);
  });

  it('tells of every request how it was answered, whatever became of it', async () => {
    const told: Answered[] = [];
    let verdict: () => Promise<InvocationResult> = () => answer({ isAuthorized: true });
    const { url } = await start({
      routes: [...routes.slice(0, 1), { routeKey: 'GET /orders/{id}', functionName: 'work', authorizerName: null }],
      invoke: (name) => (name === 'authorize' ? verdict() : answer({ statusCode: 204 })),
      onAnswered: (answered) => told.push(answered),
    });
    const post = async (path: string, bytes = 0) =>
      fetch(`${url}${path}`, { method: 'POST', body: Buffer.alloc(bytes) });
    await fetch(`${url}/orders/7?a=b`);
    await post('/closed');
    await post('/nowhere');
    verdict = () => answer({ isAuthorized: false });
    await post('/closed');
    verdict = () => Promise.reject(new Error('on purpose'));
    await post('/closed');
    await post('/closed', 10 * 1024 * 1024 + 1);
    expect(told.map(({ method, target, reply }) => [method, target, reply.status])).toEqual([
      ['GET', '/orders/7?a=b', 204],
      ['POST', '/closed', 204],
      ['POST', '/nowhere', 404],
      ['POST', '/closed', 403],
      ['POST', '/closed', 500],
      ['POST', '/closed', 413],
    ]);
    expect(told[0]).toMatchObject({
      match: { route: { routeKey: 'GET /orders/{id}' }, pathParameters: { id: '7' } },
      isHeard: true,
      ms: expect.any(Number),
    });
    expect(told[2]?.match).toBeNull();
  });

  it('tells of a request whose caller has gone before the answer', async () => {
    const told = Promise.withResolvers<Answered>();
    const caller = new AbortController();
    const { url } = await start({
      routes,
      invoke: async () => {
        caller.abort();
        // Until the connection's end has come here.
        await new Promise((resolve) => setTimeout(resolve, 200));
        return answer({ statusCode: 200 });
      },
      onAnswered: told.resolve,
    });
    await expect(fetch(`${url}/slow`, { signal: caller.signal })).rejects.toThrow(/abort/);
    expect(await told.promise).toMatchObject({ target: '/slow', reply: { status: 200 }, isHeard: false });
  });

  it('says that a port is taken', async () => {
    const { url } = await start({ invoke: fail });
    const port = Number(new URL(url).port);
    await expect(startGateway({ routes, invoke: fail, port })).rejects.toThrow(PortTaken);
  });
});
