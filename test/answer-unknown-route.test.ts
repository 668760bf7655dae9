import { describe, expect, it } from '@jest/globals';
import { newHandler } from '../functions/answer-unknown-route.ts';
import { askRoute, keepingLog } from './support/api-event.ts';

function ask(method: string, path: string, body?: string) {
  const request = { method, path, authorizer: null, ...(body !== undefined && { body }) };
  return askRoute('answer-unknown-route', newHandler({ log: keepingLog() }), request);
}

describe('answer-unknown-route', () => {
  it.each(['/', '/v1/orders', '/v1/connections/loja-rio/orders/1/2/cancel', '/v1/connections/loja-rio/orders/340/'])(
    'answers 404 for %s, whatever the body',
    async (path) => {
      expect(await ask('POST', path, 'not JSON')).toMatchObject({
        statusCode: 404,
        json: { type: '/problems/not-found' },
      });
    },
  );

  it.each([
    ['GET', '/v1/connections/loja-rio/orders/340/cancel', 'POST'],
    ['DELETE', '/v1/operations', 'GET, HEAD'],
    ['PUT', '/v1/connections/loja-rio/cancelled-orders/340', 'GET, HEAD, DELETE'],
  ])('answers 405 for %s %s, and says what is allowed', async (method, path, allow) => {
    const reply = await ask(method, path);
    expect(reply).toMatchObject({
      statusCode: 405,
      headers: { allow },
      json: { type: '/problems/method-not-allowed' },
    });
  });
});
