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
 * Returns the command that a message asks for. `id` is its idempotency key, kept as long as any other (14 days): a repeated
 * delivery gets the first one's operation, and the same id with another ask is refused. So an id must belong to one ask only.
 */
export function commandOf(ask: MessageAsk, message: { webhook: string; id: string; provider: string }): Command {
  // No access token's name contains a colon (infra/token.ts), so these keys cannot collide with a caller's.
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
