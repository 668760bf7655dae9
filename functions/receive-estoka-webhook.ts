import * as z from 'zod';
import { onColdStart } from './assembly/cold-start.ts';
import { partsFor } from './assembly/parts.ts';
import { webhooksFrom } from './assembly/webhook-parts.ts';
import { webhookChain } from './http/chain.ts';
import type { RouteContract } from './http/contract.ts';
import { providerFailure } from './http/provider-failure.ts';
import { parseInput } from './http/input.ts';
import { jsonIn } from './http/json-body.ts';
import type { AcknowledgementBody, IgnoredBody } from './http/reply-bodies.ts';
import type { ApiReply, ApiRequest } from './http/request.ts';
import { acknowledged, ignored } from './http/webhook-reply.ts';
import { webhookReplies } from './http/webhook-contract.ts';
import type { OperationNeeds } from './operations/needs.ts';
import { observe } from './operations/observe.ts';
import { viewOf } from './operations/rules/view-of.ts';
import type { Connections } from './providers/connections.ts';
import type { InvocationLogger } from './runtime/logger.ts';
import { estokaHint, estokaSettings, isAboutCancelling } from './webhooks/estoka-hint.ts';
import { isSame } from './webhooks/signatures.ts';
import type { Webhooks } from './webhooks/webhooks.ts';

export interface ReceiveEstokaWebhookNeeds {
  readonly webhooks: Webhooks;
  readonly connections: Pick<Connections, 'get' | 'checkOrderId'>;
  readonly operations: OperationNeeds;
  readonly log: InvocationLogger;
}

const pathSchema = z.object({ webhook: z.string(), secret: z.string() });

/**
 * Takes Estoka's message that something happened to an order. Estoka signs nothing, so the secret is in the address and the message is only
 * a hint: the order is read back, its open operation is settled, and a cancel made outside Countermand is recorded.
 */
export async function receiveEstokaWebhook(
  request: ApiRequest,
  needs: ReceiveEstokaWebhookNeeds,
): Promise<ApiReply<AcknowledgementBody | IgnoredBody>> {
  const { webhook: name, secret } = parseInput(pathSchema, request.params, 'path');
  const webhook = needs.webhooks.get(name, 'estoka');
  const body = request.rawBody();
  await needs.webhooks.verify(webhook, 'The secret in the address is not the one of this webhook.', (stored) =>
    isSame(stored, secret),
  );
  const hint = parseInput(estokaHint, jsonIn(body, String), 'body');

  const skip = (why: IgnoredBody['ignored']) => {
    needs.log.info('WEBHOOK_IGNORED', { webhook: name, why });
    return ignored(why);
  };
  if (!isAboutCancelling(hint)) return skip('not_about_cancelling');
  const connection = webhook.connections.find((candidate) => {
    const { organizationId } = estokaSettings.parse(needs.connections.get(candidate).settings);
    return organizationId === hint.organization_id;
  });
  if (connection === undefined) return skip('other_organization');
  needs.connections.checkOrderId(connection, hint.object_id);

  const { provider } = needs.connections.get(connection);
  const order = { connection, provider, orderId: hint.object_id, trigger: 'webhook' as const };
  const observed = await observe(order, needs.operations, request.remainingMs);
  switch (observed.kind) {
    case 'operation':
      return acknowledged(viewOf(observed.operation));
    case 'nothing':
      return skip('not_cancelled');
    case 'unread':
      // Estoka may send the message again; how often is not documented. An open operation does not depend on it.
      throw providerFailure(observed.failure);
  }
}

export function contract(): RouteContract {
  return {
    tag: 'Webhooks',
    summary: 'Estoka’s messages about its orders',
    description:
      'Estoka signs nothing, so the secret is in the path. The body is a hint: the order is read back, its open operation is settled, ' +
      'and a cancel that was made outside Countermand is recorded.',
    path: pathSchema,
    body: estokaHint,
    replies: webhookReplies(),
    problems: [
      'webhook-not-verified',
      'unknown-webhook',
      'connection-turned-away',
      'provider-failed',
      'provider-unavailable',
      'operation-unreadable',
      'temporarily-unavailable',
    ],
  };
}

export function newHandler(needs: ReceiveEstokaWebhookNeeds) {
  return webhookChain(needs.log, (request) => receiveEstokaWebhook(request, needs));
}

export const handler = onColdStart(() => {
  const parts = partsFor('receive-estoka-webhook');
  const { connections, operations, log } = parts;
  return newHandler({
    webhooks: webhooksFrom(parts),
    connections: connections(),
    operations: operations(),
    log: log(),
  });
});
