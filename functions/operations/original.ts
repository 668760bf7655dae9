import type { CallFailure, OriginalOrder, OriginalPage, OriginalPageQuery } from '../providers/provider.ts';
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

/**
 * A page of the provider's own list of cancelled orders, as it writes it now. A credential that is rejected is read anew, as
 * another may be stored by now. Null where the provider has no such list.
 */
export async function readOriginalPage(
  name: string,
  query: OriginalPageQuery,
  needs: Pick<OperationNeeds, 'openConnection'>,
  remainingMs: () => number,
): Promise<OriginalPage | CallFailure | null> {
  for (const fresh of [false, true]) {
    const { client, timeoutMs } = await needs.openConnection(name, { fresh });
    if (!client.originalPage.offered) return null;
    const limit = callTimeoutMs(timeoutMs, remainingMs() + LEDGER_WRITE_MS - REPLY_MS);
    if (limit === 0) return { kind: 'lost', problem: 'timed_out' };
    const page = await client.originalPage.call(query, { timeoutMs: limit });
    if (page.kind !== 'credential_rejected' || fresh) return page;
  }
  return null;
}
