import type { OpenConnection } from '../providers/connections.ts';
import type { OriginalOrder, OriginalPage, OriginalPageQuery, OriginalReply } from '../providers/provider.ts';
import type { CallFailure } from '../providers/call-failure.ts';
import { callTimeoutMs, LEDGER_WRITE_MS } from './budget.ts';
import type { ReadNeeds } from './needs.ts';
import { readAtProvider } from './read-back.ts';

/** Time that is reserved for the reply. */
const REPLY_MS = 1_000;

/** Reads the order as its provider writes it now; null if the provider shows no such order or it cannot be read in the remaining time. */
export async function readOriginal(
  { connection: name, orderId }: { connection: string; orderId: string },
  needs: ReadNeeds,
  remainingMs: () => number,
): Promise<OriginalOrder | null> {
  const read = async (connection: OpenConnection): Promise<OriginalReply> => {
    const timeoutMs = timeoutOf(connection, remainingMs);
    return timeoutMs === 0 ? OUT_OF_TIME : connection.client.original(orderId, { timeoutMs });
  };
  // The order is an addition to an answer that is already certain. Without it the answer is just as true.
  try {
    const { reply } = await readAtProvider(name, read, needs);
    return reply.kind === 'original' ? reply.order : null;
  } catch (error) {
    needs.log.error('ORIGINAL_NOT_READ', { connection: name, error });
    return null;
  }
}

/** Reads a page of the provider's own list of cancelled orders, as the provider writes it now. Null if it has no such list. */
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

/** Nothing is written after the read, so it may use all the time except {@link REPLY_MS}. */
function timeoutOf({ timeoutMs }: OpenConnection, remainingMs: () => number): number {
  return callTimeoutMs(timeoutMs, remainingMs() + LEDGER_WRITE_MS - REPLY_MS);
}
