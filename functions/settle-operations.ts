import type { Context } from 'aws-lambda';
import { onColdStart } from './assembly/cold-start.ts';
import { partsFor } from './assembly/parts.ts';
import type { OperationNeeds } from './operations/needs.ts';
import { settleDue, type SettleReport } from './operations/settle-due.ts';
import type { Connections } from './providers/connections.ts';
import type { InvocationLogger } from './runtime/logger.ts';

export interface SettleOperationsNeeds {
  readonly connections: Pick<Connections, 'names'>;
  readonly operations: OperationNeeds;
  readonly log: InvocationLogger;
}

/** Drives what is due to a proven end, as far as the time goes; the rest waits for the next run. */
export async function settleOperations(needs: SettleOperationsNeeds, remainingMs: () => number): Promise<SettleReport> {
  const report = await settleDue(needs.connections.names(), needs.operations, remainingMs);
  needs.log.info('SETTLE_RUN_ENDED', { ...report });
  return report;
}

export function newHandler(needs: SettleOperationsNeeds) {
  return (_event: unknown, context: Pick<Context, 'awsRequestId' | 'getRemainingTimeInMillis'>) => {
    needs.log.begin(context.awsRequestId);
    return settleOperations(needs, () => context.getRemainingTimeInMillis());
  };
}

export const handler = onColdStart(() => {
  const { connections, operations, log } = partsFor('settle-operations');
  return newHandler({ connections: connections(), operations: operations(), log: log() });
});
