import { describe, expect, it } from '@jest/globals';
import { authorizerEvent, integrationEvent, type WireRequest } from '../../../../infra/local/aws/gateway-event.ts';

const match = {
  route: { routeKey: 'POST /orders/{id}', functionName: 'f', authorizerName: null },
  pathParameters: { id: 'a b' },
};
const request = (given: Partial<WireRequest>): WireRequest => ({
  method: 'POST',
  target: '/orders/a%20b?x=1&x=2&y=%C3%A9',
  protocol: 'HTTP/1.1',
  rawHeaders: ['Host', '127.0.0.1:3000', 'X-Many', 'a', 'x-many', 'b', 'Cookie', 'c=1; d=2', 'User-Agent', 'curl'],
  sourceIp: '127.0.0.1',
  body: Buffer.alloc(0),
  receivedAt: new Date('2026-08-07T01:37:53.815Z'),
  ...given,
});
const withBody = (contentType: string | null, body: Buffer) =>
  integrationEvent(
    request({ rawHeaders: contentType === null ? [] : ['Content-Type', contentType], body }),
    match,
    undefined,
  );

describe('the event of an HTTP API', () => {
  it('is of payload format 2.0', () => {
    expect(integrationEvent(request({}), match, { caller: 'ana' })).toEqual({
      version: '2.0',
      routeKey: 'POST /orders/{id}',
      rawPath: '/orders/a b',
      rawQueryString: 'x=1&x=2&y=%C3%A9',
      cookies: ['c=1', 'd=2'],
      headers: { host: '127.0.0.1:3000', 'x-many': 'a,b', 'user-agent': 'curl' },
      queryStringParameters: { x: '1,2', y: 'é' },
      pathParameters: { id: 'a b' },
      requestContext: {
        accountId: '000000000000',
        apiId: 'local',
        authorizer: { lambda: { caller: 'ana' } },
        domainName: '127.0.0.1:3000',
        domainPrefix: 'local',
        http: { method: 'POST', path: '/orders/a b', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'curl' },
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        routeKey: 'POST /orders/{id}',
        stage: '$default',
        time: '07/Aug/2026:01:37:53 +0000',
        timeEpoch: 1786066673815,
      },
      isBase64Encoded: false,
    });
  });

  it('keeps a body of a text type as text', () => {
    for (const type of ['application/json', 'application/json; charset=utf-8', 'TEXT/plain', 'application/xml']) {
      expect(withBody(type, Buffer.from('é'))).toMatchObject({ body: 'é', isBase64Encoded: false });
    }
  });

  it('encodes every other body, a form and a missing type included', () => {
    for (const type of ['application/octet-stream', 'application/x-www-form-urlencoded', null]) {
      expect(withBody(type, Buffer.from('é'))).toMatchObject({ body: 'w6k=', isBase64Encoded: true });
    }
  });

  it('encodes a body that calls itself text and is no UTF-8', () => {
    expect(withBody('application/json', Buffer.from([0xff, 0xfe]))).toMatchObject({
      body: '//4=',
      isBase64Encoded: true,
    });
  });

  it('tells an authorizer everything but the body', () => {
    const event = authorizerEvent(request({ body: Buffer.from('secret') }), match);
    expect(event).toMatchObject({ version: '2.0', type: 'REQUEST', routeKey: 'POST /orders/{id}', identitySource: [] });
    expect(event.routeArn).toBe('arn:aws:execute-api:us-east-1:000000000000:local/$default/POST/orders/a b');
    expect(JSON.stringify(event)).not.toContain('secret');
  });
});
