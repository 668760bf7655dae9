import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { currentItem } from '../../../functions/operations/ledger/items.ts';
import type { OpenOperation } from '../../../functions/operations/rules/operation.ts';
import type { TestDynamoDB } from '../../support/dynamodb.ts';
import { cancelCommand } from '../world.ts';

/** The state of the operations that are filled in. By default their asks were never sent. */
export interface Filling {
  readonly state?: 'pending' | 'unknown';
  readonly detail?: string;
  readonly askReach?: OpenOperation['askReach'];
}

/**
 * Writes `count` open operations straight into the ledger, each requested a second after the one before. Returns their order ids, the
 * oldest first.
 */
export async function fillLedger(
  dynamodb: Pick<TestDynamoDB, 'client' | 'tables'>,
  now: number,
  connection: string,
  count: number,
  how: Filling = {},
): Promise<string[]> {
  const orderIds = Array.from({ length: count }, () => cancelCommand().orderId);
  const items = orderIds.map((orderId, index) => {
    const at = new Date(now - (count - index) * 1_000).toISOString();
    const operation: OpenOperation = {
      state: 'pending',
      connection,
      provider: 'estoka',
      account: null,
      orderId,
      number: 1,
      kind: 'cancel',
      reason: null,
      note: null,
      actor: null,
      trigger: 'http',
      requestedAt: at,
      attempts: 1,
      detail: 'provider_unreachable',
      words: null,
      timeline: [{ at, event: 'requested' }],
      version: 2,
      owner: `filler ${orderId}`,
      historyMark: null,
      lastConfirmed: null,
      snapshot: null,
      dueAt: at,
      leaseUntil: null,
      askReach: 'not_sent',
      askedAt: at,
      lastAskEndedAt: at,
      looksSinceAsk: 0,
    };
    return currentItem({ ...operation, ...how });
  });
  await Promise.all(
    items.map((Item) => dynamodb.client.send(new PutItemCommand({ TableName: dynamodb.tables.ledger, Item }))),
  );
  return orderIds;
}
