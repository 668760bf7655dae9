import { onColdStart } from './assembly/cold-start.ts';
import { partsFor } from './assembly/parts.ts';
import { httpChain } from './http/chain.ts';
import { MethodNotAllowed, NoSuchRoute } from './http/errors.ts';
import type { ApiRequest } from './http/request.ts';
import { methodsOf } from './http/routes.ts';
import type { InvocationLogger } from './runtime/logger.ts';

export interface AnswerUnknownRouteNeeds {
  readonly log: InvocationLogger;
}

/** Answers a request that no route takes: a 404 if its path is wrong, a 405 if only its method is. API Gateway alone answers a bare 404. */
export function answerUnknownRoute({ path }: Pick<ApiRequest, 'path'>): never {
  const methods = methodsOf(path);
  if (methods.length > 0) throw new MethodNotAllowed(methods);
  throw new NoSuchRoute();
}

export function newHandler({ log }: AnswerUnknownRouteNeeds) {
  return httpChain({ access: 'public', body: 'ignored', log, handle: answerUnknownRoute });
}

export const handler = onColdStart(() => newHandler({ log: partsFor('answer-unknown-route').log() }));
