import { createAccounts, type Accounts } from '../../functions/operations/accounts.ts';
import type { Connections } from '../../functions/providers/connections.ts';
import type { PurposeKeys } from '../../functions/runtime/keys.ts';

type Needs = Omit<Parameters<typeof createAccounts>[0], 'declared' | 'isDeclared'>;

/** The key that digests credentials in tests, so that they can be told apart. */
export const accountKeys = (): Promise<PurposeKeys> =>
  Promise.resolve({ current: Buffer.alloc(32, 7), previous: null });

/** Accounts and their names, assembled as in `assembly/parts.ts`. */
export function accountsOf(connections: Pick<Connections, 'declaredAccount' | 'names'>, needs: Needs): Accounts {
  return createAccounts({
    ...needs,
    declared: (name) => connections.declaredAccount(name),
    isDeclared: (name) => connections.names().includes(name),
  });
}
