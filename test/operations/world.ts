import { jest } from '@jest/globals';
import { newStillMeant } from '../../functions/operations/unpaid/vetoes.ts';
import type { OperationNeeds } from '../../functions/operations/needs.ts';
import { createAccounts, openChecked } from '../../functions/operations/accounts.ts';
import { createConnectionHealth } from '../../functions/operations/connection-health.ts';
import { createLedger } from '../../functions/operations/ledger/ledger.ts';
import type { Operation } from '../../functions/operations/rules/operation.ts';
import type { Command } from '../../functions/operations/perform.ts';
import type { CancelledOrder } from '../../functions/providers/cancelled-order.ts';
import type { AccountIdentity, OpenConnection } from '../../functions/providers/connections.ts';
import { UnknownConnection } from '../../functions/providers/errors.ts';
import {
  NOT_OFFERED,
  type CancelReply,
  type DeleteReply,
  type LookUpReply,
  type OrderFacts,
  type OriginalReply,
  type Provider,
  type RestoreReply,
} from '../../functions/providers/provider.ts';
import { PROVIDERS } from '../../functions/providers/registry.ts';
import type { Clock } from '../../functions/runtime/clock.ts';
import { redact } from '../../functions/runtime/redact.ts';
import type { TestDynamoDB } from '../support/dynamodb.ts';

/** A clock that a test moves by hand. Sleeping moves it too. */
export function handClock(startAt = '2026-03-01T12:00:00.000Z'): Clock & { advance(ms: number): void } {
  let now = Date.parse(startAt);
  return {
    now: () => now,
    sleep: (ms) => {
      now += ms;
      return Promise.resolve();
    },
    random: () => 0.5,
    advance: (ms) => {
      now += ms;
    },
  };
}

export const facts = (status: string, personalData: string[] = []): OrderFacts => ({
  status,
  warnings: [],
  total: null,
  personalData,
});
const AT = '2026-03-01T12:00:00.000Z';
/** The members that operations of every state have, for a cancel. */
export const OPENED = {
  connection: 'loja-rio',
  provider: 'estoka',
  account: null,
  orderId: '340',
  number: 1,
  kind: 'cancel' as const,
  reason: null,
  note: null,
  actor: null,
  trigger: 'http' as const,
  requestedAt: AT,
  attempts: 1,
  detail: 'timed_out',
  words: null,
  timeline: [],
  version: 1,
  owner: 'o',
  historyMark: null,
  lastConfirmed: null,
  snapshot: null,
};
export const PENDING: Operation & { state: 'pending' } = {
  ...OPENED,
  state: 'pending',
  dueAt: AT,
  leaseUntil: null,
  askReach: 'sent',
  askedAt: AT,
  lastAskEndedAt: AT,
  looksSinceAsk: 0,
};
export const CONFIRMED: Operation & { state: 'confirmed' } = {
  ...OPENED,
  state: 'confirmed',
  detail: 'cancelled',
  settledAt: AT,
  evidence: { source: 'reply', status: 'cancelled', at: AT },
  mayActUntil: null,
};

/** An order as a provider lists it. */
export const shownOrder = (changes: Partial<CancelledOrder> = {}): CancelledOrder => ({
  connection: 'loja-rio',
  provider: 'estoka',
  orderId: '1',
  number: '10735',
  type: 'cancelled',
  orderedAt: '2026-02-01T12:00:00.000Z',
  cancelledAt: null,
  createdAt: null,
  updatedAt: '2026-02-02T12:00:00.000Z',
  total: { amount: 62.5, currency: 'BRL' },
  paymentStatus: 'PAID',
  items: [{ sku: 'A', name: 'Shirt for ana@example.com', quantity: 1, unitPrice: 62.5 }],
  source: 'provider',
  ...changes,
});
export const ACTIVE: LookUpReply = { kind: 'not_cancelled', order: facts('billing'), refusal: null, historyMark: null };
export const CANCELLED: LookUpReply = { kind: 'cancelled', order: facts('cancelled') };
export const DONE: CancelReply = { kind: 'cancelled', status: 'cancelled' };
export const RESTORED: RestoreReply = { kind: 'restored', status: 'success' };
export const DELETED: DeleteReply = { kind: 'deleted', status: 'success' };
export const TIMED_OUT = { kind: 'lost', problem: 'timed_out' } as const;

