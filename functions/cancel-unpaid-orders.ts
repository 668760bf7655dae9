import * as z from 'zod';
import { onColdStart } from './assembly/cold-start.ts';
import { partsFor } from './assembly/parts.ts';
import type { OperationNeeds } from './operations/needs.ts';
import { cancelUnpaid } from './operations/unpaid/cancel-unpaid.ts';
import type { UnpaidReport } from './operations/unpaid/report.ts';
import type { Connections } from './providers/connections.ts';
import { eventChain } from './runtime/event-chain.ts';
import type { InvocationLogger } from './runtime/logger.ts';

export interface CancelUnpaidOrdersNeeds {
  readonly connections: Pick<Connections, 'names' | 'get'>;
  readonly operations: OperationNeeds;
  readonly log: InvocationLogger;
}

interface UnpaidOrdersRun {
  /** One report for each connection that has a rule. */
  readonly reports: UnpaidReport[];
  /** Connections whose run failed. */
  readonly failed: string[];
}

/** Applies the rule for unpaid orders to every connection that declares one, in parallel. Does nothing if no connection does. */
export async function cancelUnpaidOrders(
  { connections, operations, log }: CancelUnpaidOrdersNeeds,
  remainingMs: () => number,
): Promise<UnpaidOrdersRun> {
  const run: UnpaidOrdersRun = { reports: [], failed: [] };
  const goThrough = async (name: string) => {
    const rule = connections.get(name).cancelUnpaid;
    if (rule === undefined) return;
    try {
      const report = await cancelUnpaid(name, rule, operations, remainingMs);
      const { orders, spared, ...counts } = report;
      log.info('UNPAID_RUN_ENDED', { ...counts, orders: orders.length });
      run.reports.push(report);
    } catch (error) {
      log.error('UNPAID_RUN_FAILED', { connection: name, error });
      run.failed.push(name);
    }
  };
  await Promise.all(connections.names().map(goThrough));
  return run;
}

export function newHandler(needs: CancelUnpaidOrdersNeeds) {
  return eventChain({
    event: z.unknown(),
    log: needs.log,
    handle: (_, { remainingMs }) => cancelUnpaidOrders(needs, remainingMs),
  });
}

export const handler = onColdStart(() => {
  const { connections, operations, log } = partsFor('cancel-unpaid-orders');
  return newHandler({ connections: connections(), operations: operations(), log: log() });
});
