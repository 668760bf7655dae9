import { createHmac } from 'node:crypto';

/** The secrets of webhooks, by their names. */
export type WebhookSecrets = Readonly<Record<string, { readonly secret: { readonly current: string } }>>;

/** Returns the headers of a signed webhook to `path`; none if webhooks of this kind are not signed, or `path` is no webhook's. */
export function signedHeaders(path: string, body: string, webhooks: WebhookSecrets): Record<string, string> {
  const [, kind, name = ''] = /^\/v1\/webhooks\/(standard|shopify)\/(.+)$/.exec(path) ?? [];
  const secret = webhooks[name]?.secret.current ?? '';
  if (kind === 'shopify') {
    return {
      'x-shopify-topic': 'orders/cancelled',
      'x-shopify-event-id': '98880550-7158-44d4-b7cd-2c97c8a091b5',
      'x-shopify-hmac-sha256': createHmac('sha256', secret).update(body).digest('base64'),
    };
  }
  if (kind !== 'standard') return {};
  const id = 'msg_1';
  const timestamp = String(Math.floor(Date.now() / 1000));
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
