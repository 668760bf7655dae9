import { createHash } from 'node:crypto';
import { PutItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import type { Clock } from '../runtime/clock.ts';
import { queryPages } from '../runtime/query-pages.ts';

/** Task tokens of state machines that wait for the end of an operation. */
export interface WaitingTasks {
  /** Records that the token waits for the operation. */
  add(operationId: string, token: string): Promise<void>;
  /** Returns the tokens that wait for the operation. */
  of(operationId: string): Promise<string[]>;
  /** Marks a token that needs no more answer. Only then may the table forget it. */
  markAnswered(operationId: string, token: string): Promise<void>;
  /** Marks a token that a person has to answer: it no longer waits, but is kept. */
  markBuried(operationId: string, token: string): Promise<void>;
}

const itemSchema = z.object({
  token: z.string(),
  answeredAt: z.nullable(z.string()),
  buriedAt: z.nullable(z.string()).default(null),
});
const KEPT_SECONDS = 7 * 24 * 3600;

export function createWaitingTasks(needs: { dynamodb: DynamoDBClient; table: string; clock: Clock }): WaitingTasks {
  const put = async (
    operation: string,
    token: string,
    rest: { answeredAt: string | null; buriedAt?: string; expiresAt?: number },
  ) => {
    const task = taskKeyOf(token);
    await needs.dynamodb.send(
      new PutItemCommand({ TableName: needs.table, Item: marshall({ operation, task, token, ...rest }) }),
    );
  };
  const now = () => new Date(needs.clock.now()).toISOString();
  return {
    add: (operation, token) => put(operation, token, { answeredAt: null }),

    markAnswered: (operation, token) =>
      put(operation, token, {
        answeredAt: now(),
        expiresAt: Math.floor(needs.clock.now() / 1000) + KEPT_SECONDS,
      }),

    markBuried: (operation, token) => put(operation, token, { answeredAt: null, buriedAt: now() }),

    async of(operation) {
      const tokens: string[] = [];
      const pages = queryPages(needs.dynamodb, {
        TableName: needs.table,
        KeyConditionExpression: '#operation = :operation',
        ExpressionAttributeNames: { '#operation': 'operation' },
        ExpressionAttributeValues: { ':operation': { S: operation } },
        ConsistentRead: true,
      });
      for await (const page of pages) {
        for (const item of page) {
          const { token, answeredAt, buriedAt } = itemSchema.parse(unmarshall(item));
          if (answeredAt === null && buriedAt === null) tokens.push(token);
        }
      }
      return tokens;
    },
  };
}

/** Returns the digest that stands for a token in its table's key, in dead letters and in logs, where the token itself must not be. */
export function taskKeyOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
