import {
  NotSupportedByProvider,
  AccountTurnedAway,
  IdempotencyKeyReused,
  OrderWasDeleted,
} from '../operations/errors.ts';
import { InvalidOrderId, UnknownConnection } from '../providers/errors.ts';
import { InvalidCommand } from './errors.ts';

/** Why a command can never work: a stable code, and a sentence for the person who finds it. */
export interface Reason {
  readonly code: string;
  readonly text: string;
  /** The same sentence for callers who may not know of other connections. */
  readonly textForCallers?: string;
}

/** Returns why a command failed for good; null if another delivery of it may work. */
export function deadReasonOf(error: unknown): Reason | null {
  if (error instanceof InvalidCommand) return { code: 'invalid-command', text: error.message };
  if (error instanceof UnknownConnection) {
    return {
      code: 'unknown-connection',
      text: 'There is no connection of this name. Declare it, then redrive the message.',
    };
  }
  if (error instanceof AccountTurnedAway) {
    const { message } = AccountTurnedAway.because(error.connection, error.why);
    return { code: 'connection-turned-away', text: error.message, textForCallers: message };
  }
  if (error instanceof InvalidOrderId) return { code: 'invalid-order-id', text: error.message };
  if (error instanceof NotSupportedByProvider) {
    return { code: 'not-supported-by-provider', text: 'The provider of this connection cannot do this at all.' };
  }
  if (error instanceof IdempotencyKeyReused) {
    return { code: 'idempotency-key-reused', text: 'The idempotency key was used before, for another command.' };
  }
  if (error instanceof OrderWasDeleted) {
    return { code: 'order-was-deleted', text: 'The order was deleted for good.' };
  }
  return null;
}
