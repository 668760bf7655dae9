import { BatchWriteItemCommand } from '@aws-sdk/client-dynamodb';
import { currentItem } from '../../functions/operations/ledger-item.ts';
import type { OpenOperation } from '../../functions/operations/operation.ts';
import type { TestDynamoDB } from '../support/dynamodb.ts';
import { cancelCommand } from './world.ts';

/** How it stands with what is filled in; never sent, where nothing is said. */
export interface Filling {
  readonly state?: 'pending' | 'unknown';
  readonly detail?: string;
  readonly reach?: OpenOperation['reach'];
}

/**
 * Writes that many open operations straight into the ledger, one second after the other, the oldest first; their order ids in
 * that order.
 */
export async function fillLedger(
  dynamodb: TestDynamoDB,
  now: number,
  connection: string,
  count: number,
  how: Filling = {},
): Promise<string[]> {
  const orderIds = Array.from({ length: count }, () => cancelCommand().orderId);
  const puts = orderIds.map((orderId, index) => {
    const at = new Date(now - (count - index) * 1_000).toISOString();
    const operation: OpenOperation = {
      state: 'pending',
      connection,
      provider: 'estoka',
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
      mark: null,
      dueAt: at,
      leaseUntil: null,
      reach: 'not_sent',
      askedAt: at,
      lastAskEndedAt: at,
      looks: 0,
    };
    return { PutRequest: { Item: currentItem({ ...operation, ...how }) } };
  });
  const batches = Array.from({ length: Math.ceil(puts.length / 25) }, (_, index) =>
    puts.slice(index * 25, index * 25 + 25),
  );
  for (const batch of batches) {
    await dynamodb.client.send(new BatchWriteItemCommand({ RequestItems: { [dynamodb.tables.ledger]: batch } }));
  }
  return orderIds;
}
