import { describe, expect, it } from '@jest/globals';
import { createHttpClient } from '../../functions/providers/http-client.ts';
import type {
  AskLimits,
  CancelReply,
  DeleteReply,
  LookUpReply,
  Provider,
  ProviderClient,
  RestoreReply,
} from '../../functions/providers/provider.ts';
import type { Clock } from '../../functions/runtime/clock.ts';
import { nested } from '../support/nested.ts';
import {
  startFakeProvider,
  startResettingServer,
  findUnusedBaseUrl,
  type Delivery,
  type SeenRequest,
} from './fake-provider.ts';

/** How one provider's wire looks, for the suite that every provider has to pass. */
export interface Speech<Settings> {
  readonly provider: Provider<Settings>;
  readonly settings: Settings;
  readonly orderId: string;
  readonly cancelled: Delivery;
  readonly alreadyCancelled: Delivery;
  readonly refused: { delivery: Delivery; words: string };
  readonly notFound: { delivery: Delivery; words: string };
  /** 401, in the provider's own voice. */
  readonly unauthorized: Delivery;
  readonly failureBody: { delivery: Delivery; words: string };
  readonly otherOrder: Delivery;
  /** What the cancelled order's reply says of its status. */
  readonly cancelledStatus: string;
  /** How the other asks are answered, of those that the provider offers. */
  readonly restore?: OtherAsk;
  readonly delete?: OtherAsk;
  /** The provider's read calls, by how the order stands. */
  readBack(request: SeenRequest, order: 'active' | 'cancelled' | 'missing'): Delivery;
  readonly missing: LookUpReply['kind'];
  /** What a look-up tells that has no time at all. */
  readonly noTimeLeft: LookUpReply;
}

/** An ask whose reply is not documented. */
interface OtherAsk {
  /** The reply that proves it, and the word in it that is taken for the status. */
  readonly done: Delivery;
  readonly doneStatus: string;
  readonly otherOrder: Delivery;
  /** It seems to say that it is done, and does not say which order. */
  readonly unproven: Delivery;
}

type Standing = 'active' | 'cancelled' | 'missing';

/** One kind of ask, for the matrix. */
interface MatrixAsk {
  readonly kind: 'cancel' | 'restore' | 'delete';
  readonly call: (
    client: ProviderClient,
    orderId: string,
    call: AskLimits,
  ) => Promise<CancelReply | RestoreReply | DeleteReply>;
  readonly done: Delivery;
  readonly doneReply: unknown;
  readonly otherOrder: Delivery;
  readonly empty: unknown;
  readonly before: Standing;
  readonly after: Standing;
}

function asksOf<Settings>(speech: Speech<Settings>): MatrixAsk[] {
  const offered = (offer: ProviderClient['restore'] | ProviderClient['delete']) => {
    if (!offer.offered) throw new Error('The suite has replies to an ask that the provider does not offer.');
    return offer.call;
  };
  const cancel: MatrixAsk = {
    kind: 'cancel',
    call: (client, orderId, call) => client.cancel(orderId, call),
    done: speech.cancelled,
    doneReply: { kind: 'cancelled', status: speech.cancelledStatus },
    otherOrder: speech.otherOrder,
    empty: { kind: 'lost', problem: 'foreign_reply', status: 200 },
    before: 'active',
    after: 'cancelled',
  };
  const others = (['restore', 'delete'] as const).flatMap((kind): MatrixAsk[] => {
    const other = speech[kind];
    if (other === undefined) return [];
    return [
      {
        kind,
        call: (client, orderId, call) => offered(client[kind])(orderId, call),
        done: other.done,
        doneReply: { kind: kind === 'restore' ? 'restored' : 'deleted', status: other.doneStatus },
        otherOrder: other.otherOrder,
        empty: { kind: 'unproven' },
        before: 'cancelled',
        after: kind === 'restore' ? 'active' : 'missing',
      },
    ];
  });
  return [cancel, ...others];
}

const HANG_MS = 120;
const READ_MS = 10_000;

const clock: Clock = {
  now: () => Date.now(),
  sleep: () => Promise.resolve(),
  random: () => 0,
};

/** A client of the provider at a base URL, over real HTTP. */
export function openClient<Settings>(
  { provider, settings }: { provider: Provider<Settings>; settings: Settings },
  baseUrl: URL,
  log: (code: string, fields: unknown) => void = () => undefined,
  ownClock = clock,
): ProviderClient {
  const target = { connection: 'test', provider: provider.name, baseUrl };
  const http = createHttpClient(target, { clock: ownClock, log: { info: log, warn: log, error: log } });
  return provider.open({ connection: 'test', baseUrl, settings, credential: 'test-credential', http });
}

