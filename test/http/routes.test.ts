import { describe, expect, it } from '@jest/globals';
import { methodsOf, ROUTES } from '../../functions/http/routes.ts';
import { FUNCTIONS, routesOf } from '../../infra/functions.ts';

describe('the routes', () => {
  it('are those that are deployed', () => {
    const deployed = FUNCTIONS.flatMap((row) => routesOf(row).map(({ route }) => route));
    expect(ROUTES.toSorted()).toEqual(deployed.filter((route) => route !== '$default').toSorted());
  });

  it.each([
    ['/v1/operations', ['GET', 'HEAD']],
    ['/v1/operations/loja-rio:340:1', ['GET', 'HEAD']],
    ['/v1/connections/loja-rio/orders/340/cancel', ['POST']],
    ['/v1/connections/loja-rio/orders/340', ['GET', 'HEAD']],
    ['/v1/connections/loja-rio/cancelled-orders/340', ['GET', 'HEAD', 'DELETE']],
    ['/v1/connections/loja-rio/orders//cancel', []],
    ['/v1/operations/', []],
    ['/', []],
    ['/v2/operations', []],
  ])('know the methods of %s', (path, methods) => {
    expect(methodsOf(path)).toEqual(methods);
  });
});
