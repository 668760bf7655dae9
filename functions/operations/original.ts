import type { OriginalOrder } from '../providers/provider.ts';
import type { OperationNeeds } from './ask.ts';
import { callTimeoutMs, LEDGER_WRITE_MS } from './budget.ts';

/** Kept back for the reply. */
const REPLY_MS = 1_000;

/** The order as its provider writes it now; null where there is none to be seen, or it cannot be read in the time that is left. */
export async function readOriginal(
  { connection: name, orderId }: { connection: string; orderId: string },
  needs: Pick<OperationNeeds, 'openConnection'>,
  remainingMs: () => number,
): Promise<OriginalOrder | null> {
  const connection = await needs.openConnection(name).catch(() => null);
  if (connection === null) return null;
  // Nothing is written afterwards, so all of the time but a moment for the reply may be used.
  const timeoutMs = callTimeoutMs(connection.timeoutMs, remainingMs() + LEDGER_WRITE_MS - REPLY_MS);
  if (timeoutMs === 0) return null;
  const reply = await connection.client.original(orderId, { timeoutMs });
  return reply.kind === 'original' ? reply.order : null;
}
