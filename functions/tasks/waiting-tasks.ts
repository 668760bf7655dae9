import { createHash } from 'node:crypto';
import { PutItemCommand, QueryCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import type { Clock } from '../runtime/clock.ts';

/** Task tokens of state machines that wait for an operation's end. */
export interface WaitingTasks {
  /** From now on the token waits for the operation. */
  add(operationId: string, token: string): Promise<void>;
  /** The tokens that wait for the operation. */
  of(operationId: string): Promise<string[]>;
  /** The token needs no answer any more: only now may the table forget it. */
  markAnswered(operationId: string, token: string): Promise<void>;
}

const itemSchema = z.object({ token: z.string(), answeredAt: z.nullable(z.string()) });
const KEPT_SECONDS = 7 * 24 * 3600;

export function createWaitingTasks(needs: { dynamodb: DynamoDBClient; table: string; clock: Clock }): WaitingTasks {
  const put = async (operation: string, token: string, rest: { answeredAt: string | null; expiresAt?: number }) => {
    const task = createHash('sha256').update(token).digest('base64url');
    await needs.dynamodb.send(
      new PutItemCommand({ TableName: needs.table, Item: marshall({ operation, task, token, ...rest }) }),
    );
  };
  return {
    add: (operation, token) => put(operation, token, { answeredAt: null }),

    markAnswered: (operation, token) =>
      put(operation, token, {
        answeredAt: new Date(needs.clock.now()).toISOString(),
        expiresAt: Math.floor(needs.clock.now() / 1000) + KEPT_SECONDS,
      }),

    async of(operation) {
      const { Items = [] } = await needs.dynamodb.send(
        new QueryCommand({
          TableName: needs.table,
          KeyConditionExpression: '#operation = :operation',
          ExpressionAttributeNames: { '#operation': 'operation' },
          ExpressionAttributeValues: { ':operation': { S: operation } },
          ConsistentRead: true,
        }),
      );
      const tasks = Items.map((item) => itemSchema.parse(unmarshall(item)));
      return tasks.filter(({ answeredAt }) => answeredAt === null).map(({ token }) => token);
    },
  };
}
