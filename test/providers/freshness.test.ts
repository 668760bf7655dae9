import { describe, expect, it } from '@jest/globals';
import { createHttpClient, type HttpRequest } from '../../functions/providers/http-client.ts';
import { startFakeProvider, type Delivery, type SeenRequest } from './fake-provider.ts';

const NOON = Date.parse('2026-11-20T12:00:00Z');
/** The lost ask ended a minute ago. */
const ENDED = NOON - 60_000;
const STALE = { kind: 'lost', problem: 'stale_reply' };
const FRESH = expect.objectContaining({ kind: 'reply', status: 200 });

/** Reads from a server whose headers are made of the time that it is; nothing takes time but waiting. */
async function read(
  headersAt: (now: number, nth: number) => Record<string, string>,
  options: { madeAfter?: number; status?: number; method?: 'GET' | 'POST'; timeoutMs?: number; times?: number } = {},
) {
  let now = NOON;
  const clock = {
    now: () => now,
    sleep: (ms: number) => {
      now += ms;
      return Promise.resolve();
    },
    random: () => 0,
  };
  const logged: [code: string, fields: unknown][] = [];
  const level = (code: string, fields?: unknown) => {
    logged.push([code, fields]);
  };
  const answer = (_request: SeenRequest, nth: number): Delivery => ({
    status: options.status ?? 200,
    headers: headersAt(now, nth),
    body: '{}',
  });
  const fake = await startFakeProvider(answer);
  try {
    const http = createHttpClient(
      { connection: 'loja-rio', provider: 'estoka', baseUrl: fake.baseUrl },
      { clock, log: { info: level, warn: level, error: level } },
    );
    const request: HttpRequest = {
      method: options.method ?? 'GET',
      url: new URL('/orders/340', fake.baseUrl),
      pathTemplate: '/orders/{orderId}',
      headers: { authorization: 'Token token=very-secret' },
      body: null,
      timeoutMs: options.timeoutMs ?? 20_000,
      ...(options.madeAfter !== undefined && { madeAfter: options.madeAfter }),
    };
    const call = (asked: HttpRequest) => (options.method === 'POST' ? http.send(asked) : http.read(asked));
    let result = await call(request);
    for (let time = 1; time < (options.times ?? 1); time += 1) result = await call(request);
    return { result, seen: fake.seen, logged };
  } finally {
    await fake.close();
  }
}

const httpDate = (ms: number) => new Date(ms).toUTCString();
const aged = (age: string) => () => ({ age });
/** The Date of a clock that is off by so much. */
const dated = (offMs: number) => (now: number) => ({ date: httpDate(now + offMs) });
/** The Date of a reply that a cache keeps. */
const kept = (at: number) => () => ({ date: httpDate(at) });

describe('a read', () => {
  it('asks past caches, each time', async () => {
    const { seen } = await read(aged('90'));
    expect(seen.length).toBeGreaterThan(1);
    for (const { headers } of seen) {
      expect(headers).toMatchObject({ 'cache-control': 'no-cache', pragma: 'no-cache' });
    }
  });

  it('is repeated where a cache answered, and believed once the provider does', async () => {
    const { result, seen } = await read((_now, nth) => (nth < 3 ? { age: '90' } : {}));
    expect(result).toEqual(FRESH);
    expect(seen).toHaveLength(3);
  });

  it('tells in the log that a reply was stale, and by how much', async () => {
    const { logged } = await read((now) => ({ age: '90', date: httpDate(now - 90_000) }), { timeoutMs: 1_000 });
    expect(logged).toContainEqual([
      'PROVIDER_REPLY_STALE',
      {
        connection: 'loja-rio',
        provider: 'estoka',
        method: 'GET',
        path: '/orders/{orderId}',
        ageMs: 90_000,
        dateBehindMs: 90_000,
      },
    ]);
  });
});