/** What an application sets in its replies, and most of what stands before it does not. */
export const OWN_MARKS = { 'content-type': 'application/json; charset=utf-8', 'x-request-id': 'c0ffee' };

const page = (status: number) => ({
  status,
  headers: { 'content-type': 'text/html' },
  body: '<!doctype html><h1>Just a moment…</h1>',
});
const gatewayJson = (status: number) => ({
  status,
  headers: OWN_MARKS,
  body: '{"message":"Forbidden"}',
});

/** What is never the provider's word: a page, nothing, or a status that an edge writes. */
const FOREIGN = [
  ...[200, 202, 401, 403, 404, 406, 500].map((status) => ({ name: `a page and ${status}`, delivery: page(status) })),
  ...[401, 403, 404, 421, 422, 425, 499, 503, 520, 530].map((status) => ({
    name: `nothing and ${status}`,
    delivery: { status, body: '' },
  })),
  { name: 'plain text and 403', delivery: { status: 403, headers: { 'content-type': 'text/plain' }, body: 'denied' } },
  { name: 'a redirect', delivery: { status: 302, headers: { location: '/login' }, body: '' } },
  ...[401, 421, 499, 503, 522].map((status) => ({ name: `JSON and ${status}`, delivery: gatewayJson(status) })),
];
/** JSON that is not known to be the provider's. */
const UNKNOWN = [
  ...[200, 403, 404, 422].map((status) => ({ name: `JSON of its own and ${status}`, delivery: gatewayJson(status) })),
  { name: 'a code and 409', delivery: { status: 409, body: '{"code":17,"detail":"locked"}' } },
  {
    name: 'nothing, with its marks, and 422',
    delivery: { status: 422, headers: OWN_MARKS, body: '' },
  },
];

