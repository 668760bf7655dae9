import { onColdStart } from './assembly/cold-start.ts';
import { partsFor } from './assembly/parts.ts';
import { httpChain } from './http/chain.ts';
import type { RouteContract } from './http/contract.ts';
import { providersBody, type ProvidersBody } from './http/reply-bodies.ts';
import type { ApiReply } from './http/request.ts';
import type { Provider } from './providers/provider.ts';
import { PROVIDERS } from './providers/registry.ts';
import type { InvocationLogger } from './runtime/logger.ts';

export interface ListProvidersNeeds {
  readonly providers: ReadonlyMap<string, Provider>;
  readonly log: InvocationLogger;
}

/** Lists what each provider can do, how sure we are of that, and what each call touches. */
export function listProviders({ providers }: Pick<ListProvidersNeeds, 'providers'>): ApiReply<ProvidersBody> {
  const shown = [...providers.values()].map(({ name, orderId, capabilities }) => ({
    name,
    orderId: orderId.description,
    capabilities,
  }));
  return { status: 200, body: { providers: shown, nextCursor: null } };
}

export function contract(): RouteContract {
  return {
    tag: 'Setup',
    summary: 'What each provider can do',
    description: 'Each capability, how sure we are of it, and what it touches at the provider.',
    replies: { 200: { description: 'The providers.', body: providersBody } },
    problems: [],
  };
}

export function newHandler(needs: ListProvidersNeeds) {
  return httpChain({ access: 'read', log: needs.log, handle: () => listProviders(needs) });
}

export const handler = onColdStart(() => newHandler({ providers: PROVIDERS, log: partsFor('list-providers').log() }));
