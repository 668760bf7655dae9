import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import type { AccessToken } from '../../functions/access/tokens.ts';
import { askedOrder, dryRunField } from '../../functions/http/ask-input.ts';
import { admit, admitTo, allow, contextOf, NOBODY, type Caller } from '../../functions/http/caller.ts';
import {
  AccessDenied,
  AccessUnknown,
  InvalidInput,
  PreconditionRequired,
  TokenRequired,
} from '../../functions/http/errors.ts';
import { etagOf, ifMatchSchema, requiredMatch } from '../../functions/http/etag.ts';
import { limitUpTo } from '../../functions/http/limit.ts';
import { baseUrlOf, exchangeOf, type ApiRequest } from '../../functions/http/request.ts';
import { NotSupportedByProvider } from '../../functions/operations/errors.ts';
import { createConnections, parseConnections } from '../../functions/providers/connections.ts';
import { accountKeys } from '../support/account-names.ts';
import { apiEvent } from '../support/api-event.ts';
import { fieldsOf, thrownBy } from '../support/thrown.ts';

const denied = (words: string) => fieldsOf(new AccessDenied(words));

describe('a caller', () => {
  const recordWith = (connections: string[] | null): AccessToken => ({
    tokenHash: 'h',
    ...{ name: 'shop', id: 'a', scopes: ['cancel', 'read'], connections },
    ...{ createdAt: '2026-03-01T12:00:00.000Z', expiresAt: null, revokedAt: null },
  });

  it('is told to a function by the authorizer, and admitted with the scope that its token has', () => {
    for (const connections of [['loja-rio', 'loja-sul'], [], null]) {
      const record = recordWith(connections);
      const caller = { name: 'shop', scopes: ['cancel', 'read'], connections };
      expect(admit(contextOf(record), 'read')).toEqual(caller);
      const words = 'This access token does not have the scope delete.';
      expect(thrownBy(() => admit(contextOf(record), 'delete'))).toEqual(denied(words));
    }
    expect(contextOf(recordWith(null))).toEqual({ name: 'shop', scopes: 'cancel read' });
  });

  it.each(['missing', 'unknown', 'expired', 'revoked'] as const)('whose token is %s is asked for one', (stranger) => {
    expect(thrownBy(() => admit({ stranger }, 'read'))).toEqual(fieldsOf(new TokenRequired(stranger)));
  });

  it('is not let in where nobody could say who it is', () => {
    expect(thrownBy(() => admit({ stranger: 'unavailable' }, 'read'))).toEqual(fieldsOf(new AccessUnknown()));
    for (const nothing of [undefined, null, {}, { name: 'shop' }, { stranger: 'else' }]) {
      expect(thrownBy(() => admit(nothing, 'read'))).toEqual(fieldsOf(new TokenRequired('missing')));
    }
  });

  it('may touch the connections of its token, and all where it names none', () => {
    const caller = (connections: string[] | null): Caller => ({ name: 'shop', scopes: ['read'], connections });
    const words = 'This access token is for other connections.';
    for (const connections of [null, ['loja-rio']])
      expect(() => {
        admitTo('loja-rio', caller(connections));
      }).not.toThrow();
    for (const connections of [[], ['loja-sul']]) {
      expect(
        thrownBy(() => {
          admitTo('loja-rio', caller(connections));
        }),
      ).toEqual(denied(words));
    }
    expect(() => {
      allow('read', caller(null));
    }).not.toThrow();
    expect(NOBODY).toEqual({ name: 'nobody', scopes: [], connections: [] });
  });
});

