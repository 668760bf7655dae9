import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FUNCTIONS, routesOf } from '../../../../infra/functions.ts';
import { shownPath } from '../../../../infra/local/lines/shown-path.ts';
import { matchRoute } from '../../../../infra/match-route.ts';

const routes = FUNCTIONS.flatMap(routesOf).map(({ route }) => ({
  ...{ routeKey: route, functionName: 'work', authorizerName: null },
}));
const shown = (method: string, target: string) =>
  shownPath(target, matchRoute(routes, method, target.split('?')[0] ?? ''));

describe('the path of a request, for a person', () => {
  it.each([
    ['POST', '/v1/connections/loja-rio/orders/340/cancel', '/v1/connections/loja-rio/orders/340/cancel'],
    ['GET', '/v1/connections/loja-rio/orders/123456789012345678', '/v1/connections/loja-rio/orders/123456789012345678'],
    ['GET', '/v1/operations/toko-jaya:1338:2', '/v1/operations/toko-jaya:1338:2'],
    ['GET', '/v1/operations/ana@example.com:1:1', '/v1/operations/…'],
    ['GET', '/v1/operations?actor=ana&from=2026', '/v1/operations?…'],
    ['GET', '/v1/batches/AbCdEfGhIjKlMnOpQrStUvW1', '/v1/batches/AbCdEfGhIjKlMnOpQrStUvW1'],
    ['POST', '/v1/connections/loja-rio/orders/ana%40example.com/cancel', '/v1/connections/loja-rio/orders/…/cancel'],
    ['POST', '/v1/connections/52998224725/orders/1/cancel', '/v1/connections/…/orders/1/cancel'],
    ['POST', '/v1/webhooks/estoka/estoka/BPgkWznc5yOIoeFJIf-BvXkL', '/v1/webhooks/estoka/estoka/…'],
    ['POST', '/v1/webhooks/estoka/estoka/short', '/v1/webhooks/estoka/estoka/…'],
    ['POST', '/v1/webhooks/standard/checkout', '/v1/webhooks/standard/checkout'],
    ['POST', '/api/v1/organizations/1/orders/340/cancel', '/api/v1/organizations/1/orders/340/cancel'],
    ['GET', '/', '/'],
    ['GET', '/v1/conections', '/v1/conections'],
    ['GET', '/favicon.ico', '/favicon.ico'],
    ['GET', '/v1//orders/', '/v1//orders/'],
    ['GET', '/v1/orders/+5521987654321', '/v1/orders/…'],
    ['GET', '/v1/cm_-IreCzrUsfYYQ9xCrU3jsVI3CMwdGFdf_0YpUUHQr_A', '/v1/…'],
    ['OPTIONS', '*', '…'],
  ])('%s %s', (method, target, path) => {
    expect(shown(method, target)).toBe(path);
  });

  it('never has the secret of a webhook, wherever it stands', () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9_-]{24,60}$/);
    const path = fc.tuple(
      fc.constantFrom('/v1/webhooks/estoka', '/v1/webhook/estoka', '/webhooks', '/v1/webhooks/standard', ''),
      fc.constantFrom('/estoka', '/shop', ''),
      secret,
      fc.constantFrom('', '/', '/estoka', '/estoka/', '?a=b'),
    );
    fc.assert(
      fc.property(path, fc.constantFrom('POST', 'GET'), ([front, name, own, rest], method) => {
        expect(shown(method, `${front}${name}/${own}${rest}`)).not.toContain(own);
        expect(shown(method, `${front}/?secret=${own}`)).not.toContain(own);
      }),
    );
  });
});
