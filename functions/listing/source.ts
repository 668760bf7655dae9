import type { ListedPlace } from '../operations/ledger/cancelled.ts';
import type { Ledger } from '../operations/ledger/ledger.ts';
import type { CancelledOrder, CancelledOrderType } from '../providers/cancelled-order.ts';
import type { ListedOrder, ProviderClient, WindowReply } from '../providers/provider.ts';
import type { CallFailure } from '../providers/call-failure.ts';
import type { Entry } from './entry.ts';
import { orderAsShown } from '../operations/rules/struck-order.ts';

/** A list of entries, read backwards in time, window by window. */
export interface Source {
  readonly connection: string;
  /** Reads the next window. Each begins where the one before ended. */
  next(timeoutMs: number): Promise<Window | CallFailure>;
}

export interface Window {
  readonly kind: 'window';
  readonly entries: readonly Entry[];
  /** Every entry from this moment on has been returned (RFC 3339 UTC with milliseconds); null if there are no more. */
  readonly downTo: string | null;
  readonly pages: number;
  readonly stoodStill: boolean;
  /** Whether orders were skipped because their ledger items cannot be read. */
  readonly hasUnreadable?: boolean;
}

/** The span that a source reads, in epoch milliseconds, both ends inclusive. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export type ListCancelled = Extract<ProviderClient['listCancelled'], { offered: true }>['call'];

/**
 * Returns a provider's own list of one type. If the provider does not show when an order was cancelled, the time is taken from the
 * ledger.
 */
export function providerSource(
  connection: string,
  listCancelled: ListCancelled,
  query: Span & { type: CancelledOrderType; includeCustomer: boolean },
  { ledger, redact }: { ledger: Pick<Ledger, 'cancelTimes'>; redact: (text: string) => string },
): Source {
  let { to } = query;
  return {
    connection,
    async next(timeoutMs) {
      const reply: WindowReply = await listCancelled({ type: query.type, from: query.from, to }, { timeoutMs });
      if (reply.kind !== 'window') return reply;
      to = reply.from - 1;
      const ids = reply.orders.filter(({ order }) => order.cancelledAt === null).map(({ order }) => order.orderId);
      const times = query.type === 'cancelled' ? await ledger.cancelTimes(connection, ids) : new Map<string, string>();
      return {
        kind: 'window',
        entries: reply.orders.map((listed) => {
          const timed = withTime(listed, times);
          return entryOf(timed, orderAsShown(timed, query.includeCustomer, redact));
        }),
        downTo: to < query.from ? null : iso(reply.from),
        pages: reply.pages,
        stoodStill: reply.stoodStill,
      };
    },
  };
}

const READ_AT_ONCE = 100;

/** Returns the ledger's list of a connection whose provider has none: the confirmed cancels, with their orders as they were then. */
export function ledgerSource(connection: { name: string }, span: Span, ledger: Pick<Ledger, 'listCancelled'>): Source {
  const { name } = connection;
  let after: ListedPlace | null = null;
  return {
    connection: name,
    async next() {
      const query = { connection: name, from: iso(span.from), to: iso(span.to), limit: READ_AT_ONCE, after };
      const { cancels, next, unreadable } = await ledger.listCancelled(query);
      after = next;
      return {
        kind: 'window',
        entries: cancels.map(({ listedAt, operation }) => ({
          place: { at: listedAt, connection: name, orderId: operation.orderId },
          order: orderOf(operation),
        })),
        // The next cancel may be from the same moment.
        downTo: next === null ? null : iso(Date.parse(next.listedAt) + 1),
        pages: 1,
        stoodStill: true,
        hasUnreadable: unreadable.length > 0,
      };
    },
  };
}

type Cancel = Awaited<ReturnType<Ledger['listCancelled']>>['cancels'][number]['operation'];

function orderOf({ connection, provider, orderId, snapshot, detail, settledAt }: Cancel): CancelledOrder {
  return {
    connection,
    provider,
    orderId,
    number: snapshot?.number ?? null,
    type: 'cancelled',
    orderedAt: snapshot?.orderedAt ?? null,
    cancelledAt: snapshot?.cancelledAt ?? (detail === 'cancelled' ? settledAt : null),
    createdAt: snapshot?.createdAt ?? null,
    updatedAt: snapshot?.updatedAt ?? null,
    total: snapshot?.total ?? null,
    paymentStatus: snapshot?.paymentStatus ?? null,
    items: snapshot?.items ?? null,
    source: 'ledger',
    ...(snapshot?.unread && { unread: snapshot.unread }),
  };
}

function withTime(listed: ListedOrder, times: ReadonlyMap<string, string>): ListedOrder {
  const { order } = listed;
  return { ...listed, order: { ...order, cancelledAt: order.cancelledAt ?? times.get(order.orderId) ?? null } };
}

/** A row without a date comes last. */
const NEVER = '1970-01-01T00:00:00.000Z';

function entryOf({ orderedAbout }: ListedOrder, order: CancelledOrder): Entry {
  const { connection, orderId, orderedAt, createdAt } = order;
  return { place: { at: orderedAt ?? orderedAbout ?? createdAt ?? NEVER, connection, orderId }, order };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
