import * as z from 'zod';
import { onColdStart } from './assembly/cold-start.ts';
import { bundledJson, partsFor } from './assembly/parts.ts';
import { httpChain } from './http/chain.ts';
import type { RouteContract } from './http/contract.ts';
import { docsPageSchema, type DocsPage } from './http/docs-page.ts';
import type { ApiReply } from './http/request.ts';
import { DOCS_FILE } from './runtime/environment.ts';
import type { InvocationLogger } from './runtime/logger.ts';

export interface GetDocsNeeds {
  readonly page: DocsPage;
  readonly log: InvocationLogger;
}

/** Returns the API's document as a page in which requests can be tried. Always gzip, which every browser reads. */
export function getDocs({ page }: Pick<GetDocsNeeds, 'page'>): ApiReply<Uint8Array> {
  return {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-encoding': 'gzip',
      'content-security-policy': page.contentSecurityPolicy,
    },
    body: Buffer.from(page.html, 'base64'),
  };
}

export function contract(): RouteContract {
  return {
    tag: 'Service',
    summary: 'This document as a page',
    description: 'A page in which requests can be tried with a token. It loads nothing from other hosts.',
    replies: {
      200: {
        description: 'A page for a browser, always gzip.',
        mediaTypes: ['text/html'],
        headers: z.object({
          'content-encoding': z.literal('gzip'),
          'content-security-policy': z.string(),
        }),
        body: z.string(),
      },
    },
    problems: [],
  };
}

export function newHandler(needs: GetDocsNeeds) {
  return httpChain({ access: 'public', log: needs.log, handle: () => getDocs(needs) });
}

export const handler = onColdStart(() =>
  newHandler({ page: docsPageSchema.parse(bundledJson(DOCS_FILE)), log: partsFor('get-docs').log() }),
);
