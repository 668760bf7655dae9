import { describe, expect, it } from '@jest/globals';
import { httpChain, webhookChain, type HttpFunction } from '../../functions/http/chain.ts';
import { OrderNotFound } from '../../functions/http/errors.ts';
import { AccountTurnedAway, LedgerUnavailable } from '../../functions/operations/errors.ts';
import { apiEvent, keepingLog, lambdaContext } from '../support/api-event.ts';
import { nested } from '../support/nested.ts';

type Event = Parameters<typeof apiEvent>[0];

async function answer(event: Event, wanted: Partial<HttpFunction> = {}) {
  const log = keepingLog();
  const handle: HttpFunction['handle'] = ({ body, caller }) => ({ status: 200, body: { body, caller: caller.name } });
  const reply = await httpChain({ access: 'cancel', log, handle, ...wanted })(apiEvent(event), lambdaContext());
  return { ...reply, json: JSON.parse(reply.body) as Record<string, unknown>, log };
}

const post = (body: string, headers: Record<string, string> = { 'Content-Type': 'application/json' }): Event => ({
  method: 'POST',
  body,
  headers,
});

describe('the chain', () => {
  it('hands the parsed body and the caller to the function', async () => {
    const reply = await answer(post('{"reason":"fraud"}'));
    expect(reply.statusCode).toBe(200);
    expect(reply.headers['content-type']).toBe('application/json');
    expect(reply.json).toEqual({ body: { reason: 'fraud' }, caller: 'shop' });
  });

  it('gives every reply a request id and no cache', async () => {
    for (const reply of [await answer(post('{}')), await answer(post('{')), await answer({ authorizer: null })]) {
      expect(reply.headers).toMatchObject({
        'x-request-id': 'request-1',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'strict-transport-security': 'max-age=31536000; includeSubDomains',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'referrer-policy': 'no-referrer',
      });
    }
  });

  it.each([
    ['no body', { method: 'POST' }],
    ['an empty body', post('')],
    ['white space', post(' \n')],
    ['an empty body of another type', post('', { 'content-type': 'text/plain' })],
  ])('takes %s for {}', async (_, event) => {
    expect((await answer(event)).json['body']).toEqual({});
  });

  it.each([
    ['base64', { ...post(Buffer.from('{"note":"ação"}').toString('base64')), isBase64Encoded: true }],
    ['no content type', post('{"note":"ação"}', {})],
    ['a byte order mark', post('\uFEFF{"note":"ação"}')],
    ['a charset', post('{"note":"ação"}', { 'content-type': 'Application/JSON; charset=utf-8' })],
    ['a JSON suffix', post('{"note":"ação"}', { 'content-type': 'application/vnd.shop+json' })],
  ])('reads a body with %s', async (_, event) => {
    expect((await answer(event)).json['body']).toEqual({ note: 'ação' });
  });

  it.each([
    [400, 'body-not-json', post('{')],
    [400, 'body-not-json', post('hello')],
    [400, 'invalid-request', post(nested(20_000))],
    [400, 'invalid-request', post(`{"note":${nested(20_000)}}`)],
    [400, 'body-not-json', { ...post(Buffer.from([0xff, 0xfe]).toString('base64')), isBase64Encoded: true }],
    [413, 'body-too-large', post(JSON.stringify({ note: 'x'.repeat(1024 * 1024) }))],
    [415, 'unsupported-media-type', post('reason=fraud', { 'content-type': 'application/x-www-form-urlencoded' })],
    [401, 'access-token-required', { ...post('{'), authorizer: null }],
    [401, 'access-token-required', { authorizer: { stranger: 'missing' } }],
    [401, 'access-token-required', { authorizer: { stranger: 'expired' } }],
    [401, 'access-token-required', { authorizer: { unheard: 'of' } }],
    [403, 'access-denied', { authorizer: { name: 'shop', scopes: 'read admin' } }],
    [503, 'temporarily-unavailable', { authorizer: { stranger: 'unavailable' } }],
  ] as [number, string, Event][])('answers %i %s', async (status, slug, event) => {
    const reply = await answer(event);
    expect(reply.statusCode).toBe(status);
    expect(reply.headers['content-type']).toBe('application/problem+json');
    expect(reply.json).toMatchObject({
      type: `/problems/${slug}`,
      status,
      title: expect.any(String),
      detail: expect.any(String),
      requestId: 'request-1',
    });
    if (status === 401) expect(reply.headers['www-authenticate']).toMatch(/^Bearer/);
  });

  it.each([
    ['a reply', {}],
    [
      'bytes',
      { handle: () => ({ status: 200, headers: { 'content-type': 'x/y' }, body: new Uint8Array([0, 255, 7]) }) },
    ],
    ['a problem', { handle: () => Promise.reject(new OrderNotFound(null, false)) }],
    ['a dialect’s problem', { problemReply: () => ({ status: 422, body: { errors: 'não' } }), access: 'delete' }],
  ] as [string, Partial<HttpFunction>][])('answers HEAD as GET, without the body of %s', async (_, wanted) => {
    const ask = async (method: string) => {
      const event = apiEvent({ method, authorizer: { name: 'shop', scopes: 'cancel' } });
      const handle: HttpFunction['handle'] = () => ({ status: 200, body: { note: 'ação' } });
      const log = keepingLog();
      return httpChain({ access: 'cancel', log, handle, ...wanted })(event, lambdaContext());
    };
    const [get, head] = [await ask('GET'), await ask('HEAD')];
    const length = Buffer.byteLength(get.body, get.isBase64Encoded ? 'base64' : 'utf8');
    expect(head).toEqual({
      statusCode: get.statusCode,
      headers: { ...get.headers, 'content-length': String(length) },
      body: '',
    });
  });

  it.each([
    ['a HEAD', { method: 'HEAD' }, {}],
    ['a GET', { method: 'GET' }, {}],
    ['a function that reads it itself', {}, { body: 'ignored' }],
  ] as [string, Event, Partial<HttpFunction>][])('reads no body of %s', async (_, event, wanted) => {
    const handle: HttpFunction['handle'] = ({ body }) => ({ status: 200, body });
    const chain = httpChain({ access: 'cancel', log: keepingLog(), handle, ...wanted });
    expect((await chain(apiEvent({ ...post('{'), ...event }), lambdaContext())).statusCode).toBe(200);
  });

  it('answers bytes in base64, and a dialect’s problem as JSON', async () => {
    const handle = () => ({ status: 200, headers: { 'content-type': 'x/y' }, body: new Uint8Array([0, 255, 7]) });
    const log = keepingLog();
    const bytes = await httpChain({ access: 'cancel', log, handle })(apiEvent({}), lambdaContext());
    expect(bytes).toMatchObject({ headers: { 'content-type': 'x/y' }, body: 'AP8H', isBase64Encoded: true });
    const dialect = await answer(
      { authorizer: { name: 'shop', scopes: 'cancel' } },
      { access: 'delete', problemReply: () => ({ status: 422, body: { errors: 'não' } }) },
    );
    expect(dialect).toMatchObject({ statusCode: 422, headers: { 'content-type': 'application/json' } });
  });

  it('asks a webhook’s sender for no token, and reads no JSON of what it sends', async () => {
    const chain = webhookChain(keepingLog(), ({ rawBody }) => ({ status: 200, body: String(rawBody()) }));
    const reply = await chain(apiEvent({ ...post('{'), authorizer: null }), lambdaContext());
    expect([reply.statusCode, reply.body]).toEqual([200, '"{"']);
  });

  it('tells the log of which request it will hear', async () => {
    const begun: string[] = [];
    const log = { ...keepingLog(), begin: (requestId: string) => void begun.push(requestId) };
    await httpChain({ access: 'cancel', log, handle: () => ({ status: 200, body: {} }) })(
      apiEvent({}),
      lambdaContext(),
    );
    expect(begun).toEqual(['request-1']);
  });

  it('leaves a line in the log of each reply, and the error of one that failed here', async () => {
    const answered = (status: number) => ({
      level: 'info',
      code: 'REQUEST_ANSWERED',
      fields: { route: 'GET /', caller: 'shop', status },
    });
    expect((await answer({})).log.entries).toEqual([answered(200)]);
    const refused = new OrderNotFound(null, false);
    expect((await answer({}, { handle: () => Promise.reject(refused) })).log.entries).toEqual([answered(404)]);
    const error = new Error('on fire');
    expect((await answer({}, { handle: () => Promise.reject(error) })).log.entries).toEqual([
      { level: 'error', code: 'REQUEST_FAILED', fields: { error } },
      answered(500),
    ]);
  });

  it('tells of another connection only a caller who may know of it', async () => {
    const turnedAway = AccountTurnedAway.byHolder('loja', 'loja-rio', true);
    const detailFor = async (connections: object) => {
      const authorizer = { name: 'shop', scopes: 'cancel', ...connections };
      return (await answer({ authorizer }, { handle: () => Promise.reject(turnedAway) })).json['detail'];
    };
    expect(await detailFor({})).toContain('loja-rio');
    expect(await detailFor({ connections: 'loja loja-rio' })).toContain('loja-rio');
    expect(await detailFor({ connections: 'loja' })).not.toContain('loja-rio');
    const [place, places] = ['https://b.example', ['https://a.example']];
    const moved = AccountTurnedAway.byName('loja', { places, place });
    const authorizer = { name: 'shop', scopes: 'cancel', connections: 'loja' };
    const reply = await answer({ authorizer }, { handle: () => Promise.reject(moved) });
    expect(reply.json['detail']).toBe(moved.message);
  });

  it('asks for no token where the function is public', async () => {
    expect((await answer({ authorizer: null }, { access: 'public' })).statusCode).toBe(200);
  });

  it('keeps an error’s text out of a 5xx and in the log', async () => {
    const handle = () => Promise.reject(new Error('table arn:aws:dynamodb is on fire'));
    const reply = await answer({}, { handle });
    expect(reply.statusCode).toBe(500);
    expect(reply.body).not.toContain('fire');
    expect(JSON.stringify(reply.json)).toContain('/problems/internal-error');
    expect(reply.log.entries.map(({ code }) => code)).toContain('REQUEST_FAILED');

    const unavailable = await answer({}, { handle: () => Promise.reject(new LedgerUnavailable(new Error('fire'))) });
    expect(unavailable.statusCode).toBe(503);
    expect(unavailable.headers['retry-after']).toBe('2');
    expect(unavailable.body).not.toContain('fire');
    expect(unavailable.log.entries.map(({ code }) => code)).toContain('REQUEST_FAILED');
  });

  it('answers what a function throws as its row of the table says', async () => {
    const reply = await answer({}, { handle: () => Promise.reject(new OrderNotFound(null, false)) });
    expect(reply.statusCode).toBe(404);
    expect(reply.json['type']).toBe('/problems/order-not-found');
  });

  it('gives the function the whole of its time', async () => {
    const handle: HttpFunction['handle'] = async ({ remainingMs }) => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      return { status: 200, body: remainingMs() };
    };
    const reply = await httpChain({ access: 'public', log: keepingLog(), handle })(apiEvent({}), lambdaContext(20));
    expect(reply.body).toBe('20');
  });
});
