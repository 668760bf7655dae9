import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { signedHeaders, type WebhookSecrets } from './signed-headers.ts';

/** One request to the local stack with its sandbox providers. Its reply is an example in the OpenAPI document. */
interface ExampleRequest {
  /** The function of the route. */
  readonly function: string;
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly isAnonymous?: boolean;
  /** Its body is wrong on purpose, so the document does not show it. */
  readonly isWrong?: boolean;
  /** The request is repeated until its reply is final. */
  readonly isFollowed?: boolean;
}

const exampleSchema = z.object({ function: z.string(), name: z.string(), status: z.int(), body: z.unknown() });
export type Example = z.infer<typeof exampleSchema>;

const cancel = (connection: string, orderId: string) => ({
  function: 'cancel-order',
  method: 'POST',
  path: `/v1/connections/${connection}/orders/${orderId}/cancel`,
});
const restore = (connection: string, orderId: string) => ({
  function: 'restore-cancelled-order',
  method: 'POST',
  path: `/v1/connections/${connection}/cancelled-orders/${orderId}/restore`,
});
const get = (name: string, path: string) => ({ function: name, method: 'GET', path });
const plan = { function: 'cancel-orders', method: 'POST', path: '/v1/connections/loja-rio/orders/cancel' };
const change = (name: string, method: string, path: string) => ({
  function: name,
  method,
  path: `/v1/connections/toko-jaya/cancelled-orders${path}`,
});
const ngorder = (name: string, method: string, path: string) => ({ function: name, method, path: `/api/open/${path}` });
const key = { 'idempotency-key': 'ask-7' };
const webhook = (name: string, path: string) => ({
  function: name,
  method: 'POST',
  path: `/v1/webhooks/${path}`,
  isAnonymous: true,
});
const estoka = webhook('receive-estoka-webhook', 'estoka/estoka/{secret}');
const hint = { object_type: 'Order', object_id: 340, organization_id: 1, event: 'completed_cancel' };

