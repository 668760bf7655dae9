import type { OpenConnection } from '../providers/connections.ts';
import type { LookUpReply, Provider } from '../providers/provider.ts';
import { callTimeoutMs } from './budget.ts';
import type { ReadNeeds } from './needs.ts';
import type { OpenOperation } from './rules/operation.ts';
import { noteReply, rejectCredential, standingOf, type Standing } from './standing.ts';

/** The longest time that one look at an order may take: it may read many pages. */
export const LOOK_MS = 30_000;

interface LookOptions {
  /** Epoch milliseconds. A reply that shows that it was made earlier is `lost`; without this, one made before the look. */
  readonly madeAfter?: number | undefined;
  /**
   * `look`, the default: {@link LOOK_MS}, and no call without the time for one (`lost`, `timed_out`). `call`: the connection's time-out;
   * the provider's client is called also without time, and says itself how that ends (`not_sent` or `lost`).
   */
  readonly within?: 'look' | 'call';
  /** `all`, the default: a rejected credential and an outage are noted for every function. `nothing`: the caller notes what it wants. */
  readonly notes?: 'all' | 'nothing';
}

/**
 * Reads an order back at its provider, within the time that is left. Every look at an order is made here. `askedAt` and `historyMark` tell
 * the refusal of the last ask from an earlier one's.
 */
export async function readBack(
  { orderId, askedAt, historyMark }: Pick<OpenOperation, 'orderId' | 'askedAt' | 'historyMark'>,
  connection: OpenConnection,
  needs: ReadNeeds,
  remainingMs: number,
  { madeAfter, within = 'look', notes = 'all' }: LookOptions = {},
): Promise<LookUpReply> {
  const timeoutMs = callTimeoutMs(within === 'look' ? LOOK_MS : connection.timeoutMs, remainingMs);
  if (within === 'look' && timeoutMs === 0) return { kind: 'lost', problem: 'timed_out' };
  const query = { orderId, askedAt: Date.parse(askedAt), historyMark, ...(madeAfter !== undefined && { madeAfter }) };
  const seen = await connection.client.lookUp(query, { timeoutMs });
  if (notes === 'all') await noteReply(seen, connection, orderId, needs);
  return seen;
}

/** Reads the order as its provider shows it now, for somebody who waits. A paused connection is read too. */
export async function readOrder(
  { connection: name, orderId }: { connection: string; orderId: string },
  needs: ReadNeeds,
  remainingMs: () => number,
): Promise<{ seen: LookUpReply; provider: Provider }> {
  const read = (connection: OpenConnection) => {
    const order = { orderId, askedAt: new Date(needs.clock.now()).toISOString(), historyMark: null };
    return readBack(order, connection, needs, remainingMs(), { within: 'call', notes: 'nothing' });
  };
  const { reply, provider } = await readAtProvider<LookUpReply>(name, read, needs);
  return { seen: reply, provider };
}

const REJECTED = { kind: 'credential_rejected' } as const;

/**
 * Makes a read at a connection's provider, for somebody who waits. If the credential stands rejected, or the provider rejects it now, the
 * stored credential is read anew, as another one may be stored by now. The rejected one is not used again.
 */
export async function readAtProvider<Reply extends { readonly kind: string }>(
  name: string,
  read: (connection: OpenConnection) => Promise<Reply>,
  needs: ReadNeeds,
): Promise<{ reply: Reply | typeof REJECTED; provider: Provider }> {
  const first = await openForReading(name, needs);
  const { provider } = first.connection;
  const readWith = async ({ connection, standing }: typeof first): Promise<Reply | typeof REJECTED> => {
    if (standing.kind === 'needs_reauth') return REJECTED;
    const reply = await read(connection);
    if (reply.kind === REJECTED.kind) await rejectCredential(connection, needs);
    return reply;
  };
  const reply = await readWith(first);
  if (reply.kind !== REJECTED.kind || first.standing.kind === 'needs_reauth') return { reply, provider };

  const again = await openForReading(name, needs, { fresh: true });
  const isOther = again.connection.credentialDigest !== first.connection.credentialDigest;
  return { reply: isOther ? await readWith(again) : reply, provider };
}

/**
 * Opens a connection to read with, and says how it stands. If its credential stands rejected, the stored one is read anew, as another one
 * may be stored by now.
 */
export async function openForReading(
  name: string,
  needs: Pick<ReadNeeds, 'openConnection' | 'health' | 'clock'>,
  options: { fresh?: boolean } = {},
): Promise<{ connection: OpenConnection; standing: Standing }> {
  const [connection, state] = await Promise.all([needs.openConnection(name, options), needs.health.read(name)]);
  const standing = standingOf(connection, state, needs.clock.now());
  if (standing.kind !== 'needs_reauth') return { connection, standing };
  const stored = await needs.openConnection(name, { fresh: true });
  return { connection: stored, standing: standingOf(stored, state, needs.clock.now()) };
}