export function providerConformance<Settings>(speech: Speech<Settings>): void {
  const { provider, orderId } = speech;
  const lost = (problem: string) => ({ kind: 'lost', problem });

  const casesOf = ({ done, doneReply, otherOrder, empty }: MatrixAsk): Case[] => [
    { name: 'it says ok', delivery: done, reply: doneReply },
    { name: 'it refuses', delivery: speech.refused.delivery, reply: { kind: 'refused', words: speech.refused.words } },
    { name: 'it answers 401', delivery: speech.unauthorized, reply: { kind: 'credential_rejected' } },
    {
      name: 'it answers 429',
      delivery: { status: 429, body: 'Retry later' },
      reply: { kind: 'rate_limited', retryAfterMs: null },
    },
    {
      name: 'it answers 429 with Retry-After',
      delivery: { status: 429, headers: { 'retry-after': '7' }, body: 'Retry later' },
      reply: { kind: 'rate_limited', retryAfterMs: 7_000 },
    },
    { name: 'it answers 500', delivery: { status: 500, body: '{"status":500}' }, reply: lost('provider_error') },
    ...FOREIGN.map(({ name, delivery }) => ({
      name: `what stands before it answers with ${name}`,
      delivery,
      reply: { ...lost('foreign_reply'), status: delivery.status },
    })),
    ...UNKNOWN.map(({ name, delivery }) => ({
      name: `somebody answers with ${name}`,
      delivery,
      reply: { ...lost('unknown_reply'), status: delivery.status },
    })),
    {
      name: 'it answers 200 with a failure body',
      delivery: speech.failureBody.delivery,
      reply: { kind: 'refused', words: speech.failureBody.words },
    },
    { name: 'it answers 200 with nothing', delivery: { status: 200, body: '' }, reply: empty },
    { name: 'it answers with truncated JSON', delivery: truncated(done), reply: lost('unreadable_reply') },
    {
      name: 'it answers with JSON that nests 20,000 deep',
      delivery: deepened(done),
      reply: { ...lost('unknown_reply'), status: 200 },
    },
    { name: 'it answers of another order', delivery: otherOrder, reply: lost('wrong_order') },
    { name: 'it cuts the connection after the request', delivery: 'reset', reply: lost('connection_cut') },
    {
      name: 'it cuts the connection in the middle of the reply',
      delivery: { raw: 'HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{"order"' },
      reply: lost('connection_cut'),
    },
    { name: 'it does not speak HTTP', delivery: { raw: 'SSH-2.0-OpenSSH\r\n' }, reply: lost('unreadable_reply') },
    { name: 'it hangs', delivery: 'hang', reply: lost('timed_out') },
    {
      name: 'it hangs in the middle of the reply',
      delivery: { raw: 'HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{"order"', open: true },
      reply: lost('timed_out'),
    },
  ];

  const found = { active: 'not_cancelled', cancelled: 'cancelled', missing: speech.missing } as const;

  describe(provider.name, () => {
    it('offers those calls of which it does not say that they are absent', async () => {
      const client = openClient(speech, await findUnusedBaseUrl());
      for (const kind of ['restore', 'delete'] as const) {
        expect([kind, client[kind].offered]).toEqual([kind, provider.capabilities[kind].evidence !== 'absent']);
        expect([kind, speech[kind] !== undefined]).toEqual([kind, client[kind].offered]);
      }
      expect(client.listCancelled.offered).toBe(
        ['documented', 'inferred'].includes(provider.capabilities.list.evidence),
      );
      expect(client.unpaidOrders.offered).toBe(provider.capabilities.unpaidOrders.evidence !== 'absent');
      expect(provider.origins.length > 0).toBe(client.unpaidOrders.offered);
    });
  });

  for (const ask of asksOf(speech)) {
    describe(`${provider.name}, when it is asked to ${ask.kind}`, () => {
      for (const acted of [true, false]) {
        for (const { name, delivery, reply } of casesOf(ask)) {
          it(`and ${acted ? 'acts' : 'does not act'}, and ${name}`, async () => {
            const result = await askAndReadBack(speech, ask, delivery, acted ? ask.after : ask.before);
            // What of the order a reply shows, if anything, is its provider's own business.
            expect({ ...result.reply, listed: undefined }).toEqual(reply);
            expect(result.changingRequests).toBe(1);
            expect(result.found).toBe(found[acted ? ask.after : ask.before]);
          });
        }
      }

      it('and has no such order', async () => {
        const result = await askAndReadBack(speech, ask, speech.notFound.delivery, 'missing', 'missing');
        expect(result.reply).toEqual({ kind: 'order_not_found', words: speech.notFound.words });
        expect(result.changingRequests).toBe(1);
        expect(result.found).toBe(speech.missing);
      });

      it('and cuts the connection before the request is read: never a false word', async () => {
        const server = await startResettingServer();
        try {
          const reply = await ask.call(openClient(speech, server.baseUrl), orderId, { timeoutMs: READ_MS });
          // Which of the two depends on whether the cut is seen before the connection stands; both are true.
          expect(['not_sent', 'lost']).toContain(reply.kind);
        } finally {
          await server.close();
        }
      });

      it('and nobody listens, or no time is left: surely not sent', async () => {
        const client = openClient(speech, await findUnusedBaseUrl());
        const notSent = { kind: 'not_sent', problem: 'provider_unreachable' };
        expect(await ask.call(client, orderId, { timeoutMs: READ_MS })).toEqual(notSent);
        const fake = await startFakeProvider(() => ask.done);
        try {
          expect(await ask.call(openClient(speech, fake.baseUrl), orderId, { timeoutMs: 0 })).toEqual(notSent);
          expect(fake.seen).toEqual([]);
        } finally {
          await fake.close();
        }
      });

      const unproven = ask.kind === 'cancel' ? undefined : speech[ask.kind]?.unproven;
      if (unproven !== undefined) {
        it('and says success, but not of which order: not believed', async () => {
          const result = await askAndReadBack(speech, ask, unproven, ask.after);
          expect(result.reply).toEqual({ kind: 'unproven' });
          expect(result.changingRequests).toBe(1);
        });
      }
    });
  }

  const [cancelling] = asksOf(speech);
  if (cancelling === undefined) throw new Error('every provider cancels');
  describe(`${provider.name}, when it is asked to cancel`, () => {
    it('and had cancelled the order already, and refuses for that', async () => {
      const result = await askAndReadBack(speech, cancelling, speech.alreadyCancelled, 'cancelled', 'cancelled');
      expect(result.reply.kind).toBe('refused');
      expect(result.changingRequests).toBe(1);
      expect(result.found).toBe('cancelled');
    });

    it('and it is looked up where nobody listens, or no time is left', async () => {
      const client = openClient(speech, await findUnusedBaseUrl());
      const lookUp = { orderId, askedAt: 0, historyMark: null };
      const notSent = { kind: 'not_sent', problem: 'provider_unreachable' };
      expect(await client.lookUp(lookUp, { timeoutMs: READ_MS })).toEqual(notSent);
      expect(await client.lookUp(lookUp, { timeoutMs: -5 })).toEqual(speech.noTimeLeft);
    });
  });

  describe(`${provider.name}, when an order is looked up`, () => {
    const failures: { name: string; delivery: Delivery; reply: unknown; timeoutMs?: number }[] = [
      { name: '401', delivery: speech.unauthorized, reply: { kind: 'credential_rejected' } },
      {
        name: '429 that asks for more time than there is',
        delivery: { status: 429, headers: { 'retry-after': '60' }, body: '' },
        reply: { kind: 'rate_limited', retryAfterMs: 60_000 },
      },
      { name: '500 each time', delivery: { status: 500, body: '{"status":500}' }, reply: lost('provider_error') },
      { name: 'a no', delivery: speech.refused.delivery, reply: lost('provider_error') },
      { name: 'another JSON', delivery: { status: 200, body: '{"message":"ok"}' }, reply: lost('unreadable_reply') },
      { name: 'JSON that nests 20,000 deep', delivery: deepened(speech.cancelled), reply: lost('unreadable_reply') },
      ...FOREIGN.map(({ name, delivery }) => ({
        name,
        delivery,
        reply: { ...lost('foreign_reply'), status: delivery.status },
      })),
      ...UNKNOWN.filter(({ delivery: { status } }) => status !== 200).map(({ name, delivery }) => ({
        name,
        delivery,
        reply: { ...lost('unknown_reply'), status: delivery.status },
      })),
      {
        name: 'nothing and 200',
        delivery: { status: 200, body: '' },
        reply: { ...lost('foreign_reply'), status: 200 },
      },
      { name: 'a cut connection each time', delivery: 'reset', reply: lost('connection_cut') },
      { name: 'nothing in time', delivery: 'hang', reply: lost('timed_out'), timeoutMs: HANG_MS },
    ];
    for (const { name, delivery, reply, timeoutMs = READ_MS } of failures) {
      it(`tells nothing of the order after ${name}`, async () => {
        const fake = await startFakeProvider(() => delivery);
        try {
          const client = openClient(speech, fake.baseUrl);
          expect(await client.lookUp({ orderId, askedAt: 0, historyMark: null }, { timeoutMs })).toEqual(reply);
        } finally {
          await fake.close();
        }
      });
    }

    it('asks past caches, on every page', async () => {
      const fake = await startFakeProvider((request) => speech.readBack(request, 'active'));
      try {
        const client = openClient(speech, fake.baseUrl);
        await client.lookUp({ orderId, askedAt: 0, historyMark: null }, { timeoutMs: READ_MS });
        await client.original(orderId, { timeoutMs: READ_MS });
        for (const { headers } of fake.seen) expect(headers).toMatchObject({ 'cache-control': 'no-cache' });
      } finally {
        await fake.close();
      }
    });

    const stale = lost('stale_reply');
    for (const standing of ['active', 'cancelled', 'missing'] as const) {
      it(`tells nothing of one that is ${standing}, as a cache shows it: by an Age, or by a Date that stands still`, async () => {
        const madeAfter = Date.now() - 60_000;
        for (const headers of [{ age: '90' }, { date: new Date(madeAfter - 30_000).toUTCString() }]) {
          const { reply } = await lookUpWith(speech, standing, headers, madeAfter);
          expect(reply).toEqual(stale);
        }
      });

      it(`tells of one that is ${standing}, as a cache shows it, where that was made since the ask`, async () => {
        const { reply } = await lookUpWith(speech, standing, { age: '30' }, Date.now() - 60_000);
        expect(reply.kind).toBe(found[standing]);
      });
    }

    it('tells nothing by a list, or of the order word for word, as a cache shows them', async () => {
      const fake = await startFakeProvider((request) => aged(speech.readBack(request, 'cancelled'), { age: '5' }));
      try {
        const client = openClient(speech, fake.baseUrl);
        const call = { timeoutMs: READ_MS };
        const query = { type: 'cancelled', from: 0, to: Date.now() } as const;
        const page = { type: 'cancelled', fromDate: null, toDate: null, perPage: 10, page: 1 } as const;
        expect(await client.original(orderId, call)).toEqual(stale);
        if (client.listCancelled.offered) expect(await client.listCancelled.call(query, call)).toEqual(stale);
        if (client.originalPage.offered) expect(await client.originalPage.call(page, call)).toEqual(stale);
        if (client.unpaidOrders.offered) {
          const unpaid = client.unpaidOrders.call;
          expect(await unpaid.list({ orderedBefore: Date.now() }, call)).toEqual(stale);
          expect(await unpaid.read(orderId, call)).toEqual(stale);
        }
      } finally {
        await fake.close();
      }
    });

    it('says in the log what cannot be read, without its values', async () => {
      const body = JSON.stringify({ secret: 'Felipe Flores' });
      const { logged } = await lookUpWith(speech, 'active', {}, undefined, { status: 200, body });
      expect(logged).toContainEqual([
        'PROVIDER_REPLY_UNREADABLE',
        { connection: 'test', provider: provider.name, problems: [expect.stringMatching(/^(order|data): missing$/)] },
      ]);
      expect(JSON.stringify(logged)).not.toContain('Felipe');
      const waf = await lookUpWith(speech, 'active', {}, undefined, page(403));
      expect(waf.logged).toContainEqual([
        'PROVIDER_REPLY_UNREADABLE',
        expect.objectContaining({ problems: [expect.stringMatching(/a page/)] }),
      ]);
    });

    it('reads again after a 500 and a cut connection', async () => {
      const fake = await startFakeProvider((request, nth) => {
        if (nth === 1) return { status: 500, body: '' };
        return nth === 2 ? 'reset' : speech.readBack(request, 'cancelled');
      });
      try {
        const client = openClient(speech, fake.baseUrl);
        const reply = await client.lookUp({ orderId, askedAt: 0, historyMark: null }, { timeoutMs: READ_MS });
        expect(reply.kind).toBe('cancelled');
      } finally {
        await fake.close();
      }
    });
  });
}

