import { createConnections, parseConnections, type Connections } from '../../functions/providers/connections.ts';
import { accountKeys } from './account-names.ts';

/** One connection of each provider, to check orders by; nothing is called. */
export function declaredConnections(): Connections {
  return createConnections({
    declarations: parseConnections({
      'loja-rio': { provider: 'estoka', baseUrl: 'https://estoka.example', organizationId: 1 },
      'toko-jaya': { provider: 'ngorder', baseUrl: 'https://ngorder.example' },
    }),
    readCredential: () => Promise.reject(new Error('is not read here')),
    accountKeys,
    http: () => {
      throw new Error('is not called here');
    },
  });
}
