import type { OpenConnection } from '../providers/connections.ts';
import type { LookUpReply, Provider } from '../providers/provider.ts';
import { rejectCredential } from './ask.ts';
import type { OperationNeeds } from './needs.ts';
import { callTimeoutMs } from './budget.ts';

/** What reading at a provider needs, for somebody who waits for it. */
export type ReadNeeds = Pick<OperationNeeds, 'openConnection' | 'health' | 'clock' | 'log'>;

const REJECTED = { kind: 'credential_rejected' } as const;

/**
 * Opens a connection to read with. Where its credential stands rejected it is read anew, as another one may be stored by now;
 * `isUsable` is false as long as the stored one is the rejected one.
 */
export async function openForReading(
  name: string,
  needs: Pick<ReadNeeds, 'openConnection' | 'health'>,
  options: { fresh?: boolean } = {},
): Promise<{ connection: OpenConnection; isUsable: boolean }> {
  const [connection, rejection] = await Promise.all([needs.openConnection(name, options), needs.health.read(name)]);
  const isUsable = ({ credentialDigest }: OpenConnection) => credentialDigest !== rejection?.credentialDigest;
  if (isUsable(connection)) return { connection, isUsable: true };
  const stored = await needs.openConnection(name, { fresh: true });
  return { connection: stored, isUsable: isUsable(stored) };
}

/**
 * Makes a read at a connection's provider. A credential that stands rejected, or is rejected now, is read anew, as another may be stored
 * by now; as long as it is the rejected one, no call is made with it.
 */
export async function reading<Reply extends { readonly kind: string }>(
  name: string,
  read: (connection: OpenConnection) => Promise<Reply>,
  needs: Omit<ReadNeeds, 'clock'>,
): Promise<{ reply: Reply | typeof REJECTED; provider: Provider }> {
  const first = await openForReading(name, needs);
  const { provider } = first.connection;
  const readWith = async ({ connection, isUsable }: typeof first): Promise<Reply | typeof REJECTED> => {
    if (!isUsable) return REJECTED;
    const reply = await read(connection);
    if (reply.kind === REJECTED.kind) await rejectCredential(connection, needs);
    return reply;
  };
  const reply = await readWith(first);
  if (reply.kind !== REJECTED.kind || !first.isUsable) return { reply, provider };

  const again = await openForReading(name, needs, { fresh: true });
  const isOther = again.connection.credentialDigest !== first.connection.credentialDigest;
  return { reply: isOther ? await readWith(again) : reply, provider };
}

/** The order as its provider shows it now. */
export async function readOrder(
  { connection: name, orderId }: { connection: string; orderId: string },
  needs: ReadNeeds,
  remainingMs: () => number,
): Promise<{ seen: LookUpReply; provider: Provider }> {
  const lookUp = ({ client, timeoutMs }: OpenConnection) =>
    client.lookUp(
      { orderId, askedAt: needs.clock.now(), historyMark: null },
      { timeoutMs: callTimeoutMs(timeoutMs, remainingMs()) },
    );
  const { reply, provider } = await reading<LookUpReply>(name, lookUp, needs);
  return { seen: reply, provider };
}