describe('the order that an ask names', () => {
  const connections = createConnections({
    declarations: parseConnections({
      'loja-rio': { provider: 'estoka', baseUrl: 'https://estoka.example', organizationId: 1 },
    }),
    readCredential: () => Promise.reject(new Error('is not read here')),
    accountKeys,
    http: () => {
      throw new Error('is not called here');
    },
  });
  const ask = (params: Record<string, string>, caller: Caller = { ...NOBODY, connections: null }) =>
    thrownBy(() => askedOrder({ params, caller } as unknown as ApiRequest, 'cancel', connections));

  it('is one of a connection that its caller may touch, with an id of the provider’s form', () => {
    const params = { connection: 'loja-rio', orderId: '340' };
    expect(ask(params)).toEqual({ ...params, kind: 'cancel', provider: 'estoka' });
    expect(ask(params, NOBODY)).toEqual(denied('This access token is for other connections.'));
    expect(ask({ ...params, orderId: 'x' })).toMatchObject({ name: 'InvalidOrderId' });
    expect(ask({ connection: 'loja-rio' })).toMatchObject({ errors: [{ field: 'orderId', message: 'is missing' }] });
    expect(ask({ connection: 'nowhere', orderId: '1' })).toMatchObject({ name: 'UnknownConnection' });
  });

  it('is changed where no dry run is asked for', () => {
    expect(dryRunField.parse(undefined)).toBe(false);
  });

  it('is none where the provider has no such change', () => {
    const request = { params: { connection: 'loja-rio', orderId: '340' }, caller: { ...NOBODY, connections: null } };
    const ofDelete = thrownBy(() => askedOrder(request as unknown as ApiRequest, 'delete', connections));
    expect(ofDelete).toEqual(fieldsOf(new NotSupportedByProvider()));
  });
});

describe('a version that If-Match names', () => {
  it.each([
    ['"a"', true],
    [' "b" , "a" ', true],
    ['"b","a"', true],
    ['W/"b", "a"', true],
    ['"a" , "bc"', true],
    ['"b"', false],
    ['W/"a"', false],
    ['"A"', false],
    ['""', false],
  ])('by %s fits "a": %s', (header, fits) => {
    expect(requiredMatch(header)(etagOf('a').slice(1, -1))).toBe(fits);
  });

  it.each([undefined, '', '  ', '*', ' * '])('is required: not %j', (header) => {
    expect(() => requiredMatch(header)).toThrow(PreconditionRequired);
  });

  it.each(['a', '"a', 'a"', '"a" "b"', '"a",', ',"a"', '"a", *', 'w/"a"', '"é"', '"a"b"', 'x"a"', '"a"x'])(
    'is in double quotes: not %s',
    (header) => {
      const message = 'must be an entity tag as a GET returned it, in double quotes';
      expect(thrownBy(() => requiredMatch(header))).toEqual(
        fieldsOf(new InvalidInput([{ field: 'If-Match', message }])),
      );
    },
  );

  it('may be missing at first, for a dry run', () => {
    expect(ifMatchSchema.safeParse(undefined).success).toBe(true);
  });
});

it('a limit is a whole number in its bounds', () => {
  const limit = z.object({ limit: limitUpTo(100) });
  const parsed = (text: string) => {
    const { data, error } = limit.safeParse({ limit: text });
    return data?.limit ?? error?.issues.map(({ message }) => message);
  };
  expect(['1', '100'].map(parsed)).toEqual([1, 100]);
  for (const text of ['0', '101', '1.5', 'x', '-1']) {
    expect(parsed(text)).toEqual(['must be a whole number from 1 to 100']);
  }
});

describe('a request', () => {
  it('is what API Gateway tells of it, with header names in small letters', () => {
    const event = apiEvent({
      ...{ routeKey: 'POST /x/{a}', method: 'post', path: '/x/1', params: { a: '1' }, query: { q: '2' } },
      ...{ headers: { 'X-Own': 'é' }, body: Buffer.from('bytes').toString('base64'), isBase64Encoded: true },
    });
    const { request } = exchangeOf(event, () => 7);
    expect(request).toMatchObject({
      ...{ id: 'request-1', method: 'POST', path: '/x/1', route: 'POST /x/{a}', params: { a: '1' }, query: { q: '2' } },
      ...{ caller: NOBODY, body: {} },
    });
    expect(request.headers['x-own']).toBe('é');
    expect(request.headers).not.toHaveProperty('X-Own');
    expect([String(request.rawBody()), request.remainingMs()]).toEqual(['bytes', 7]);
  });

  it('has none of what was not told', () => {
    const event = { ...apiEvent({}), headers: { a: undefined }, queryStringParameters: null };
    const { request } = exchangeOf(event, () => 0);
    expect([request.headers, request.query, request.params, request.rawBody()]).toStrictEqual([
      {},
      {},
      {},
      Buffer.alloc(0),
    ]);
  });

  it('knows where its caller found the API', () => {
    expect(baseUrlOf({ headers: { 'x-forwarded-proto': 'https', host: 'a.example' } })).toBe('https://a.example');
    expect(baseUrlOf({ headers: {} })).toBe('http://localhost');
  });
});
