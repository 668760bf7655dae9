import { parseConnections } from '../../functions/providers/connections.ts';
import { InvalidConnections } from '../../functions/providers/errors.ts';
import { PROVIDERS } from '../../functions/providers/registry.ts';
import { declarationsIn, type ConnectionsFile } from './connections-file.ts';

/**
 * Refuses connections that share a credential at a provider where only the credential identifies the account: they are one account under
 * two names. A deployed stack notices this at the first ask. Throws `InvalidConnections`.
 */
export function refuseSharedCredentials(connections: ConnectionsFile): void {
  const names = new Map<string, string>();
  const problems = [...parseConnections(declarationsIn(connections)).values()].flatMap((declaration) => {
    const { name, provider, baseUrl, settings } = declaration;
    const credential = connections[name]?.credential.trim() ?? '';
    if (PROVIDERS.get(provider)?.account({ baseUrl: new URL(baseUrl), settings }).isWhole !== false) return [];
    const first = names.get(`${provider} ${credential}`);
    if (first !== undefined)
      return [`${name}: has the credential of ${first}, so it is the same account, and an account has one name only`];
    names.set(`${provider} ${credential}`, name);
    return [];
  });
  if (problems.length > 0) throw new InvalidConnections(problems);
}