/** A look-up whose replies, whatever the order's standing, come with these headers; or each with one delivery. */
async function lookUpWith<Settings>(
  speech: Speech<Settings>,
  standing: Standing,
  headers: Record<string, string>,
  madeAfter: number | undefined,
  instead?: Delivery,
) {
  const logged: [code: string, fields: unknown][] = [];
  const fake = await startFakeProvider((request) => aged(instead ?? speech.readBack(request, standing), headers));
  try {
    const client = openClient(speech, fake.baseUrl, (code, fields) => logged.push([code, fields]));
    const query = {
      orderId: speech.orderId,
      askedAt: 0,
      historyMark: null,
      ...(madeAfter !== undefined && { madeAfter }),
    };
    return { reply: await client.lookUp(query, { timeoutMs: READ_MS }), logged };
  } finally {
    await fake.close();
  }
}

function aged(delivery: Delivery, headers: Record<string, string>): Delivery {
  if (typeof delivery !== 'object' || !('body' in delivery)) return delivery;
  return { ...delivery, headers: { ...delivery.headers, ...headers } };
}

interface Case {
  readonly name: string;
  readonly delivery: Delivery;
  readonly reply: unknown;
}

async function askAndReadBack<Settings>(
  speech: Speech<Settings>,
  ask: MatrixAsk,
  delivery: Delivery,
  after: Standing,
  before: Standing = ask.before,
) {
  let order = before;
  const fake = await startFakeProvider((request) => {
    if (request.method === 'GET') return speech.readBack(request, order);
    order = after;
    return delivery;
  });
  try {
    const client = openClient(speech, fake.baseUrl);
    const askedAt = clock.now();
    const hangs = delivery === 'hang' || (typeof delivery === 'object' && 'open' in delivery);
    const reply = await ask.call(client, speech.orderId, { timeoutMs: hangs ? HANG_MS : READ_MS });
    const found = await client.lookUp({ orderId: speech.orderId, askedAt, historyMark: null }, { timeoutMs: READ_MS });
    return { reply, changingRequests: fake.seen.filter(({ method }) => method !== 'GET').length, found: found.kind };
  } finally {
    await fake.close();
  }
}

/** The same reply, with one more member that nests deep. */
function deepened(delivery: Delivery): Delivery {
  if (typeof delivery !== 'object' || !('body' in delivery)) throw new Error('only a reply can be deepened');
  return { ...delivery, body: delivery.body.replace('{', `{"more":${nested(20_000)},`) };
}

function truncated(delivery: Delivery): Delivery {
  if (typeof delivery !== 'object' || !('body' in delivery)) throw new Error('only a reply can be truncated');
  return { ...delivery, body: delivery.body.slice(0, delivery.body.length / 2) };
}
