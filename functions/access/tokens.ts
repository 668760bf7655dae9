import {
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
  UpdateItemCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { createHash, randomBytes } from 'node:crypto';
import * as z from 'zod';
import type { Clock } from '../runtime/clock.ts';
import { AmbiguousTokenName, NoSuchToken } from './errors.ts';
import { SCOPES } from './scopes.ts';

/**
 * An access token is 32 random bytes that its holder presents as `Authorization: Bearer cm_…`. Only its SHA-256 is kept: a plain
 * hash of 256 random bits cannot be reversed by search. Its name identifies the caller. Two tokens of one name are one caller, so a token can
 * be renewed without anyone noticing.
 */
export const accessTokenSchema = z.object({
  tokenHash: z.string(),
  /** The beginning of the hash. It identifies the token when several have its name. */
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  /** The only connections that the token is valid for; null means all, also those declared later. */
  connections: z.nullable(z.array(z.string())),
  createdAt: z.iso.datetime(),
  expiresAt: z.nullable(z.iso.datetime()),
  revokedAt: z.nullable(z.iso.datetime()),
});

export type AccessToken = z.infer<typeof accessTokenSchema>;
export type Grant = Pick<AccessToken, 'name' | 'scopes' | 'connections' | 'expiresAt'>;

export interface AccessTokens {
  /** Stores a grant and returns its token, this once. `token`: a token of the caller's own choice instead of a random one; using it again replaces its grant. */
  create(grant: Grant, token?: string): Promise<{ token: string; record: AccessToken }>;
  /** Returns a token's record, also if it is revoked or expired; null if there is none. */
  find(token: string): Promise<AccessToken | null>;
  /** Returns all records, newest first. */
  list(): Promise<AccessToken[]>;
  /** Ends a token for good. Its record stays. Throws {@link NoSuchToken} or {@link AmbiguousTokenName}. */
  revoke(nameOrId: string): Promise<AccessToken>;
}

/** Whether a token may still be used at `now` (epoch milliseconds). */
export function isLive(record: AccessToken, now: number): boolean {
  return record.revokedAt === null && (record.expiresAt === null || now < Date.parse(record.expiresAt));
}

export function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

export function createAccessTokens(needs: { dynamodb: DynamoDBClient; table: string; clock: Clock }): AccessTokens {
  const { dynamodb, table, clock } = needs;
  const nowText = () => new Date(clock.now()).toISOString();

  const list = async () => {
    const records: AccessToken[] = [];
    let next: NonNullable<ConstructorParameters<typeof ScanCommand>[0]>['ExclusiveStartKey'];
    do {
      const page = await dynamodb.send(
        new ScanCommand({ TableName: table, ConsistentRead: true, ...(next && { ExclusiveStartKey: next }) }),
      );
      records.push(...(page.Items ?? []).map((item) => accessTokenSchema.parse(unmarshall(item))));
      next = page.LastEvaluatedKey;
    } while (next);
    return records.sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  };

  return {
    async create(grant, token = `cm_${randomBytes(32).toString('base64url')}`) {
      const tokenHash = hashOf(token);
      const record: AccessToken = {
        tokenHash,
        id: tokenHash.slice(0, 12),
        ...grant,
        createdAt: nowText(),
        revokedAt: null,
      };
      await dynamodb.send(new PutItemCommand({ TableName: table, Item: marshall(record) }));
      return { token, record };
    },

    async find(token) {
      // Consistent, so that a revoked token stops at once.
      const { Item } = await dynamodb.send(
        new GetItemCommand({ TableName: table, Key: { tokenHash: { S: hashOf(token) } }, ConsistentRead: true }),
      );
      return Item ? accessTokenSchema.parse(unmarshall(Item)) : null;
    },

    list,

    async revoke(nameOrId) {
      const record = theOneOf(await list(), nameOrId);
      const revokedAt = nowText();
      await dynamodb.send(
        new UpdateItemCommand({
          TableName: table,
          Key: { tokenHash: { S: record.tokenHash } },
          UpdateExpression: 'SET revokedAt = :revokedAt',
          ConditionExpression: 'attribute_exists(tokenHash)',
          ExpressionAttributeValues: { ':revokedAt': { S: revokedAt } },
        }),
      );
      return { ...record, revokedAt };
    },
  };
}

function theOneOf(records: readonly AccessToken[], nameOrId: string): AccessToken {
  const notRevoked = records.filter((record) => record.revokedAt === null);
  const byId = notRevoked.find((record) => record.id === nameOrId);
  const named = byId ? [byId] : notRevoked.filter((record) => record.name === nameOrId);
  const [found] = named;
  if (!found) throw new NoSuchToken(nameOrId);
  if (named.length > 1)
    throw new AmbiguousTokenName(
      nameOrId,
      named.map((record) => record.id),
    );
  return found;
}
