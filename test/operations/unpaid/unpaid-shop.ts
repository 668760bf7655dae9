import { jest } from '@jest/globals';
import { cancelUnpaid } from '../../../functions/operations/unpaid/cancel-unpaid.ts';
import type { UnpaidRule } from '../../../functions/providers/connections.ts';
import type { SeenRequest } from '../../providers/fake-provider.ts';
import {
  startFakeNgorder,
  type FakeNgorder,
  type FakeOptions,
  type FakeOrder,
} from '../../providers/ngorder/fake-ngorder.ts';
import { accounts } from '../../support/accounts.ts';
import { handClock } from '../world.ts';

/** Ten in the morning in Jakarta. */
export const NOW = '2026-03-10T03:00:00.000Z';
const TIME_LEFT_MS = 290_000;

let shops = 0;

/** An order that the rule means unless `fields` change that: a week old, from the storefront, and not paid at all. */
export function unpaid(id: number, fields: Record<string, unknown> = {}, orderDate = '2026-03-03 10:00:00'): FakeOrder {
  return {
    id,
    list: 'ACTIVE',
    orderDate,
    fields: {
      payment_status: 'UNPAID',
      payment_date: null,
      total_amount: 100000,
      remaining_amount: 100000,
      order_progress_status: 'UNPAID',
      order_category: 'STORE_FRONT',
      cod_status: false,
      ...fields,
    },
  };
}

/** An ngorder shop over real HTTP with a rule for its unpaid orders, and the real ledger, on a clock that the test moves. */
export async function openUnpaidShop(
  dynamodb: Parameters<typeof accounts>[0],
  orders: FakeOrder[],
  { rule = {}, ...options }: FakeOptions & { rule?: Partial<UnpaidRule> } = {},
) {
  const name = `toko-${(shops += 1)}`;
  const clock = handClock(NOW);
  const fake: FakeNgorder = await startFakeNgorder(orders, options);
  const cancelUnpaidRule = { olderThanHours: 48, origins: ['STORE_FRONT', 'SF_GUEST'], dryRun: false, ...rule };
  const account = accounts(dynamodb, { [name]: { provider: 'ngorder', fake, cancelUnpaid: cancelUnpaidRule } }, clock);
  const log = { info: jest.fn(), warn: jest.fn(), error: jest.fn() };
  const needs = { ...account.needs, log };
  const declared = account.connections.get(name).cancelUnpaid;
  if (declared === undefined) throw new Error('The rule was not declared.');
  return {
    name,
    fake,
    clock,
    log,
    needs,
    credentials: account.credentials,
    connections: account.connections,
    run: (remainingMs: () => number = () => TIME_LEFT_MS) => cancelUnpaid(name, declared, needs, remainingMs),
    /** The ids of the orders that ngorder was asked to change, in sequence. */
    asked: () => fake.seen.filter(({ method }) => method !== 'GET').map(({ body }) => idIn(body)),
    operation: async (orderId: string) => (await needs.ledger.find(name, orderId))?.current ?? null,
  };
}

/** Returns the order id of a request that reads one order; null for any other request. */
export function orderRead({ method, path, query }: SeenRequest): number | null {
  const isOfOne = method === 'GET' && path.endsWith('/order') && query.get('type') === 'ORDER_ID';
  return isOfOne ? Number(query.get('keyword')) : null;
}

function idIn(body: string): number {
  return Number((JSON.parse(body) as { id?: unknown }).id);
}
