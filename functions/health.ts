import { onColdStart } from './assembly/cold-start.ts';
import { partsFor } from './assembly/parts.ts';
import { httpChain } from './http/chain.ts';
import type { RouteContract } from './http/contract.ts';
import { healthBody } from './http/reply-bodies.ts';
import type { ApiReply } from './http/request.ts';
import type { InvocationLogger } from './runtime/logger.ts';

export interface HealthNeeds {
  readonly log: InvocationLogger;
}

/** Answers that the API's functions run. Checks nothing else, so that nobody takes a provider's or a table's trouble for the API's. */
export function health(): ApiReply {
  return { status: 200, body: { status: 'ok' } };
}

export function contract(): RouteContract {
  return {
    tag: 'Service',
    summary: 'Whether the API answers',
    replies: { 200: { description: 'The API answers. Nothing else is checked.', body: healthBody } },
    problems: [],
  };
}

export function newHandler({ log }: HealthNeeds) {
  return httpChain({ access: 'public', log, handle: health });
}

export const handler = onColdStart(() => newHandler({ log: partsFor('health').log() }));