/** The order matters: later requests see the effects of earlier ones. */
export const EXAMPLE_SESSION: readonly ExampleRequest[] = [
  { ...cancel('toko-jaya', '1338'), name: 'dryRun', body: { dryRun: true } },
  { ...cancel('loja-rio', '340'), name: 'confirmed', body: { reason: 'customer', actor: 'ana' }, headers: key },
  { ...cancel('toko-jaya', '9001'), name: 'unknown', body: { reason: 'fraud' } },
  { ...cancel('loja-rio', '9008'), name: 'refused' },
  { ...cancel('loja-rio', '777777'), name: 'orderNotFound' },
  { ...cancel('loja-rio', '340'), name: 'keyReused', body: { reason: 'staff' }, headers: key, isWrong: true },
  { ...cancel('loja-rio', '340'), name: 'wrongField', body: { reasn: 'fraud' }, isWrong: true },
  { ...cancel('loja-sul', '340'), name: 'unknownConnection' },
  { ...cancel('loja-rio', '340'), name: 'noToken', isAnonymous: true },
  { ...plan, name: 'plan', body: { orderIds: ['402', '404'], dryRun: true }, headers: { 'idempotency-key': 'plan-3' } },
  { ...plan, name: 'withoutKey', body: { orderIds: ['402', '404'] }, isWrong: true },
  { ...get('get-batch', '/v1/batches/afxR7DOwtfJEYgXPRE1GABu0'), name: 'plan', isFollowed: true },
  { ...get('get-batch', '/v1/batches/000000000000000000000000'), name: 'unknownBatch' },
  { ...change('list-cancelled-orders', 'GET', '?from=2021-01-01&to=2021-01-31&limit=1'), name: 'january' },
  { ...get('list-cancelled-orders', '/v1/cancelled-orders?from=2021-01-01&to=2021-01-31&limit=1'), name: 'everywhere' },
  { ...change('get-cancelled-order', 'GET', '/566'), name: 'cancelled' },
  { ...change('get-cancelled-order', 'GET', '/1402'), name: 'active' },
  { ...change('delete-cancelled-order', 'DELETE', '/558'), name: 'dryRun', body: { dryRun: true } },
  { ...change('delete-cancelled-order', 'DELETE', '/558'), name: 'noIfMatch' },
  { ...restore('toko-jaya', '566'), name: 'dryRun', body: { dryRun: true } },
  { ...restore('toko-jaya', '566'), name: 'restored', body: { actor: 'ana' } },
  { ...restore('loja-rio', '340'), name: 'notSupported' },
  {
    ...{ function: 'cancel-estoka-order', name: 'cancelled', method: 'POST' },
    path: '/api/v1/organizations/1/orders/340/cancel',
  },
  {
    ...{ function: 'cancel-estoka-order', name: 'refused', method: 'POST' },
    path: '/api/v1/organizations/1/orders/9008/cancel',
  },
  { ...ngorder('cancel-ngorder-order', 'POST', 'order/cancel'), name: 'cancelled', body: { id: 1338 } },
  { ...ngorder('cancel-ngorder-order', 'POST', 'order/cancel'), name: 'refused', body: { id: 9008 } },
  { ...ngorder('list-ngorder-cancelled-orders', 'GET', 'order-cancel?end_date=2021-01-31&per_page=1'), name: 'page' },
  { ...ngorder('restore-ngorder-cancelled-order', 'POST', 'order-cancel/return'), name: 'returned', body: { id: 566 } },
  { ...ngorder('delete-ngorder-cancelled-order', 'DELETE', 'order-cancel/558'), name: 'deleted', body: { id: 558 } },
  { ...estoka, name: 'known', body: hint },
  { ...estoka, name: 'notAboutCancelling', body: { ...hint, event: 'completed_return' } },
  {
    ...webhook('receive-webhook', 'standard/checkout'),
    name: 'confirmed',
    body: { connection: 'loja-rio', orderId: '424', reason: 'fraud' },
  },
  {
    ...webhook('receive-shopify-webhook', 'shopify/shop'),
    name: 'queued',
    body: {
      name: '#1042',
      cancelled_at: '2026-11-26T09:30:00-03:00',
      cancel_reason: 'customer',
      note_attributes: [{ name: 'estoka_order_id', value: '422' }],
    },
  },
  { ...get('get-order', '/v1/connections/loja-rio/orders/340'), name: 'cancelled' },
  { ...get('get-order', '/v1/connections/loja-rio/orders/341'), name: 'neverAsked' },
  { ...get('get-operation', '/v1/operations/loja-rio:340:1'), name: 'confirmed' },
  { ...get('get-operation', '/v1/operations/loja-rio:340:2'), name: 'unknownOperation' },
  { ...get('list-operations', '/v1/operations?connection=loja-rio&outcome=refused'), name: 'refused' },
  { ...get('list-operations', '/v1/operations?limit=1000'), name: 'wrongLimit' },
  { ...get('list-connections', '/v1/connections'), name: 'connections' },
  { ...get('list-providers', '/v1/providers'), name: 'providers' },
  { ...get('health', '/health'), name: 'ok', isAnonymous: true },
];

interface FreshStack {
  readonly url: string;
  readonly token: string;
  readonly webhooks: WebhookSecrets;
}

/** Sends the session's requests to a fresh stack and returns its replies. */
export async function recordExamples(stack: FreshStack): Promise<Example[]> {
  const examples: Example[] = [];
  for (const request of EXAMPLE_SESSION) {
    let reply = await ask(request, stack);
    while (request.isFollowed === true && !isFinal(reply.body)) {
      await sleep(200);
      reply = await ask(request, stack);
    }
    examples.push({ function: request.function, name: request.name, ...reply });
  }
  return examples;
}

async function ask(
  { method, path, body, headers, isAnonymous }: ExampleRequest,
  { url, token, webhooks }: FreshStack,
): Promise<{ status: number; body: unknown }> {
  const text = body === undefined ? null : JSON.stringify(body);
  const reply = await fetch(`${url}${path.replace('{secret}', webhooks['estoka']?.secret.current ?? '')}`, {
    method,
    headers: {
      ...headers,
      ...(isAnonymous === true ? {} : { authorization: `Bearer ${token}` }),
      ...(text === null ? {} : { 'content-type': 'application/json', ...signedHeaders(path, text, webhooks) }),
    },
    body: text,
  });
  return { status: reply.status, body: await reply.json() };
}

function isFinal(body: unknown): boolean {
  return z.object({ final: z.boolean() }).parse(body).final;
}

/** Reads the local stack's replies from `examples.json`. A test sends the requests again and compares. */
export function keptExamples(): Example[] {
  const text = readFileSync(new URL('examples.json', import.meta.url), 'utf8');
  return z.array(exampleSchema).parse(JSON.parse(text));
}