describe('a reply with an Age', () => {
  it.each([
    ['61', ENDED, STALE],
    ['60', ENDED, STALE],
    // Rounded down: it may be nearly a second older.
    ['59', ENDED, FRESH],
    ['0', ENDED, FRESH],
    [' 61 ', ENDED, STALE],
    ['61, 0', ENDED, STALE],
    ['0, 61', ENDED, STALE],
    ['61.5', ENDED, STALE],
    ['61 s', ENDED, STALE],
    ['999999999999999999999', ENDED, STALE],
    ['', ENDED, FRESH],
    ['-61', ENDED, FRESH],
    ['old', ENDED, FRESH],
    ['1', undefined, STALE],
    ['0', undefined, FRESH],
    // What is still to come cannot be waited for: it is as fresh as can be.
    ['0', NOON + 30_000, FRESH],
    ['1', NOON + 30_000, STALE],
  ])('of "%s", made after %j: %j', async (age, madeAfter, expected) => {
    // Too little time for a second look.
    const options = { timeoutMs: 1_000, ...(madeAfter !== undefined && { madeAfter }) };
    expect((await read(aged(age), options)).result).toEqual(expected);
  });

  it('in two lines is as old as the older one', async () => {
    const raw = ['age: 0', 'age: 61', 'content-length: 2'].join('\r\n');
    const fake = await startFakeProvider(() => ({ raw: `HTTP/1.1 200 OK\r\n${raw}\r\n\r\n{}` }));
    try {
      const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
      const clock = { now: () => NOON, sleep: () => Promise.resolve(), random: () => 0 };
      const http = createHttpClient({ connection: 'c', provider: 'estoka', baseUrl: fake.baseUrl }, { clock, log });
      const request = { method: 'GET', url: fake.baseUrl, pathTemplate: '/', headers: {}, body: null } as const;
      expect(await http.read({ ...request, timeoutMs: 9_000, madeAfter: ENDED })).toEqual(STALE);
    } finally {
      await fake.close();
    }
  });

  it.each([404, 410, 304, 401, 403, 422, 302])('proves nothing with the status %i either', async (status) => {
    expect((await read(aged('90'), { status })).result).toEqual(STALE);
  });

  it('of less than the second that passed since the ask is read again a second later', async () => {
    const { result, seen } = await read(aged('0'), { madeAfter: NOON - 10 });
    expect(result).toEqual(FRESH);
    expect(seen).toHaveLength(2);
  });

  it('to an ask is none to it, and is not asked again', async () => {
    const { result, seen } = await read(aged('1'), { method: 'POST' });
    expect(result).toEqual(STALE);
    expect(seen).toHaveLength(1);
    expect((await read(aged('0'), { method: 'POST' })).result).toEqual(FRESH);
  });

  it('that asks to wait is believed: it says nothing of an order', async () => {
    expect((await read(aged('90'), { status: 429 })).result).toMatchObject({ kind: 'reply', status: 429 });
  });
});

describe('a reply of which a cache says that it had it', () => {
  it.each([
    { 'cache-status': 'edge; hit; ttl=376' },
    { 'cache-status': 'origin; fwd=uri-miss; stored, edge; hit' },
    { 'x-cache': 'HIT' },
    { 'x-cache': 'Hit from cloudfront' },
    { 'x-cache': 'HIT, MISS' },
    { 'x-cache': 'TCP_MEM_HIT from a1-2-3-4 (AkamaiGHost/1)' },
    { 'x-cache': 'HIT from proxy.example:3128' },
    { 'x-cache-status': 'STALE' },
    { 'x-cache-status': 'UPDATING' },
    { 'x-proxy-cache': 'hit' },
    { 'cf-cache-status': 'HIT' },
    { warning: '110 - "Response is Stale"' },
    { warning: '199 - "x", 111 cache "Revalidation Failed"' },
  ])('proves nothing without an Age: %j', async (headers) => {
    const seen = await read(() => headers, { madeAfter: ENDED, timeoutMs: 1_000 });
    expect(seen.result).toEqual(STALE);
    expect((await read(() => headers, { timeoutMs: 1_000 })).result).toEqual(STALE);
    expect((await read(() => headers, { method: 'POST' })).result).toEqual(STALE);
  });

  it('is as old as its Age says', async () => {
    const hit = (age: string) => () => ({ 'x-cache': 'HIT', age });
    expect((await read(hit('59'), { madeAfter: ENDED, timeoutMs: 1_000 })).result).toEqual(FRESH);
    expect((await read(hit('60'), { madeAfter: ENDED, timeoutMs: 1_000 })).result).toEqual(STALE);
    // Not one that was just passed on: it had it before.
    expect((await read(hit('0'), { timeoutMs: 1_000 })).result).toEqual(STALE);
  });

  it.each([
    { 'cache-status': 'edge; fwd=miss; stored' },
    { 'cache-status': 'hit-cache; fwd=request' },
    { 'x-cache': 'MISS' },
    { 'x-cache': 'Miss from cloudfront' },
    { 'x-cache': 'RefreshHit from cloudfront' },
    { 'x-cache': 'TCP_REFRESH_HIT from a1-2-3-4' },
    { 'x-cache-status': 'EXPIRED' },
    { 'x-cache-status': 'REVALIDATED' },
    { 'x-cache-lookup': 'HIT from proxy.example:3128' },
    { 'cf-cache-status': 'DYNAMIC' },
    { 'cache-control': 'stale-while-revalidate=30' },
    { warning: '199 - "Miscellaneous warning"' },
  ])('is believed where the provider was asked: %j', async (headers) => {
    expect((await read(() => headers, { timeoutMs: 1_000 })).result).toEqual(FRESH);
  });
});

