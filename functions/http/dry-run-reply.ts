import type { DryRun } from '../operations/dry-run.ts';
import type { OperationKind } from '../operations/rules/operation.ts';
import { OrderNotFound } from './errors.ts';
import { providerFailure } from './provider-failure.ts';
import type { DryRunBody } from './reply-bodies.ts';
import type { ApiReply } from './request.ts';

/** Returns the reply to a dry run. Throws `OrderNotFound`, and `ProviderUnavailable` or `ProviderFailed` if the order could not be read. */
export function dryRunReply(kind: OperationKind, result: DryRun): ApiReply<DryRunBody> {
  if (result.kind === 'order_not_found') throw new OrderNotFound(null, false);
  if (result.kind !== 'read') throw providerFailure(result);
  const { verdict, status, effects, warnings, operation } = result;
  const isExpected = verdict === 'would';
  const found = { verdict, order: { status }, effects, warnings, ...(operation !== null && { operation }) };
  switch (kind) {
    case 'cancel':
      return { status: 200, body: { dryRun: true, wouldCancel: isExpected, ...found } };
    case 'restore':
      return { status: 200, body: { dryRun: true, wouldRestore: isExpected, ...found } };
    case 'delete':
      return { status: 200, body: { dryRun: true, wouldDelete: isExpected, ...found } };
  }
}
