import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import {
  createHttpClient,
  endpoint,
  isSafeBaseUrl,
  isSuccess,
  jsonOf,
  type HttpRequest,
  type HttpResult,
} from '../../functions/providers/http-client.ts';
import { MAX_REPLY_BYTES } from '../../functions/providers/http-body.ts';
import type { ExchangeResult } from '../../functions/providers/http-exchange.ts';
import { startFakeProvider, startResettingServer, findUnusedBaseUrl, type Delivery } from './fake-provider.ts';

type LogLine = [level: string, code: string, fields: unknown];

/** A client whose clock advances only by sleeping. */
function clientOf(baseUrl: URL, random = 0, result?: ExchangeResult) {
  const pauses: number[] = [];
  const lines: LogLine[] = [];
  let now = Date.parse('2026-11-20T12:00:00Z');
  const clock = {
    now: () => now,
    sleep: (ms: number) => {
      pauses.push(ms);
      now += ms;
      return Promise.resolve();
    },
    random: () => random,
  };
  const level = (name: string) => (code: string, fields?: Record<string, unknown>) => {
    lines.push([name, code, fields]);
  };
  const log = { info: level('info'), warn: level('warn'), error: level('error') };
  return {
    http: createHttpClient(
      { connection: 'loja-rio', provider: 'estoka', baseUrl },
      { clock, log, ...(result && { exchange: () => Promise.resolve(result) }) },
    ),
    pauses,
    lines,
  };
}

const requestTo = (baseUrl: URL, changes: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'POST',
  url: new URL('/orders/77?keyword=Felipe', baseUrl),
  pathTemplate: '/orders/{orderId}',
  headers: { authorization: 'Token token=very-secret' },
  body: '{"name":"Felipe"}',
  timeoutMs: 10_000,
  ...changes,
});

async function sendTo(delivery: Delivery, changes: Partial<HttpRequest> = {}): Promise<HttpResult> {
  const fake = await startFakeProvider(() => delivery);
  try {
    return await clientOf(fake.baseUrl).http.send(requestTo(fake.baseUrl, changes));
  } finally {
    await fake.close();
  }
}

