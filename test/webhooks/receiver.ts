import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { createConnections, parseConnections } from '../../functions/providers/connections.ts';
import type { Clock } from '../../functions/runtime/clock.ts';
import type { InvocationLogger } from '../../functions/runtime/logger.ts';
import { parseWebhooks } from '../../functions/webhooks/declarations.ts';
import { problemOfPattern } from '../../functions/webhooks/order-id-pattern.ts';
import { createWebhooks, type Webhooks } from '../../functions/webhooks/webhooks.ts';
import { accountKeys } from '../support/account-names.ts';

/** The connections and webhooks that the receiving functions are tested with; the secrets are the test's to change. */

export const SECRETS = {
  stock: 'estoka-secret-0123456789abcdef',
  checkout: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
  shop: 'shpss_0123456789abcdef0123456789abcdef',
  tagged: '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',
};

const declaredConnections = parseConnections({
  'loja-rio': { provider: 'estoka', baseUrl: 'https://estoka.example', organizationId: 1 },
  'loja-sul': { provider: 'estoka', baseUrl: 'https://estoka.example', organizationId: 2 },
  'toko-jaya': { provider: 'ngorder', baseUrl: 'https://ngorder.example' },
});

export const connections = createConnections({
  declarations: declaredConnections,
  readCredential: () => Promise.reject(new Error('is not read here')),
  accountKeys,
  http: () => {
    throw new Error('is not called here');
  },
});

export function webhooksOf(clock: Clock, log: InvocationLogger): { webhooks: Webhooks; stored: Map<string, unknown> } {
  const stored = new Map<string, unknown>(Object.entries(SECRETS).map(([name, current]) => [name, { current }]));
  const webhooks = createWebhooks({
    declarations: parseWebhooks(
      {
        stock: { kind: 'estoka', connections: ['loja-rio', 'loja-sul'] },
        checkout: { kind: 'standard', connections: ['loja-rio'] },
        shop: {
          kind: 'shopify',
          connection: 'loja-rio',
          orderIdPath: "note_attributes[?name=='estoka_order_id'].value | [0]",
        },
        tagged: {
          kind: 'shopify',
          connection: 'loja-rio',
          orderIdPath: 'tags',
          orderIdPattern: '(?:\\w+\\s*)+-(\\d+)',
        },
      },
      declaredConnections,
      problemOfPattern,
    ),
    readSecret: (name) => Promise.resolve(JSON.stringify(stored.get(name))),
    clock,
    log,
  });
  return { webhooks, stored };
}

/** Signs as the reference implementation does. */
export function signStandard(secret: string, message: { id: string; at: number; body: string }): string {
  return new Webhook(secret).sign(message.id, new Date(message.at), message.body);
}

/** Signs as Shopify publishes it. */
export function signShopify(secret: string, body: string | Uint8Array): string {
  return createHmac('sha256', secret).update(body).digest('base64');
}

/** A delivery, as `askRoute` takes it; bytes come as API Gateway hands them over, in base64. */
export function delivery(request: {
  params: Record<string, string>;
  /** Undefined: is not sent. */
  headers: Record<string, string | undefined>;
  body: string | Uint8Array;
}) {
  const { params, headers, body } = request;
  const isBase64Encoded = typeof body !== 'string';
  return {
    params,
    headers: Object.fromEntries(
      Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ),
    body: isBase64Encoded ? Buffer.from(body).toString('base64') : body,
    isBase64Encoded,
    authorizer: null,
  };
}
