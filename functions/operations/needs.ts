import type { CallFailure } from '../providers/call-failure.ts';
import type { OpenConnection } from '../providers/connections.ts';
import type { CallLimits, LookUpReply } from '../providers/provider.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Accounts } from './accounts.ts';
import type { ConnectionHealth } from './connection-health.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { OpenOperation } from './rules/operation.ts';

/** What performing and settling operations needs. */
export interface OperationNeeds {
  ledger: Ledger;
  health: ConnectionHealth;
  accounts: Accounts;
  /** Opens a connection with its credential; `fresh` reads the credential anew. Throws `AccountTurnedAway` (`openChecked`). */
  openConnection: (name: string, options?: { fresh?: boolean }) => Promise<OpenConnection>;
  clock: Clock;
  /** A name that no other invocation has. */
  newOwner: () => string;
  /** Strikes credentials and personal data out of a text. */
  redact: (text: string) => string;
  log: Logger;
  /** By how much the clocks of two containers may differ. */
  clockSkewMs: number;
  stillMeant: StillMeant;
}

/** What reading at a provider needs, and noting what its reply says of the connection. */
export type ReadNeeds = Pick<OperationNeeds, 'openConnection' | 'health' | 'clock' | 'log'>;

/** What a rule says of an order that is about to be asked for again. `moved`: the order is not where the look-up saw it. */
export type Ruling = { readonly kind: 'meant' | 'spared' | 'moved' } | CallFailure;

/**
 * Asks whether the rule that opened an operation still means it. The settler asks this before it repeats the ask of an operation that may
 * be withdrawn. `seen` proved that the earlier ask had no effect.
 */
export type StillMeant = (
  operation: Pick<OpenOperation, 'orderId'>,
  seen: LookUpReply,
  connection: OpenConnection,
  call: CallLimits,
) => Promise<Ruling>;
