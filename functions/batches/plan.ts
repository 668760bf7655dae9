import { dryRun } from '../operations/dry-run.ts';
import type { OperationNeeds, ReadNeeds } from '../operations/needs.ts';
import { keptMoney } from '../operations/rules/snapshot.ts';
import type { Connections } from '../providers/connections.ts';
import type { BatchRow } from './batch.ts';

/** Plans the cancel of one order of a batch. If the order cannot be read now, this is recorded as a problem and not tried again. */
export async function planOf(
  order: { connection: string; orderId: string },
  needs: {
    readonly connections: Pick<Connections, 'checkOrderId'>;
    readonly operations: ReadNeeds & Pick<OperationNeeds, 'ledger' | 'redact'>;
  },
  remainingMs: () => number,
): Promise<BatchRow> {
  const { orderId } = order;
  const problem = (code: string, text: string): BatchRow => ({ kind: 'problem', orderId, problem: { code, text } });
  needs.connections.checkOrderId(order.connection, orderId);
  const result = await dryRun({ ...order, kind: 'cancel' }, needs.operations, remainingMs);
  switch (result.kind) {
    case 'read': {
      const { verdict, status, warnings, total } = result;
      return {
        kind: 'plan',
        orderId,
        wouldCancel: verdict === 'would',
        verdict,
        status,
        warnings: [...warnings],
        total: total === null ? null : keptMoney(total),
      };
    }
    case 'order_not_found':
      return problem('order_not_found', 'The provider shows no order with this id on this connection now.');
    case 'credential_rejected':
      return problem('credential_rejected', "The provider rejects this connection's credential.");
    case 'rate_limited':
      return problem('rate_limited', 'The provider limits the rate of calls.');
    case 'not_sent':
    case 'lost':
      return problem(result.problem, 'The order could not be read.');
  }
}
