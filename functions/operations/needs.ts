import type { OpenConnection } from '../providers/connections.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Accounts } from './accounts.ts';
import type { ConnectionHealth } from './connection-health.ts';
import type { Ledger } from './ledger/ledger.ts';

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
}