describe('a reply with a Date', () => {
  it('that is too early and stands still proves nothing', async () => {
    expect((await read(kept(ENDED - 1_000), { madeAfter: ENDED })).result).toEqual(STALE);
    expect((await read(kept(NOON - 31_000))).result).toEqual(STALE);
  });

  it('of a clock that is behind is believed: it moves on', async () => {
    const { result, seen, logged } = await read(dated(-3_600_000), { madeAfter: ENDED });
    expect(result).toEqual(FRESH);
    expect(seen).toHaveLength(2);
    expect(logged.map(([code]) => code)).toEqual(['PROVIDER_REPLIED', 'PROVIDER_REPLIED']);
  });

  it('of a clock that is known to be behind is believed at once', async () => {
    const { result, seen } = await read(dated(-3_600_000), { madeAfter: ENDED, times: 5 });
    expect(result).toEqual(FRESH);
    expect(seen).toHaveLength(6);
  });

  it('of a clock that is behind, and kept by a cache, proves nothing, though the clock is known', async () => {
    const behind = (now: number, nth: number) => ({ date: httpDate((nth <= 2 ? now : NOON - 300_000) - 3_600_000) });
    expect((await read(behind, { times: 2 })).result).toEqual(STALE);
  });

  it('of a clock that was behind and was set right is no cause to believe what is stale', async () => {
    const mended = (now: number, nth: number) => {
      if (nth <= 2) return { date: httpDate(now - 3_600_000) };
      return { date: httpDate(nth === 3 ? now : NOON - 300_000) };
    };
    expect((await read(mended, { times: 3 })).result).toEqual(STALE);
  });

  it('of two kept replies that answer in turn proves nothing: their dates do not move as time does', async () => {
    const { result } = await read((_now, nth) => ({ date: httpDate(NOON - 300_000 + nth * 20_000) }));
    expect(result).toEqual(STALE);
  });

  it('is not doubted within what clocks may differ by', async () => {
    const { result, seen } = await read(dated(-30_000));
    expect(result).toEqual(FRESH);
    expect(seen).toHaveLength(1);
    expect((await read(dated(600_000))).seen).toHaveLength(1);
  });

  it('that cannot be read, or is missing, tells nothing', async () => {
    expect((await read(() => ({ date: 'yesterday' }))).result).toEqual(FRESH);
    expect((await read(() => ({}))).result).toEqual(FRESH);
  });

  it('that is too early proves nothing where there is no time for a second look', async () => {
    const { result, seen } = await read(dated(-3_600_000), { timeoutMs: 1_000 });
    expect(result).toEqual(STALE);
    expect(seen).toHaveLength(1);
  });

  it('of an ask is not looked at: one reply does not tell a clock from a cache', async () => {
    expect((await read(dated(-3_600_000), { method: 'POST' })).result).toEqual(FRESH);
  });
});