describe('sending', () => {
  it('gives back any reply as it is, a redirect too', async () => {
    const fake = await startFakeProvider(() => ({ status: 302, headers: { location: '/login' }, body: 'moved' }));
    try {
      const result = await clientOf(fake.baseUrl).http.send(requestTo(fake.baseUrl));
      expect(result).toMatchObject({ kind: 'reply', status: 302, body: 'moved' });
      expect(fake.seen).toHaveLength(1);
      expect(fake.seen[0]).toMatchObject({ method: 'POST', path: '/orders/77', body: '{"name":"Felipe"}' });
    } finally {
      await fake.close();
    }
  });

  it('uses a connection once', async () => {
    const fake = await startFakeProvider(() => ({ status: 200, body: '' }));
    try {
      await clientOf(fake.baseUrl).http.send(requestTo(fake.baseUrl));
      expect(fake.seen[0]?.headers.connection).toBe('close');
    } finally {
      await fake.close();
    }
  });

  it('is surely not sent where nobody listens, the name is unknown, or TLS fails', async () => {
    const notSent = { kind: 'not_sent', problem: 'provider_unreachable' };
    const nobody = await findUnusedBaseUrl();
    expect(await clientOf(nobody).http.send(requestTo(nobody))).toEqual(notSent);
    const unknown = new URL('https://no-such-host.invalid');
    expect(await clientOf(unknown).http.send(requestTo(unknown))).toEqual(notSent);
    const fake = await startFakeProvider(() => ({ status: 200, body: '' }));
    try {
      const tls = new URL(fake.baseUrl.href.replace('http:', 'https:'));
      expect(await clientOf(tls).http.send(requestTo(tls))).toEqual(notSent);
      expect(fake.seen).toEqual([]);
    } finally {
      await fake.close();
    }
  });

  it('is surely not sent when the time is over before it starts', async () => {
    const fake = await startFakeProvider(() => ({ status: 200, body: '' }));
    try {
      for (const timeoutMs of [0, -1, NaN]) {
        const result = await clientOf(fake.baseUrl).http.send(requestTo(fake.baseUrl, { timeoutMs }));
        expect(result.kind).toBe('not_sent');
      }
      expect(fake.seen).toEqual([]);
    } finally {
      await fake.close();
    }
  });

  it('is surely not sent when a TLS handshake does not end in time', async () => {
    const fake = await startResettingServer();
    try {
      const tls = new URL(fake.baseUrl.href.replace('http:', 'https:'));
      expect((await clientOf(tls).http.send(requestTo(tls, { timeoutMs: 100 }))).kind).toBe('not_sent');
    } finally {
      await fake.close();
    }
  });

  it('is surely not sent where connecting has used the time up', async () => {
    const fake = await startFakeProvider(() => ({ status: 200, body: '' }));
    // The connection is made, but the process gets to it only when the time is over: no timer says so first.
    const slowly: (message: unknown) => void = (message) => {
      (message as { socket: Socket }).socket.once('connect', () => {
        const end = performance.now() + 60;
        while (performance.now() < end);
      });
    };
    subscribe('net.client.socket', slowly);
    try {
      const result = await clientOf(fake.baseUrl).http.send(requestTo(fake.baseUrl, { timeoutMs: 50 }));
      expect(result.kind).toBe('not_sent');
      await setTimeout(50);
      expect(fake.seen).toEqual([]);
    } finally {
      unsubscribe('net.client.socket', slowly);
      await fake.close();
    }
  });

  it('is surely not sent with a credential that no header can hold', async () => {
    const result = await sendTo({ status: 200, body: '' }, { headers: { authorization: 'a\nb' } });
    expect(result.kind).toBe('not_sent');
  });

  it('is lost after a reset, a hang, and a slow drip that goes on beyond the time', async () => {
    expect(await sendTo('reset')).toEqual({ kind: 'lost', problem: 'connection_cut' });
    const startedAt = performance.now();
    expect(await sendTo('hang', { timeoutMs: 100 })).toEqual({ kind: 'lost', problem: 'timed_out' });
    const drip = { raw: 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n1', open: true };
    expect(await sendTo(drip, { timeoutMs: 100 })).toEqual({ kind: 'lost', problem: 'timed_out' });
    const tookMs = performance.now() - startedAt;
    expect(tookMs).toBeGreaterThanOrEqual(195);
  });

  it('is lost when the reply is too large, cut off, or not HTTP', async () => {
    const large = { status: 200, body: 'x'.repeat(MAX_REPLY_BYTES + 1) };
    expect(await sendTo(large)).toEqual({ kind: 'lost', problem: 'unreadable_reply' });
    const short = { raw: 'HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\nabc' };
    expect(await sendTo(short)).toEqual({ kind: 'lost', problem: 'connection_cut' });
    expect(await sendTo({ raw: 'what?\r\n\r\n' })).toEqual({ kind: 'lost', problem: 'unreadable_reply' });
    expect(await sendTo({ raw: '' })).toEqual({ kind: 'lost', problem: 'connection_cut' });
  });

  it('goes to no other origin than that of the base URL', async () => {
    const { http } = clientOf(new URL('https://api.example'));
    await expect(http.send(requestTo(new URL('https://api.example.evil.example')))).rejects.toThrow('origin');
    await expect(http.send(requestTo(new URL('http://api.example')))).rejects.toThrow('origin');
  });

  it.each([
    'http://api.example',
    'http://127.0.0.1.example',
    'http://10.127.0.1',
    'http://localhost.example',
    'http://[::2]',
    'ftp://127.0.0.1',
    'ftp://localhost',
  ])('does not go to %s without TLS', (url) => {
    expect(isSafeBaseUrl(new URL(url))).toBe(false);
    expect(() => clientOf(new URL(url))).toThrow('https');
  });

  it.each([
    'https://api.example',
    'http://localhost:1',
    'http://[::1]',
    'http://127.0.0.1',
    'http://127.10.20.255:8080',
  ])('goes to %s', (url) => {
    expect(isSafeBaseUrl(new URL(url))).toBe(true);
    expect(() => clientOf(new URL(url))).not.toThrow();
  });

  it.each([
    [{ kind: 'not_sent', problem: 'provider_unreachable', code: 'ECONNREFUSED' }, 'PROVIDER_NOT_REACHED'],
    [{ kind: 'lost', problem: 'connection_cut', code: 'ECONNRESET' }, 'PROVIDER_REPLY_LOST'],
  ] as const)('logs that there was no reply, and why: %j', async (result, code) => {
    const { http, lines } = clientOf(new URL('https://api.example'), 0, result);
    expect(await http.send(requestTo(new URL('https://api.example')))).toEqual({
      kind: result.kind,
      problem: result.problem,
    });
    expect(lines).toEqual([['warn', code, expect.objectContaining({ problem: result.problem, code: result.code })]]);
  });

  it('logs the exchange without address, headers or bodies', async () => {
    const fake = await startFakeProvider(() => ({ status: 200, body: 'Felipe Flores' }));
    try {
      const { http, lines } = clientOf(fake.baseUrl);
      await http.send(requestTo(fake.baseUrl));
      expect(lines).toEqual([
        [
          'info',
          'PROVIDER_REPLIED',
          {
            connection: 'loja-rio',
            provider: 'estoka',
            method: 'POST',
            path: '/orders/{orderId}',
            durationMs: 0,
            status: 200,
            bytes: 13,
          },
        ],
      ]);
    } finally {
      await fake.close();
    }
  });
});

describe('reading', () => {
  const read = async (deliveries: Delivery[], options: { timeoutMs?: number; random?: number } = {}) => {
    const fake = await startFakeProvider((_request, nth) => deliveries[nth - 1] ?? { status: 200, body: 'last' });
    try {
      const { http, pauses } = clientOf(fake.baseUrl, options.random);
      const request = requestTo(fake.baseUrl, { method: 'GET', body: null, timeoutMs: options.timeoutMs ?? 60_000 });
      return { result: await http.read(request), pauses, count: fake.seen.length };
    } finally {
      await fake.close();
    }
  };
  const oops = { status: 500, body: '' };

  it('is repeated after a 5xx, a 429 and a cut connection, with pauses that may double', async () => {
    const { result, pauses, count } = await read([oops, 'reset', { status: 429, body: '' }], { random: 0.5 });
    expect(result).toMatchObject({ kind: 'reply', body: 'last' });
    expect(pauses).toEqual([50, 100, 200]);
    expect(count).toBe(4);
  });

  it('is repeated after a 408', async () => {
    expect(await read([{ status: 408, body: '' }])).toMatchObject({ result: { status: 200 }, count: 2 });
  });

  it('gives the last result when no attempt is left', async () => {
    const { result, count } = await read([oops, oops, oops, { status: 503, body: '' }]);
    expect(result).toMatchObject({ kind: 'reply', status: 503 });
    expect(count).toBe(4);
  });

  it('waits as long as Retry-After asks for, in seconds or until a date', async () => {
    const limited = (value: string) => ({ status: 429, headers: { 'retry-after': value }, body: '' });
    const { pauses } = await read([limited('3'), limited('Fri, 20 Nov 2026 12:00:10 GMT'), limited('soon')]);
    expect(pauses).toEqual([3_000, 7_000, 0]);
  });

  it.each([
    [' 3 ', 3_000],
    ['0', 0],
    ['Fri, 20 Nov 2026 11:59:00 GMT', 0],
    ['-5', null],
    ['1.5', null],
    ['3s', null],
    ['in 3', null],
    ['2026-11-20T12:00:10Z', null],
    ['20 Nov 2026 12:00:10 GMT', null],
    ['', null],
  ])('understands "%s" for Retry-After as %j ms', async (value, expected) => {
    const result = { kind: 'reply', status: 404, headers: { 'retry-after': value }, body: '' } as const;
    const { http } = clientOf(new URL('https://api.example'), 0, result);
    expect(await http.read(requestTo(new URL('https://api.example')))).toMatchObject({ retryAfterMs: expected });
  });

  it('does not wait beyond its time', async () => {
    const { result, pauses } = await read([{ status: 429, headers: { 'retry-after': '60' }, body: '' }], {
      timeoutMs: 5_000,
    });
    expect(result).toMatchObject({ kind: 'reply', status: 429, retryAfterMs: 60_000 });
    expect(pauses).toEqual([]);
    const limited = (value: string) => [{ status: 429, headers: { 'retry-after': value }, body: '' }];
    expect(await read(limited('5'), { timeoutMs: 5_000 })).toMatchObject({ result: { status: 429 }, count: 1 });
    expect(await read(limited('4'), { timeoutMs: 5_000 })).toMatchObject({ result: { status: 200 }, count: 2 });
  });

  it('shares its time among all of its attempts', async () => {
    const given: number[] = [];
    let now = 0;
    const clock = { now: () => now, sleep: (ms: number) => Promise.resolve(void (now += ms)), random: () => 1 };
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const baseUrl = new URL('https://api.example');
    const exchange = ({ timeoutMs }: { timeoutMs: number }) => {
      given.push(timeoutMs);
      now += 2_000;
      return Promise.resolve({ kind: 'lost', problem: 'connection_cut', code: 'ECONNRESET' } as const);
    };
    const http = createHttpClient({ connection: 'loja-rio', provider: 'estoka', baseUrl }, { clock, log, exchange });
    await http.read(requestTo(baseUrl, { timeoutMs: 10_000 }));
    expect(given).toEqual([10_000, 7_900, 5_700, 3_300]);
  });

  it.each([200, 302, 400, 401, 404, 499])('is not repeated after HTTP %i', async (status) => {
    expect((await read([{ status, body: '' }])).count).toBe(1);
  });
});

describe('what a reply shows of who wrote it', () => {
  it.each<[Record<string, string>, string | null, boolean]>([
    [{ 'content-type': 'Application/JSON; charset=utf-8', 'x-request-id': 'c0ffee' }, 'application/json', true],
    [{ 'content-type': 'text/html' }, 'text/html', false],
    [{ 'content-type': ';', 'x-request-id': '' }, null, false],
    [{}, null, false],
  ])('%j', async (headers, contentType, hasRequestId) => {
    expect(await sendTo({ status: 200, headers, body: '' })).toMatchObject({ contentType, hasRequestId });
  });
});

describe('a status', () => {
  it.each([
    [199, false],
    [200, true],
    [299, true],
    [300, false],
  ])('of %i is success: %j', (status, expected) => {
    expect(isSuccess(status)).toBe(expected);
  });
});

describe("a reply's JSON", () => {
  it('is what stands in the body, also behind a byte order mark', () => {
    expect(jsonOf('\uFEFF{"a":1}')).toEqual({ a: 1 });
    expect(jsonOf('null')).toBeNull();
    expect(jsonOf('["\uFEFF"]')).toEqual(['\uFEFF']);
  });

  it.each(['', '<html>', '{"a":', 'x\uFEFF{}', '\uFEFF\uFEFF{}'])('is none in %j', (body) => {
    expect(jsonOf(body)).toBeUndefined();
  });
});

describe('the address of a call', () => {
  it.each([
    ['https://api.example', 'https://api.example/api/v1/orders'],
    ['https://api.example/', 'https://api.example/api/v1/orders'],
    ['https://api.example/shop//', 'https://api.example/shop/api/v1/orders'],
    ['https://api.example/api/v1', 'https://api.example/api/v1/orders'],
    ['https://api.example/shop/api/v1/', 'https://api.example/shop/api/v1/orders'],
    ['https://api.example//shop?x=1', 'https://api.example//shop/api/v1/orders'],
  ])('under %s is %s', (baseUrl, address) => {
    expect(endpoint(new URL(baseUrl), '/api/v1', '/orders').href).toBe(address);
  });
});
