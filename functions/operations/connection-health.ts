import { GetItemCommand, PutItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import type { Clock } from '../runtime/clock.ts';

/** Why a connection's provider must not be called now. */
export interface ConnectionState {
  readonly connection: string;
  /** The digest of the credential that the provider rejected last (401). As soon as the stored credential differs, calls resume. */
  readonly credentialDigest: string | null;
  readonly rejectedAt: string | null;
  /** Until when no orders are asked for or looked up, because something other than the provider answers (`outage.ts`). */
  readonly pausedUntil: string | null;
  /** The orders for which the connection was paused last, the latest at the end. None pauses it again: the fault may be the order's alone. */
  readonly pausedFor: readonly string[];
}

export interface ConnectionHealth {
  /** Reads the state; null if the connection was never marked or paused. A rejection counts only while the stored credential is the same. */
  read(connection: string): Promise<ConnectionState | null>;
  markRejected(connection: string, credentialDigest: string): Promise<void>;
  /**
   * Pauses a connection until a moment (epoch milliseconds), because of one order or of none. Overwrites the state that it has just read: a
   * rejection that was marked in between is lost, and the next call meets it again.
   */
  pause(connection: string, until: number, orderId: string | null): Promise<void>;
}

/** If something else answers for more orders than this, that is an outage in itself. */
const MOST_REMEMBERED = 50;

const text = z.object({ S: z.string() });
const item = z
  .object({
    credentialDigest: text.optional(),
    rejectedAt: text.optional(),
    pausedUntil: text.optional(),
    pausedFor: z.object({ L: z.array(text) }).optional(),
  })
  .refine(({ credentialDigest, rejectedAt }) => (credentialDigest === undefined) === (rejectedAt === undefined))
  .refine(({ credentialDigest, pausedUntil }) => credentialDigest !== undefined || pausedUntil !== undefined);

export function createConnectionHealth(needs: {
  dynamodb: DynamoDBClient;
  table: string;
  clock: Clock;
}): ConnectionHealth {
  const read = async (connection: string): Promise<ConnectionState | null> => {
    const { Item } = await needs.dynamodb.send(
      new GetItemCommand({ TableName: needs.table, Key: { connection: { S: connection } }, ConsistentRead: true }),
    );
    if (Item === undefined) return null;
    const { credentialDigest, rejectedAt, pausedUntil, pausedFor } = item.parse(Item);
    return {
      connection,
      credentialDigest: credentialDigest?.S ?? null,
      rejectedAt: rejectedAt?.S ?? null,
      pausedUntil: pausedUntil?.S ?? null,
      pausedFor: pausedFor?.L.map(({ S }) => S) ?? [],
    };
  };
  const write = async ({ pausedFor, ...state }: ConnectionState): Promise<void> => {
    const shown = Object.entries(state).filter((entry): entry is [string, string] => entry[1] !== null);
    const Item = {
      ...Object.fromEntries(shown.map(([name, value]) => [name, { S: value }])),
      pausedFor: { L: pausedFor.map((orderId) => ({ S: orderId })) },
    };
    await needs.dynamodb.send(new PutItemCommand({ TableName: needs.table, Item }));
  };
  return {
    read,
    markRejected: (connection, credentialDigest) =>
      write(rejectedState(connection, credentialDigest, needs.clock.now())),
    pause: async (connection, until, orderId) => write(pausedState(connection, await read(connection), until, orderId)),
  };
}

function rejectedState(connection: string, credentialDigest: string, now: number): ConnectionState {
  return { connection, credentialDigest, rejectedAt: new Date(now).toISOString(), pausedUntil: null, pausedFor: [] };
}

function pausedState(
  connection: string,
  state: ConnectionState | null,
  until: number,
  orderId: string | null,
): ConnectionState {
  const { credentialDigest = null, rejectedAt = null, pausedFor = [] } = state ?? {};
  return {
    connection,
    credentialDigest,
    rejectedAt,
    pausedUntil: new Date(until).toISOString(),
    pausedFor:
      orderId === null
        ? pausedFor
        : [...pausedFor.filter((known) => known !== orderId), orderId].slice(-MOST_REMEMBERED),
  };
}

/**
 * Returns the same health, which remembers each state for `maxAgeMs`, so that a busy function does not read the table for every ask. This
 * container's own marks take effect in it at once.
 */
export function rememberingHealth(health: ConnectionHealth, clock: Clock, maxAgeMs: number): ConnectionHealth {
  const remembered = new Map<string, { at: number; state: ConnectionState | null }>();
  return {
    async read(connection) {
      const known = remembered.get(connection);
      if (known !== undefined && clock.now() - known.at < maxAgeMs) return known.state;
      const at = clock.now();
      const state = await health.read(connection);
      // A read that began before a mark must not overwrite it.
      if ((remembered.get(connection)?.at ?? 0) < at) remembered.set(connection, { at, state });
      return state;
    },
    async markRejected(connection, credentialDigest) {
      const at = clock.now();
      remembered.set(connection, { at, state: rejectedState(connection, credentialDigest, at) });
      await health.markRejected(connection, credentialDigest);
    },
    async pause(connection, until, orderId) {
      const state = pausedState(connection, remembered.get(connection)?.state ?? null, until, orderId);
      remembered.set(connection, { at: clock.now(), state });
      await health.pause(connection, until, orderId);
    },
  };
}
