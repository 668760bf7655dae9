import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import type { CancelReply } from '../../functions/providers/provider.ts';
import type { Container } from './container.ts';
import type { Shown } from './history.ts';
import type { CallerPlan } from './plan.ts';
import type { Way } from './way.ts';

/**
 * The same cancel, guarded by `@aws-lambda-powertools/idempotency` as its documentation shows: the order is the key, the table is in
 * the same DynamoDB, the provider is asked through the same client, and what failed is thrown, so that the caller asks again.
 * `looksFirst`: beyond the documentation, the order is read before it is cancelled, and left alone where that shows it cancelled.
 */
export function powertools({ looksFirst }: { looksFirst: boolean }): Way {
  const handlers = new WeakMap<Container, Handler>();
  return {
    hasSettler: false,
    tables: { [TABLE]: { hash: 'id' } },
    // The library reads the time from `Date.now`, so that is the virtual one meanwhile.
    begin(now) {
      const real = Date.now;
      Date.now = () => Math.floor(now());
      return () => {
        Date.now = real;
      };
    },
    async ask(caller, container, remainingMs) {
      const handler = handlers.get(container) ?? handlerIn(container, looksFirst);
      handlers.set(container, handler);
      const { connection, orderId } = caller.order;
      const outcome = await handler({ connection, orderId }, contextOf(remainingMs));
      return { operation: shown(caller, outcome), replayed: false };
    },
  };
}

const TABLE = 'Idempotency';
/** Its default is an hour; ours are kept as long. */
const expiresAfterSeconds = 14 * 24 * 3_600;
/** Kept back for the write that follows a call. */
const WRITE_MS = 1_000;

type Handler = (event: Order, context: Context) => Promise<Outcome>;
type Outcome = 'cancelled' | 'accepted' | 'refused' | 'order_not_found';
interface Order {
  connection: string;
  orderId: string;
}
interface Context {
  getRemainingTimeInMillis(): number;
}

function handlerIn(container: Container, looksFirst: boolean): Handler {
  const persistenceStore = new DynamoDBPersistenceLayer({ tableName: TABLE, awsSdkV3Client: container.dynamodb });
  const cancel = async ({ connection, orderId }: Order, context: Context): Promise<Outcome> => {
    const { client, timeoutMs } = await container.needs.openConnection(connection);
    const limits = () => ({ timeoutMs: Math.min(timeoutMs, context.getRemainingTimeInMillis() - WRITE_MS) });
    if (looksFirst) {
      const seen = await client.lookUp({ orderId, askedAt: container.clock.now(), historyMark: null }, limits());
      if (seen.kind === 'cancelled') return 'cancelled';
      if (seen.kind === 'deciding') return 'accepted';
    }
    return outcomeOf(await client.cancel(orderId, limits()));
  };
  return makeIdempotent(cancel, { persistenceStore, config: new IdempotencyConfig({ expiresAfterSeconds }) });
}

function outcomeOf(reply: CancelReply): Outcome {
  switch (reply.kind) {
    case 'cancelled':
    case 'accepted':
    case 'refused':
    case 'order_not_found':
      return reply.kind;
    case 'credential_rejected':
    case 'rate_limited':
    case 'not_sent':
    case 'lost':
      throw new Error(`The provider was not asked, or its answer got lost: ${reply.kind}`);
  }
}

function contextOf(remainingMs: () => number): Context {
  return { getRemainingTimeInMillis: remainingMs };
}

function shown({ order }: CallerPlan, outcome: Outcome): Shown {
  const id = `${order.connection}:${order.orderId}:1`;
  return { id, outcome, detail: outcome, final: true, attempts: 1, timeline: [] };
}
