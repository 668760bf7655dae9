import { GetItemCommand, PutItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import type { Clock } from '../runtime/clock.ts';

/** What stands in the way of calling a connection's provider. */
export interface ConnectionState {
  readonly connection: string;
  /** Digest of the credential that the provider rejected last (401); as soon as the stored one differs, calls resume. */
  readonly credentialDigest: string | null;
  readonly rejectedAt: string | null;
  /** Until when no orders are asked for or looked up, as what answers there is not the provider (`outage.ts`). */
  readonly pausedUntil: string | null;
  /** The orders that it was paused for last, the latest at the end. None pauses it again: it may be the order that is out of order. */
  readonly pausedFor: readonly string[];
}

export interface ConnectionHealth {
  /** Null where nothing was ever in the way. A rejection counts only while the stored credential has the same digest. */
  read(connection: string): Promise<ConnectionState | null>;
  markRejected(connection: string, credentialDigest: string): Promise<void>;
  /**
   * Pauses a connection until then (epoch milliseconds), for an order, or for none. Written over what was read just before: a rejection
   * that was marked in between is forgotten, and the next call meets it again.
   */
  pause(connection: string, until: number, orderId: string | null): Promise<void>;
}

/** More orders than these that something else answers for are an outage by themselves. */
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
 * The same, remembering what it read for `maxAgeMs`, so that a busy function spends no read of its own on every ask.
 * What this container itself marks is known to it at once.
 */
export function rememberingHealth(health: ConnectionHealth, clock: Clock, maxAgeMs: number): ConnectionHealth {
  const remembered = new Map<string, { at: number; state: ConnectionState | null }>();
  return {
    async read(connection) {
      const known = remembered.get(connection);
      if (known !== undefined && clock.now() - known.at < maxAgeMs) return known.state;
      const at = clock.now();
      const state = await health.read(connection);
      // Not over what is known since: this read may have begun before something was marked.
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
