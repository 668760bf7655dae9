import { createConnections, parseConnections, type Connections } from '../../functions/providers/connections.ts';
import { accountKeys } from './account-names.ts';

/** One connection of each provider, for checks of order ids. No calls are made. */
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
