import { fingerprintOf } from '../idempotency/fingerprint.ts';
import { scopedKey } from '../idempotency/idempotency-key.ts';
import type { CancelReason } from '../operations/rules/operation.ts';
import type { Command } from '../operations/perform.ts';

/** A cancel that a webhook's message asks for. */
export interface MessageAsk {
  readonly connection: string;
  readonly orderId: string;
  readonly reason?: CancelReason | null | undefined;
  readonly note?: string | undefined;
  readonly actor?: string | undefined;
}

/**
 * The command that a message asks for. `id` is its idempotency key, kept for as long as any (14 days): a repeated delivery gets
 * the operation of the first, and the same id with another ask is refused. So an id must be of one ask only.
 */
export function commandOf(ask: MessageAsk, message: { webhook: string; id: string; provider: string }): Command {
  // No access token's name has a colon (infra/token.ts), so no caller's keys meet these.
  const caller = `webhook:${message.webhook}`;
  return {
    connection: ask.connection,
    provider: message.provider,
    orderId: ask.orderId,
    kind: 'cancel',
    reason: ask.reason ?? null,
    note: ask.note ?? null,
    actor: ask.actor ?? message.webhook,
    trigger: 'webhook',
    idempotency: {
      key: scopedKey(caller, message.id),
      fingerprint: fingerprintOf({ caller, route: 'cancel', body: ask }),
    },
  };
}
