import type { OpenConnection } from '../providers/connections.ts';
import type { OriginalOrder, OriginalPage, OriginalPageQuery, OriginalReply } from '../providers/provider.ts';
import type { CallFailure } from '../providers/call-failure.ts';
import { callTimeoutMs, LEDGER_WRITE_MS } from './budget.ts';
import type { ReadNeeds } from './needs.ts';
import { readAtProvider } from './read-back.ts';

/** Kept back for the reply. */
const REPLY_MS = 1_000;

/** The order as its provider writes it now; null where there is none to be seen, or it cannot be read in the time that is left. */
export async function readOriginal(
  { connection: name, orderId }: { connection: string; orderId: string },
  needs: ReadNeeds,
  remainingMs: () => number,
): Promise<OriginalOrder | null> {
  const read = async (connection: OpenConnection): Promise<OriginalReply> => {
    const timeoutMs = timeoutOf(connection, remainingMs);
    return timeoutMs === 0 ? OUT_OF_TIME : connection.client.original(orderId, { timeoutMs });
  };
  // What is shown of the order is an extra to an answer that stands: without it the answer is as true.
  try {
    const { reply } = await readAtProvider(name, read, needs);
    return reply.kind === 'original' ? reply.order : null;
  } catch (error) {
    needs.log.error('ORIGINAL_NOT_READ', { connection: name, error });
    return null;
  }
}

/** A page of the provider's own list of cancelled orders, as it writes it now. Null where the provider has no such list. */
export async function readOriginalPage(
  name: string,
  query: OriginalPageQuery,
  needs: ReadNeeds,
  remainingMs: () => number,
): Promise<OriginalPage | CallFailure | null> {
  const read = async (connection: OpenConnection): Promise<OriginalPage | CallFailure | { kind: 'not_offered' }> => {
    const { originalPage } = connection.client;
    if (!originalPage.offered) return { kind: 'not_offered' };
    const timeoutMs = timeoutOf(connection, remainingMs);
    return timeoutMs === 0 ? OUT_OF_TIME : originalPage.call(query, { timeoutMs });
  };
  const { reply } = await readAtProvider(name, read, needs);
  return reply.kind === 'not_offered' ? null : reply;
}

const OUT_OF_TIME = { kind: 'lost', problem: 'timed_out' } as const;

/** Nothing is written afterwards, so all of the time but a moment for the reply may be used. */
function timeoutOf({ timeoutMs }: OpenConnection, remainingMs: () => number): number {
  return callTimeoutMs(timeoutMs, remainingMs() + LEDGER_WRITE_MS - REPLY_MS);
}
