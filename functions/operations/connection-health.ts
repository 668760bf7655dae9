import { GetItemCommand, PutItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import type { Clock } from '../runtime/clock.ts';

/** A provider's 401, kept until the connection's stored credential is another one. */
export interface Rejection {
  readonly connection: string;
  /** Digest of the credential that was rejected: as soon as the stored one differs, calls resume. */
  readonly credentialDigest: string;
  readonly rejectedAt: string;
}

export interface ConnectionHealth {
  /** The connection's last rejection, or null. It counts only while the stored credential has the same digest. */
  read(connection: string): Promise<Rejection | null>;
  markRejected(connection: string, credentialDigest: string): Promise<void>;
}

const item = z.object({
  credentialDigest: z.object({ S: z.string() }),
  rejectedAt: z.object({ S: z.string() }),
});

export function createConnectionHealth(needs: {
  dynamodb: DynamoDBClient;
  table: string;
  clock: Clock;
}): ConnectionHealth {
  return {
    async read(connection) {
      const { Item } = await needs.dynamodb.send(
        new GetItemCommand({ TableName: needs.table, Key: { connection: { S: connection } }, ConsistentRead: true }),
      );
      if (Item === undefined) return null;
      const found = item.parse(Item);
      return { connection, credentialDigest: found.credentialDigest.S, rejectedAt: found.rejectedAt.S };
    },
    async markRejected(connection, credentialDigest) {
      await needs.dynamodb.send(
        new PutItemCommand({
          TableName: needs.table,
          Item: {
            connection: { S: connection },
            credentialDigest: { S: credentialDigest },
            rejectedAt: { S: new Date(needs.clock.now()).toISOString() },
          },
        }),
      );
    },
  };
}

/**
 * The same, remembering what it read for `maxAgeMs`, so that a busy function spends no read of its own on every ask.
 * A rejection that this container itself marks is known to it at once.
 */
export function rememberingHealth(health: ConnectionHealth, clock: Clock, maxAgeMs: number): ConnectionHealth {
  const remembered = new Map<string, { at: number; rejection: Rejection | null }>();
  return {
    async read(connection) {
      const known = remembered.get(connection);
      if (known !== undefined && clock.now() - known.at < maxAgeMs) return known.rejection;
      const at = clock.now();
      const rejection = await health.read(connection);
      // Not over what is known since: this read may have begun before a rejection was marked.
      if ((remembered.get(connection)?.at ?? 0) < at) remembered.set(connection, { at, rejection });
      return rejection;
    },
    async markRejected(connection, credentialDigest) {
      const at = clock.now();
      const rejection = { connection, credentialDigest, rejectedAt: new Date(at).toISOString() };
      remembered.set(connection, { at, rejection });
      await health.markRejected(connection, credentialDigest);
    },
  };
}
