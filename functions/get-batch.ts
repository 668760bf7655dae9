import * as z from 'zod';
import { onColdStart } from './assembly/cold-start.ts';
import { partsFor } from './assembly/parts.ts';
import { createBatches } from './assembly/batch-parts.ts';
import { batchView } from './http/batch-reply.ts';
import type { Batches } from './batches/batches.ts';
import { admitTo } from './http/caller.ts';
import { httpChain } from './http/chain.ts';
import type { RouteContract } from './http/contract.ts';
import { replyHeaders } from './http/reply-headers.ts';
import { BatchNotFound } from './http/errors.ts';
import { parseInput } from './http/input.ts';
import { batchBody, type BatchBody } from './http/reply-bodies.ts';
import type { ApiReply, ApiRequest } from './http/request.ts';
import { unreadableIn } from './operations/ledger/errors.ts';
import type { Ledger } from './operations/ledger/ledger.ts';
import type { InvocationLogger } from './runtime/logger.ts';

export interface GetBatchNeeds {
  readonly batches: Pick<Batches, 'find'>;
  readonly ledger: Pick<Ledger, 'findOperations'>;
  readonly log: InvocationLogger;
}

const pathSchema = z.object({
  batchId: z.string().regex(/^\w{24}$/, { error: 'must be the id of a batch, as the reply to its ask shows it' }),
});

/** Returns a batch with its orders' operations as the ledger has them now, and the number of operations for each outcome. */
export async function getBatch(request: ApiRequest, needs: GetBatchNeeds): Promise<ApiReply<BatchBody>> {
  const { batchId } = parseInput(pathSchema, request.params, 'path');
  const found = await needs.batches.find(batchId);
  if (found === null) throw new BatchNotFound();
  admitTo(found.batch.connection, request.caller);

  const ids = [...found.rows.values()].flatMap((row) => (row.kind === 'operation' ? [row.operationId] : []));
  const operations = await needs.ledger.findOperations(ids);
  if (operations.unreadable.size > 0)
    needs.log.error('OPERATIONS_UNREADABLE', unreadableIn([...operations.unreadable]));
  const view = batchView(found.batch, found.rows, operations);
  return { status: 200, headers: view.final ? {} : { 'retry-after': '2' }, body: view };
}

export function contract(): RouteContract {
  return {
    tag: 'Orders',
    summary: 'What became of a batch',
    description:
      'For a dry run: the plan. Otherwise each order that was worked on has its operation, as the ledger has it now.',
    path: pathSchema,
    replies: {
      200: {
        description: 'The batch, with every order.',
        headers: z.object({ 'retry-after': z.optional(replyHeaders.retryAfter) }),
        body: batchBody,
      },
    },
    problems: ['batch-not-found'],
  };
}

export function newHandler(needs: GetBatchNeeds) {
  return httpChain({ access: 'read', log: needs.log, handle: (request) => getBatch(request, needs) });
}

export const handler = onColdStart(() => {
  const { dynamodb, ledger, log } = partsFor('get-batch');
  return newHandler({ batches: createBatches(dynamodb()), ledger: ledger(), log: log() });
});
