import * as z from 'zod';
import { onColdStart } from './assembly/cold-start.ts';
import { bundledJson, partsFor } from './assembly/parts.ts';
import { httpChain } from './http/chain.ts';
import type { RouteContract } from './http/contract.ts';
import type { ApiReply } from './http/request.ts';
import { OPENAPI_FILE } from './runtime/environment.ts';
import type { InvocationLogger } from './runtime/logger.ts';

export interface GetOpenapiNeeds {
  /** The document that was bundled with the function. */
  readonly document: unknown;
  readonly log: InvocationLogger;
}

/** Returns the API's OpenAPI document, generated together with the bundles that it describes. */
export function getOpenapi({ document }: Pick<GetOpenapiNeeds, 'document'>): ApiReply {
  return { status: 200, body: document };
}

export function contract(): RouteContract {
  return {
    tag: 'Service',
    summary: 'This document',
    replies: { 200: { description: 'OpenAPI 3.1.', body: z.looseObject({ openapi: z.string().regex(/^3\.1\./) }) } },
    problems: [],
  };
}

export function newHandler(needs: GetOpenapiNeeds) {
  return httpChain({ access: 'public', log: needs.log, handle: () => getOpenapi(needs) });
}

export const handler = onColdStart(() =>
  newHandler({ document: bundledJson(OPENAPI_FILE), log: partsFor('get-openapi').log() }),
);
