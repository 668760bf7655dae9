import { describe, expect, it } from '@jest/globals';
import { matchRoute } from '../../infra/match-route.ts';

const route = (routeKey: string) => ({ routeKey, functionName: routeKey, authorizerName: null });
const routes = [
  route('$default'),
  route('GET /orders/{id}'),
  route('GET /orders/all'),
  route('POST /orders/{id}/cancel'),
];
const matched = (method: string, path: string) => {
  const match = matchRoute(routes, method, path);
  return [match?.route.routeKey, match?.pathParameters];
};

describe('matching a route', () => {
  it('prefers the most literal path', () => {
    expect(matched('GET', '/orders/all')).toEqual(['GET /orders/all', {}]);
    expect(matched('GET', '/orders/1')).toEqual(['GET /orders/{id}', { id: '1' }]);
  });

  it('falls back to $default for an unknown path, another method and an empty segment', () => {
    for (const [method, path] of [
      ['GET', '/nope'],
      ['PUT', '/orders/1'],
      ['GET', '/orders/'],
    ] as const) {
      expect(matched(method, path)).toEqual(['$default', {}]);
    }
  });

  it('decodes parameters, and does not part a segment at an encoded slash', () => {
    expect(matched('POST', '/orders/a%2Fb%20c/cancel')).toEqual(['POST /orders/{id}/cancel', { id: 'a/b c' }]);
  });

  it('hands on what is no valid encoding', () => {
    expect(matched('GET', '/orders/%zz')).toEqual(['GET /orders/{id}', { id: '%zz' }]);
  });
});
