import * as z from 'zod';
import { onColdStart } from './assembly/cold-start.ts';
import { partsFor } from './assembly/parts.ts';
import { webhooksFrom } from './assembly/webhook-parts.ts';
import { webhookChain } from './http/chain.ts';
import type { RouteContract } from './http/contract.ts';
import { parseInput } from './http/input.ts';
import { jsonIn } from './http/json-body.ts';
import type { AcknowledgementBody, IgnoredBody } from './http/reply-bodies.ts';
import type { ApiReply, ApiRequest } from './http/request.ts';
import { acknowledged, ignored } from './http/webhook-reply.ts';
import { webhookReplies } from './http/webhook-contract.ts';
import { OrderWasDeleted } from './operations/errors.ts';
import { viewOf } from './operations/rules/view-of.ts';
import { performLater, type Command, type Performed } from './operations/perform.ts';
import type { Connections } from './providers/connections.ts';
import type { InvocationLogger } from './runtime/logger.ts';
import { commandOf } from './webhooks/command.ts';
import { SearchGivenUp } from './webhooks/errors.ts';
import { orderIdIn } from './webhooks/order-id.ts';
import { cancelledOrder, shopifyHeaders } from './webhooks/shopify.ts';
import { isShopifySignature } from './webhooks/signatures.ts';
import type { Webhooks } from './webhooks/webhooks.ts';

export interface ReceiveShopifyWebhookNeeds {
  readonly webhooks: Webhooks;
  readonly connections: Pick<Connections, 'providerOf'>;
  /** Stores the ask for the settler to carry out: Shopify waits five seconds, and a provider may take longer. */
  readonly keep: (command: Command) => Promise<Performed>;
  readonly log: InvocationLogger;
}

const pathSchema = z.object({ webhook: z.string() });
const orderSchema = z.record(z.string(), z.json());

/** Stores a cancel of the provider's order when Shopify says that its order was cancelled. The key is the event's id and the order id. */
export async function receiveShopifyWebhook(
  request: ApiRequest,
  needs: ReceiveShopifyWebhookNeeds,
): Promise<ApiReply<AcknowledgementBody | IgnoredBody>> {
  const { webhook: name } = parseInput(pathSchema, request.params, 'path');
  const webhook = needs.webhooks.get(name, 'shopify');
  const body = request.rawBody();
  const headers = parseInput(shopifyHeaders, request.headers, 'headers');
  await needs.webhooks.verify(webhook, "X-Shopify-Hmac-Sha256 is not the body's.", (secret) =>
    isShopifySignature(secret, { hmac: headers['x-shopify-hmac-sha256'], body }),
  );

  const eventId = headers['x-shopify-event-id'];
  const skip = (why: IgnoredBody['ignored']) => {
    needs.log.info('WEBHOOK_IGNORED', { webhook: name, eventId, why });
    return ignored(why);
  };
  if (headers['x-shopify-topic'] !== 'orders/cancelled') return skip('other_topic');
  const order = parseInput(orderSchema, jsonIn(body, String), 'body');
  // Headers are not signed: only the body proves that its order is cancelled.
  const cancelled = cancelledOrder.safeParse(order).data;
  if (cancelled === undefined) return skip('not_cancelled');

  const provider = needs.connections.providerOf(webhook.connection);
  let orderId;
  try {
    orderId = orderIdIn(order, webhook);
  } catch (error) {
    if (!(error instanceof SearchGivenUp)) throw error;
    // As below: acknowledge the message, and a person has to look.
    needs.log.error('WEBHOOK_ORDER_ID_NOT_SEARCHED', {
      webhook: name,
      eventId,
      shopOrder: order['name'],
      why: error.message,
    });
    return ignored('order_id_not_searched');
  }
  if (orderId === null || !provider.orderId.pattern.test(orderId)) {
    // The same message sent again would fail again, and after eight failures Shopify may drop the subscription.
    needs.log.error('WEBHOOK_ORDER_ID_MISSING', { webhook: name, eventId, shopOrder: order['name'] });
    return ignored('order_id_missing');
  }

  const ask = { connection: webhook.connection, orderId, reason: cancelled.cancel_reason };
  // One event is one action of the merchant, which may cancel several orders. No order id has a space.
  const id = `${eventId} ${orderId}`;
  const command = commandOf(ask, { webhook: name, id, provider: provider.name });
  try {
    const { operation } = await needs.keep(command);
    return acknowledged(viewOf(operation));
  } catch (error) {
    // There is nothing left to cancel, however often the message is sent.
    if (error instanceof OrderWasDeleted) return skip('order_deleted');
    throw error;
  }
}

export function contract(): RouteContract {
  return {
    tag: 'Webhooks',
    summary: 'An order that was cancelled at Shopify',
    description:
      'Shopify’s `orders/cancelled`, signed by Shopify. The declared webhook says where the body has the provider’s order id. The cancel ' +
      'is carried out after the reply. Other topics are acknowledged and ignored.',
    path: pathSchema,
    headers: shopifyHeaders,
    body: cancelledOrder,
    replies: webhookReplies(),
    problems: [
      'webhook-not-verified',
      'unknown-webhook',
      'connection-turned-away',
      'operation-in-progress',
      'idempotency-key-reused',
      'operation-unreadable',
      'temporarily-unavailable',
    ],
  };
}

export function newHandler(needs: ReceiveShopifyWebhookNeeds) {
  return webhookChain(needs.log, (request) => receiveShopifyWebhook(request, needs));
}

export const handler = onColdStart(() => {
  const parts = partsFor('receive-shopify-webhook');
  const { connections, claims, log } = parts;
  return newHandler({
    webhooks: webhooksFrom(parts),
    connections: connections(),
    keep: (command) => performLater(command, claims()),
    log: log(),
  });
});
