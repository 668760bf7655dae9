import type { OpenConnection } from '../providers/connections.ts';
import type { LookUpReply, Provider } from '../providers/provider.ts';
import { rejectCredential, type OperationNeeds } from './ask.ts';
import { callTimeoutMs } from './budget.ts';

/** What reading at a provider needs, for somebody who waits for it. */
export type ReadNeeds = Pick<OperationNeeds, 'openConnection' | 'health' | 'clock' | 'log'>;

const REJECTED = { kind: 'credential_rejected' } as const;

/**
 * Makes a read at a connection's provider. A credential that stands rejected, or is rejected now, is read anew, as another may be stored
 * by now; as long as it is the rejected one, no call is made with it.
 */
export async function reading<Reply extends { readonly kind: string }>(
  name: string,
  read: (connection: OpenConnection) => Promise<Reply>,
  needs: Omit<ReadNeeds, 'clock'>,
): Promise<{ reply: Reply | typeof REJECTED; provider: Provider }> {
  const readWith = async (connection: OpenConnection): Promise<Reply> => {
    const reply = await read(connection);
    if (reply.kind === REJECTED.kind) await rejectCredential(connection, needs);
    return reply;
  };
  const [connection, rejection] = await Promise.all([needs.openConnection(name), needs.health.read(name)]);
  const isUsable = ({ credentialDigest }: OpenConnection) => credentialDigest !== rejection?.credentialDigest;
  const { provider } = connection;
  const reply = isUsable(connection) ? await readWith(connection) : REJECTED;
  if (reply.kind !== REJECTED.kind) return { reply, provider };

  const reopened = await needs.openConnection(name, { fresh: true });
  const isOther = reopened.credentialDigest !== connection.credentialDigest;
  return { reply: isOther && isUsable(reopened) ? await readWith(reopened) : reply, provider };
}

/** The order as its provider shows it now. */
export async function readOrder(
  { connection: name, orderId }: { connection: string; orderId: string },
  needs: ReadNeeds,
  remainingMs: () => number,
): Promise<{ seen: LookUpReply; provider: Provider }> {
  const lookUp = ({ client, timeoutMs }: OpenConnection) =>
    client.lookUp(
      { orderId, askedAt: needs.clock.now(), mark: null },
      { timeoutMs: callTimeoutMs(timeoutMs, remainingMs()) },
    );
  const { reply, provider } = await reading<LookUpReply>(name, lookUp, needs);
  return { seen: reply, provider };
}
