import type { Clock } from '../../functions/runtime/clock.ts';
import type { TestDynamoDB } from '../support/dynamodb.ts';
import { fillLedger } from './ledger/fill-ledger.ts';
import { world } from './world.ts';

let shops = 0;
export const newShop = () => `shop-${(shops += 1)}`;

/** A world in which each connection has the given number of operations, all `unknown` and due. */
export async function backlogIn(dynamodb: Pick<TestDynamoDB, 'client' | 'tables'>, sizes: Record<string, number>) {
  const it = world(dynamodb, { quietPeriodMs: 60_000 });
  const orderIds: string[] = [];
  for (const [connection, size] of Object.entries(sizes)) {
    const how = { state: 'unknown', detail: 'timed_out', askReach: 'sent' } as const;
    orderIds.push(...(await fillLedger(dynamodb, it.clock.now(), connection, size, how)));
  }
  const states = async (connection: string) =>
    Promise.all(orderIds.map((orderId) => it.needs.ledger.find(connection, orderId))).then((found) =>
      found.flatMap((order) => (order === null ? [] : [order.current.state])),
    );
  return { ...it, orderIds, states };
}

/** The report of a run that had nothing to do. */
export const NOTHING = { settled: 0, open: 0, takenByAnother: 0, failed: 0, unreadable: 0, halted: {} };

/** Calls `tell` before every sleep of a clock. */
export function tellingSleeps(clock: Clock, tell: (ms: number) => void): void {
  const sleep = clock.sleep.bind(clock);
  clock.sleep = (ms) => {
    tell(ms);
    return sleep(ms);
  };
}
