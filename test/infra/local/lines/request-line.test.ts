import { describe, expect, it } from '@jest/globals';
import type { Answered } from '../../../../infra/local/aws/gateway.ts';
import { requestLine } from '../../../../infra/local/lines/request-line.ts';
import { formatted } from '../../../../infra/local/lines/work-line.ts';

const CANCEL = 'POST /v1/connections/{connection}/orders/{orderId}/cancel';

interface Given extends Partial<Omit<Answered, 'reply' | 'match'>> {
  routeKey?: string;
  pathParameters?: Record<string, string>;
  status?: number;
  body?: unknown;
  headers?: [string, string][];
}

function answered({
  routeKey = CANCEL,
  pathParameters = {},
  status = 200,
  body,
  headers = [],
  ...given
}: Given): Answered {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return {
    ...{ at: new Date('2026-12-01T01:50:17.943Z'), method: routeKey.split(' ')[0] ?? '', ms: 43, isHeard: true },
    target: '/v1/connections/loja-rio/orders/340/cancel',
    match: {
      route: { routeKey, functionName: 'work', authorizerName: null },
      pathParameters: { connection: 'loja-rio', orderId: '340', ...pathParameters },
    },
    reply: { status, headers: [['content-type', 'application/json'], ...headers], body: Buffer.from(text) },
    ...given,
  };
}
const printed = (given: Given) => formatted(requestLine(answered(given)), (_, text) => text).replace(/^\S+ +/, '');
const operation = (given: Record<string, unknown> = {}) => ({
  ...{ id: 'loja-rio:340:1', connection: 'loja-rio', orderId: '340', kind: 'cancel', outcome: 'confirmed' },
  ...{ detail: 'cancelled', note: 'for Ana Silva', actor: 'ana' },
  ...given,
});
const problem = (slug: string, given: Record<string, unknown>) => ({
  type: `/problems/${slug}`,
  title: 'A title',
  ...given,
});
const ROW = 'POST /v1/connections/loja-rio/orders/340/cancel';

describe('the line of a request', () => {
  it.each<[string, Given, string]>([
    ['an operation', { body: operation() }, `200   confirmed           43 ms  ${ROW}  cancelled`],
    [
      'a replay',
      { body: operation(), headers: [['idempotent-replayed', 'true']] },
      `200   confirmed           43 ms  ${ROW}  cancelled, replayed`,
    ],
    [
      'a lost answer',
      { status: 202, body: operation({ outcome: 'unknown', detail: 'timed_out' }) },
      `202   unknown             43 ms  ${ROW}  timed_out`,
    ],
    [
      'what was parked',
      { status: 202, body: operation({ outcome: 'needs_attention', detail: 'unknown_reply' }) },
      `202   needs_attention     43 ms  ${ROW}  unknown_reply: a person has to look. GET /v1/operations/loja-rio:340:1 shows why.`,
    ],
    [
      'a refusal',
      {
        status: 409,
        body: problem('order-not-cancellable', {
          detail: 'The provider says: já foi enviado',
          operation: operation({ outcome: 'refused', detail: 'refused_by_provider' }),
        }),
      },
      `409   refused             43 ms  ${ROW}  The provider says: já foi enviado`,
    ],
    [
      'a dry run',
      { body: { dryRun: true, wouldCancel: true, verdict: 'would', effects: [] } },
      `200   dry run             43 ms  ${ROW}  would`,
    ],
    [
      'an order that is looked up',
      { routeKey: 'GET /v1/connections/{connection}/orders/{orderId}', body: { operation: operation(), previous: [] } },
      '200   confirmed           43 ms  GET /v1/connections/loja-rio/orders/340  cancelled',
    ],
    [
      'an order that is named in the body only',
      { routeKey: 'POST /api/open/order/cancel', body: { operation: operation({ id: 'toko-jaya:1338:2' }) } },
      '200   confirmed           43 ms  POST /api/open/order/cancel  toko-jaya:1338:2  cancelled',
    ],
    [
      'a wrong field',
      {
        status: 400,
        body: problem('invalid-request', {
          detail: 'Wrong: orderId.',
          errors: [
            { field: 'orderId', message: 'must be 1 to 18 digits' },
            { field: 'note', message: 'is too long.' },
          ],
        }),
      },
      `400                       43 ms  ${ROW}  orderId: must be 1 to 18 digits; note: is too long.`,
    ],
    [
      'an unknown connection',
      {
        status: 404,
        body: problem('unknown-connection', {
          detail: 'There is no connection named loja-rio.',
          errors: [{ field: 'connection', message: 'is not a declared connection' }],
        }),
      },
      `404                       43 ms  ${ROW}  There is no connection named loja-rio. GET /v1/connections lists them.`,
    ],
    [
      'a caller without a token',
      { status: 401, body: problem('access-token-required', { detail: 'This access token is not known.' }) },
      `401                       43 ms  ${ROW}  This access token is not known. \`npm start\` printed one: export TOKEN=…`,
    ],
    [
      'no route',
      {
        routeKey: '$default',
        method: 'GET',
        target: '/nope',
        status: 404,
        body: problem('not-found', { detail: 'No route has this path.' }),
      },
      '404                       43 ms  GET /nope             No route has this path. GET /docs shows all routes.',
    ],
    [
      'a reply of the gateway’s own',
      { status: 503, body: { message: 'Service Unavailable' } },
      `503                       43 ms  ${ROW}  Service Unavailable`,
    ],
    [
      'a caller who hung up',
      { status: 202, isHeard: false, body: operation({ outcome: 'unknown', detail: 'timed_out' }) },
      `202   unknown             43 ms  ${ROW}  timed_out, and the caller did not wait for it`,
    ],
    [
      'a webhook',
      {
        routeKey: 'POST /v1/webhooks/estoka/{webhook}/{secret}',
        pathParameters: { webhook: 'estoka', secret: 'm-fs_nIpo1iLGHwufgzLXB76' },
        body: { operation: 'loja-rio:340:1', outcome: 'confirmed', detail: 'cancelled', final: true },
      },
      '200   confirmed           43 ms  POST /v1/webhooks/estoka/estoka/…  loja-rio:340:1    cancelled',
    ],
    ['a page', { routeKey: 'GET /docs', body: '<!doctype html>' }, '200                       43 ms  GET /docs'],
    ['nothing', { status: 204, body: '' }, `204                       43 ms  ${ROW}`],
    [
      'a list',
      { routeKey: 'GET /v1/operations', body: { operations: [operation()] } },
      '200                       43 ms  GET /v1/operations',
    ],
  ])('tells of %s', (_, given, text) => {
    expect(printed(given)).toBe(text);
  });

  it('says nothing of a person, nor of a credential, that stands in a reply', () => {
    const said = 'There is no connection named ana@example.com, CPF 529.982.247-25, Bearer abcdefghijklmnop';
    const text = printed({ status: 404, body: problem('unknown-connection', { detail: said }) });
    expect(text).toContain('There is no connection named');
    expect(text).not.toMatch(/ana@|529|abcdef/);
    const foreign = operation({ id: 'ana@example.com', outcome: 'Ana Silva', detail: 'Rua do Ouvidor' });
    expect(printed({ body: foreign })).toBe(`200                       43 ms  ${ROW}`);
  });
});