/**
 * Everything that operations need, over the embedded DynamoDB, with a provider whose replies the test writes. The wire formats are not
 * tested here but in test/providers.
 */
export function world(
  dynamodb: Pick<TestDynamoDB, 'client' | 'tables'>,
  options: { quietPeriodMs?: number; clockSkewMs?: number } = {},
) {
  const clock = handClock();
  const cancel = jest.fn<(orderId: string) => Promise<CancelReply>>(() => Promise.resolve(DONE));
  const lookUp = jest.fn<(query: { orderId: string }) => Promise<LookUpReply>>(() => Promise.resolve(ACTIVE));
  const original = jest.fn<(orderId: string) => Promise<OriginalReply>>(() => Promise.resolve({ kind: 'absent' }));
  const restore = jest.fn<(orderId: string) => Promise<RestoreReply>>(() => Promise.resolve(RESTORED));
  const remove = jest.fn<(orderId: string) => Promise<DeleteReply>>(() => Promise.resolve(DELETED));
  const lookUpQueries: unknown[] = [];
  const lookUpLimits: unknown[] = [];
  const credentials = new Map<string, string>();
  const logged: { level: string; code: string; fields: unknown }[] = [];
  const log = (level: string) => (code: string, fields?: unknown) => {
    logged.push({ level, code, fields });
  };
  const provider: Provider | undefined = PROVIDERS.get('estoka');
  if (provider === undefined) throw new Error('The registry has no estoka.');
  let owners = 0;
  const open = (name: string): OpenConnection => ({
    name,
    provider,
    quietPeriodMs: options.quietPeriodMs ?? 60_000,
    timeoutMs: 5_000,
    timeZone: 'America/Sao_Paulo',
    credentialDigest: `digest of ${credentials.get(name) ?? 'the first credential'}`,
    account: accountOf(name),
    client: {
      cancel: (orderId) => cancel(orderId),
      lookUp: (query, call) => {
        lookUpQueries.push(query);
        lookUpLimits.push(call);
        return lookUp(query);
      },
      original: (orderId) => original(orderId),
      originalPage: NOT_OFFERED,
      restore: { offered: true, call: (orderId) => restore(orderId) },
      delete: { offered: true, call: (orderId) => remove(orderId) },
      listCancelled: NOT_OFFERED,
      unpaidOrders: NOT_OFFERED,
    },
  });
  const logger = { info: log('info'), warn: log('warn'), error: log('error') };
  const accounts = createAccounts({
    dynamodb: dynamodb.client,
    table: dynamodb.tables.connectionHealth,
    clock,
    log: logger,
    declared: accountOf,
    isDeclared: () => true,
  });
  const needs: OperationNeeds = {
    accounts,
    ledger: createLedger({ dynamodb: dynamodb.client, tables: dynamodb.tables, clock }),
    health: createConnectionHealth({ dynamodb: dynamodb.client, table: dynamodb.tables.connectionHealth, clock }),
    openConnection: openChecked(
      (name) => (name === 'nowhere' ? Promise.reject(new UnknownConnection(name)) : Promise.resolve(open(name))),
      accounts,
    ),
    clock,
    newOwner: () => `owner-${(owners += 1)}`,
    redact,
    log: logger,
    clockSkewMs: options.clockSkewMs ?? 0,
    stillMeant: newStillMeant(clock),
  };
  return {
    needs,
    clock,
    cancel,
    restore,
    remove,
    lookUp,
    original,
    lookUpQueries,
    lookUpLimits,
    credentials,
    logged,
    open,
  };
}

/** Every name has an account of its own. */
const accountOf = (name: string): AccountIdentity => {
  const place = `estoka estoka.example/${name}`;
  return { place, formerPlaces: [], marks: [place] };
};

let orders = 0;

/** A cancel of an order that no other test uses. */
export function cancelCommand(
  changes: Partial<Omit<Command, 'kind' | 'tombstone'>> = {},
): Command & { kind: 'cancel' } {
  orders += 1;
  return {
    connection: 'loja-rio',
    provider: 'estoka',
    orderId: String(orders),
    kind: 'cancel',
    reason: null,
    note: null,
    actor: null,
    trigger: 'http',
    idempotency: null,
    ...changes,
  };
}

/** The remaining time of a function that has `ms` milliseconds left now, on the world's clock. */
export function timeLeft(clock: Clock, ms = 29_000): () => number {
  const end = clock.now() + ms;
  return () => end - clock.now();
}
