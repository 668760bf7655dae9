import * as z from 'zod';
import { onColdStart } from './assembly/cold-start.ts';
import { partsFor } from './assembly/parts.ts';
import type { OperationNeeds } from './operations/needs.ts';
import { settleDue, type SettleReport } from './operations/settle-due.ts';
import type { Connections } from './providers/connections.ts';
import { eventChain } from './runtime/event-chain.ts';
import type { InvocationLogger } from './runtime/logger.ts';

export interface SettleOperationsNeeds {
  readonly connections: Pick<Connections, 'names'>;
  readonly operations: OperationNeeds;
  readonly log: InvocationLogger;
}

/** Drives operations that are due to a proven end while there is time. The rest waits for the next run. */
export async function settleOperations(needs: SettleOperationsNeeds, remainingMs: () => number): Promise<SettleReport> {
  const report = await settleDue(needs.connections.names(), needs.operations, remainingMs);
  needs.log.info('SETTLE_RUN_ENDED', { ...report });
  return report;
}

export function newHandler(needs: SettleOperationsNeeds) {
  return eventChain({
    event: z.unknown(),
    log: needs.log,
    handle: (_, { remainingMs }) => settleOperations(needs, remainingMs),
  });
}

export const handler = onColdStart(() => {
  const { connections, operations, log } = partsFor('settle-operations');
  return newHandler({ connections: connections(), operations: operations(), log: log() });
});
