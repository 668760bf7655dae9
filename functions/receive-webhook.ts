import * as z from 'zod';
import { onColdStart } from './assembly/cold-start.ts';
import { partsFor } from './assembly/parts.ts';
import { webhooksFrom } from './assembly/webhook-parts.ts';
import { webhookChain } from './http/chain.ts';
import type { RouteContract } from './http/contract.ts';
import { AccessDenied } from './http/errors.ts';
import { NotSupportedByProvider, OperationInProgress } from './operations/errors.ts';
import { parseInput } from './http/input.ts';
import { jsonIn } from './http/json-body.ts';
import type { AcknowledgementBody } from './http/reply-bodies.ts';
import type { ApiReply, ApiRequest } from './http/request.ts';
import { acknowledged } from './http/webhook-reply.ts';
import { webhookReplies } from './http/webhook-contract.ts';
import type { OperationNeeds } from './operations/needs.ts';
import { viewOf } from './operations/rules/view-of.ts';
import { perform } from './operations/perform.ts';
import type { Connections } from './providers/connections.ts';
import type { InvocationLogger } from './runtime/logger.ts';
import { commandOf } from './webhooks/command.ts';
import { isInTime, isStandardSignature } from './webhooks/signatures.ts';
import { cancelMessage, standardHeaders } from './webhooks/standard.ts';
import type { Webhooks } from './webhooks/webhooks.ts';

export interface ReceiveWebhookNeeds {
  readonly webhooks: Webhooks;
  readonly connections: Pick<Connections, 'providerOf' | 'checkOrderId'>;
  readonly operations: OperationNeeds;
  readonly log: InvocationLogger;
}

const pathSchema = z.object({ webhook: z.string() });

/** Cancels the order that a signed message (Standard Webhooks specification) names. The message's id is the idempotency key. */
export async function receiveWebhook(
  request: ApiRequest,
  needs: ReceiveWebhookNeeds,
): Promise<ApiReply<AcknowledgementBody>> {
  const { webhook: name } = parseInput(pathSchema, request.params, 'path');
  const webhook = needs.webhooks.get(name, 'standard');
  const body = request.rawBody();
  const headers = parseInput(standardHeaders, request.headers, 'headers');
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
  if (!isInTime(timestamp, needs.operations.clock.now())) {
    needs.webhooks.refuse(webhook, 'webhook-timestamp is more than 300 seconds away from the time here.');
  }
  await needs.webhooks.verify(webhook, 'No signature in webhook-signature is made with the secret.', (secret) =>
    isStandardSignature(secret, { id, timestamp, signatures, body }),
  );

  const ask = parseInput(cancelMessage, jsonIn(body), 'body');
  const { connection, orderId } = ask;
  if (!webhook.connections.includes(connection)) throw new AccessDenied('This webhook is for other connections.');
  needs.connections.checkOrderId(connection, orderId);
  const provider = needs.connections.providerOf(connection);
  if (provider.capabilities.cancel.evidence === 'absent') throw new NotSupportedByProvider();

  const command = commandOf(ask, { webhook: name, id, provider: provider.name });
  try {
    const { operation } = await perform(command, needs.operations, request.remainingMs);
    return acknowledged(viewOf(operation));
  } catch (error) {
    // The key is bound to that cancel now, so this delivery has done its work. An operation of another kind is only in the way.
    if (error instanceof OperationInProgress && error.isSameKind) return acknowledged(error.view);
    throw error;
  }
}

export function contract(): RouteContract {
  return {
    tag: 'Webhooks',
    summary: 'A signed message that asks for a cancel',
    description:
      'Signed as in the Standard Webhooks specification, over the bytes of the body. The id of the message is its idempotency key.',
    path: pathSchema,
    headers: standardHeaders,
    body: cancelMessage,
    replies: webhookReplies(),
    problems: [
      'webhook-not-verified',
      'unknown-webhook',
      'access-denied',
      'connection-turned-away',
      'order-not-found',
      'operation-in-progress',
      'idempotency-key-reused',
      'not-supported-by-provider',
      'operation-unreadable',
      'temporarily-unavailable',
    ],
  };
}

export function newHandler(needs: ReceiveWebhookNeeds) {
  return webhookChain(needs.log, (request) => receiveWebhook(request, needs));
}

export const handler = onColdStart(() => {
  const parts = partsFor('receive-webhook');
  const { connections, operations, log } = parts;
  return newHandler({
    webhooks: webhooksFrom(parts),
    connections: connections(),
    operations: operations(),
    log: log(),
  });
});
